"""What earlier versions called a setting is understood, and said once a process."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from .limits import patience

CONFIGURATION = "[assets]\nfeeds = top, show\n"
WATCH = "watch =\n    hn_luigi Wordcloud\n    hn_luigi Wordcloud --feed show\n"


@pytest.fixture
def hn_luigi(tmp_path):
    """Runs ``hn-luigi`` in a folder whose configuration has feeds."""
    (tmp_path / "luigi.cfg").write_text(CONFIGURATION)
    (tmp_path / "data").mkdir()

    def run(*words):
        line = [sys.executable, "-m", "hn_luigi.cli", *words]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("LUIGI")}
        return subprocess.run(
            line, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=patience()
        )

    return run


def test_feeds_are_watched_and_their_new_name_is_said_once(hn_luigi):
    ended = hn_luigi("status")
    assert ended.returncode == 0
    assert "show/wordcloud" in ended.stdout
    assert ended.stderr == f"[assets] feeds is now [assets] watch. Replace it by:\n{WATCH}"


@pytest.mark.parametrize("line", ["metrics", "freshness", "verify", "prune --keep 30d"])
def test_cron_doesn_t_mail_it_at_each_run(hn_luigi, line):
    assert hn_luigi(*line.split()).stderr == ""
