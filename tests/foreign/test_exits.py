"""A class of a user's that ends the process where it is asked something: it ends no more than that.

``sys.exit()`` raises SystemExit, which is no Exception; its code would be taken for an answer.
"""

from __future__ import annotations

import pytest

from hn_luigi.assets.operations import SettingError
from hn_luigi.watchlist import watched

CLASSES = """
import sys
import luigi
from hn_luigi.assets import Asset

class Quits(Asset):
    suffix = ".txt"

    def compute(self):
        return "x"

class InRequires(Quits):
    def requires(self):
        sys.exit()

class InSettings(Quits):
    def settings(self):
        sys.exit()

class InInit(Quits):
    def __init__(self, *args, **kwargs):
        sys.exit()
"""
ASKED = {
    "InRequires": ("status", "freshness", "metrics", "check {}", "explain {}", "prune --keep 1d"),
    "InSettings": ("status", "metrics", "explain {}"),
    "InInit": ("status", "freshness"),
}


@pytest.fixture
def quits(tmp_path, monkeypatch, settings):
    """Has a class that ends the process be watched, where the root is there."""
    (tmp_path / "quits.py").write_text(CLASSES)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "data").mkdir(exist_ok=True)
    settings("storage", root=tmp_path / "data")
    return lambda name: settings("assets", watch=f"quits {name}")


def test_the_watch_list_refuses_it_in_a_line(quits):
    quits("InRequires")
    with pytest.raises(SettingError, match="SystemExit"):
        watched()


@pytest.mark.parametrize(("name", "command"), [(n, c) for n in ASKED for c in ASKED[n]])
def test_no_command_takes_its_code_for_an_answer(quits, say, name, command):
    quits(name)
    said = say(*command.format(name).split())
    assert said.code == 2
    assert "SystemExit" in said.err
