"""A folder with two graphs that aren't ours, made twice by ``Watched``; one step of it fails."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from hn_luigi.cli import main
from hn_luigi.watchlist import watched

from ..processes import REPOSITORY, Forked, ended

HERE = Path(__file__).parent
QUAY = "Le Havre/quai 3, 100 %"
PIN = "4711-secret"
DUES = [
    "port.Dues",
    *("--quay", QUAY, "--limit", "5", "--since", "2026-11-01"),
    *("--rates", '{"small": 0.5, "big": [1, 2]}', "--flags", '["FR", "GB"]'),
    *("--json", "no option", "--pin", PIN),
]
WATCH = [
    f"harbour {' '.join(json.dumps(word) if ' ' not in word else repr(word) for word in DUES)}",
    "observatory Vault",
    "observatory Orbit",
]
CONFIGURATION = """
[core]
local_scheduler = true
no_lock = true

[retcode]
task_failed = 30
scheduling_error = 35
unhandled_exception = 40

[assets]
watch =
    {}
"""
AT = """
import datetime
from hn_luigi.assets import window
window.now = lambda: datetime.datetime(2026, 11, 22, 12, {}, 56)
"""
OURS = re.compile(
    r"\b(?:stor(?:y|ies)|story_ids|headlines?|words?|feeds?|wordcloud|hacker)\b", re.I
)
"""What nothing that is said of other graphs may speak of."""


class Said(NamedTuple):
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


def watch_lines(*lines):
    """``[assets] watch`` as a file of configuration has it."""
    return "\n    ".join(line.replace("%", "%%") for line in lines)


@pytest.fixture(scope="session")
def run_in(forkserver):
    """Runs a module of Python in a folder, at a minute of 12 o'clock if that is told."""

    def run(folder, *words, minute=None):
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
        before = "" if minute is None else AT.format(minute)
        argv = [sys.executable, "-m", *words]
        return ended(Forked(argv, cwd=folder, env=environment, before=before))

    return run


@pytest.fixture(scope="session")
def empty(tmp_path_factory):
    """The folder before anything was made in it."""
    folder = tmp_path_factory.mktemp("foreign")
    for name in ("harbour.py", "observatory.py"):
        shutil.copy(HERE / name, folder)
    (folder / "luigi.cfg").write_text(CONFIGURATION.format(watch_lines(*WATCH)))
    return folder


@pytest.fixture(scope="session")
def made_once(empty, run_in, tmp_path_factory):
    """What two runs of ``Watched`` leave, at 12:14 and 12:34."""
    folder = tmp_path_factory.mktemp("made") / "work"
    shutil.copytree(empty, folder)
    for minute in (14, 34):
        done = run_in(folder, "luigi", "--module", "hn_luigi.watchlist", "Watched", minute=minute)
        assert done.returncode == 30, done.stderr
        assert "1 failed" in done.stderr
    return folder


@pytest.fixture
def folder(made_once, tmp_path, monkeypatch):
    """The test's own copy of it, where it works."""
    folder = tmp_path / "work"
    shutil.copytree(made_once, folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def assets(folder, clock, settings, monkeypatch):
    """What is watched there, at 12:34:56, in this process; its modules leave it afterwards."""
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    settings("storage", root="data")
    settings("assets", watch=watch_lines(*WATCH))
    before = set(sys.modules)
    yield watched()
    for name in set(sys.modules) - before:
        if str(folder) in (getattr(sys.modules[name], "__file__", None) or ""):
            del sys.modules[name]


@pytest.fixture
def say(capsys):
    """Runs ``hn-luigi`` with these words."""

    def run(*words):
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(words)
        return Said(ended.value.code or 0, *capsys.readouterr())

    return run
