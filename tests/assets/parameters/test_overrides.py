"""What a command line sets holds in the processes that are begun from there, too."""

from __future__ import annotations

import os
import subprocess
import sys

from luigi.configuration import LuigiConfigParser

from hn_luigi.assets.parameters.overrides import inherit_overrides, override, overrides_for_child

CHILD = """
from hn_luigi.assets.operations import assets, inherit_overrides, storage
inherit_overrides()
print(storage().root, assets().watch, assets().window_minutes, sep=chr(10))
"""


def test_a_process_takes_them_over_and_the_rest_from_its_configuration(tmp_path):
    (tmp_path / "luigi.cfg").write_text("[storage]\nroot = mine\n[assets]\nwindow_minutes = 7\n")
    override("storage", "root", "100 % of it")
    override("assets", "watch", "hn_luigi Stories --feed show")
    environment = {**os.environ, **overrides_for_child()}
    environment.pop("LUIGI_CONFIG_PATH", None)
    child = [sys.executable, "-c", CHILD]
    done = subprocess.run(child, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.stdout.splitlines() == ["100 % of it", "hn_luigi Stories --feed show", "7"], (
        done.stderr
    )


def test_they_go_on_to_what_that_process_begins(monkeypatch):
    override("storage", "root", "100 % of it")
    told = overrides_for_child()
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(LuigiConfigParser, "_instance", LuigiConfigParser())  # as of a new process
    assert overrides_for_child() != told
    inherit_overrides()
    assert overrides_for_child() == told
