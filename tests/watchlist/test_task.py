"""``Watched`` makes all that is watched in one run, of windows that are decided once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from luigi.execution_summary import LuigiStatusCode

from hn_luigi import Wordcloud
from hn_luigi.assets.operations import SettingError
from hn_luigi.watchlist import Watched

from ..limits import patience


def test_a_run_of_it_makes_all_that_is_watched(shops, settings, build, replica, clock):
    settings("assets", watch="hn_luigi Wordcloud\nshops Total --city Rome")
    build(Watched())
    assert Wordcloud().output().exists()
    assert Watched().complete()


def test_a_window_that_begins_meanwhile_is_the_next_runs(clock, build, replica, monkeypatch):
    """Also of what a day is made from."""
    made = Wordcloud.compute

    def slow(self, *inputs):
        clock.advance(minutes=10)
        return made(self, *inputs)

    monkeypatch.setattr(Wordcloud, "compute", slow)
    assert build(Watched()).status is LuigiStatusCode.SUCCESS
    assert not Watched().complete()


MOODY = """
from hn_luigi.assets import Asset

IS_BROKEN = []

class Moody(Asset):
    suffix = ".json"

    def requires(self):
        return [1 / 0 for _ in IS_BROKEN]

    def compute(self):
        return {}
"""


def test_a_graph_that_can_t_be_asked_keeps_no_other_from_being_made(shops, settings, build, clock):
    (shops / "moody.py").write_text(MOODY)
    settings("assets", watch="moody Moody\nshops Names")
    names = Watched().requires()[1]
    build(Watched())
    Path(names.output().path).unlink()
    sys.modules["moody"].IS_BROKEN.append(True)
    assert build(Watched()).status is LuigiStatusCode.SCHEDULING_FAILED
    assert names.output().exists()


def test_a_bad_watch_list_is_refused_before_anything_runs(settings):
    settings("assets", watch="nowhere Total")
    with pytest.raises(SettingError, match="there is no module nowhere"):
        Watched()


@pytest.mark.parametrize(
    ("setting", "value", "told"),
    [
        ("assets-watch", "nowhere Total", "[assets] watch: 'nowhere Total': there is no module"),
        ("storage-root", "shops.py", "can't read shops.py/_layout.json: Not a directory"),
    ],
)
def test_on_a_command_line_that_is_a_line_and_exit_code_2(shops, setting, value, told):
    line = [sys.executable, "-m", "luigi", "--module", "hn_luigi.watchlist", "Watched"]
    flags = ["--local-scheduler", f"--{setting}", value]
    ended = subprocess.run([*line, *flags], capture_output=True, text=True, timeout=patience())
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1), ended.stderr
    assert ended.stderr.startswith(f"luigi: {told}")
