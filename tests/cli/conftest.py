"""``hn-luigi`` as a user meets it, on a root with a small front page in it."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

import hn_luigi
from hn_luigi import Wordcloud
from hn_luigi.assets.operations import verify
from hn_luigi.cli import main
from hn_luigi.replica import Faults, FrontPage

ITEMS = [
    {"id": 1, "type": "story", "title": "Rust in space", "url": "https://a.example/", "score": 9},
    {"id": 2, "type": "story", "title": "Ask HN: Rust or Go?", "score": 5},
]
WINDOW = "2026-11-22T1230Z"


class Said(NamedTuple):
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def lines(self):
        return [line for line in self.out.splitlines() if line]

    @property
    def json(self):
        return json.loads(self.out)

    def row(self, start):
        """The cells of the line that begins with ``start``."""
        (line,) = [line for line in self.lines if line.startswith(start + "  ")]
        return re.split(r"\s{2,}", line)


@pytest.fixture
def root(tmp_path):
    """The test's own storage root, which is there: most commands refuse one that isn't."""
    root = tmp_path / "data"
    root.mkdir()
    return root


@pytest.fixture
def say(capsys):
    """Runs ``hn-luigi`` with the words of a line, or of a list."""

    def run(line):
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(line.split() if isinstance(line, str) else line)
        out, err = capsys.readouterr()
        return Said(ended.value.code or 0, out, err)

    return run


@pytest.fixture
def on_terminal(monkeypatch, say):
    """The lines of what a command says on a terminal of so many columns."""

    def run(line, width):
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.setenv("COLUMNS", str(width))
        return re.sub(r"\x1b\[[0-9;]*m", "", say(line).out).splitlines()

    return run


@pytest.fixture
def process(root, tmp_path):
    """The arguments of ``subprocess`` for ``hn-luigi`` as a process of its own."""

    def build(*words):
        repository = Path(hn_luigi.__file__).parents[1]
        return {
            "args": [sys.executable, "-m", "hn_luigi.cli", "--storage-root", str(root), *words],
            "cwd": tmp_path,
            "env": {**os.environ, "PYTHONPATH": str(repository), "PYTHONUNBUFFERED": ""},
        }

    return build


@pytest.fixture
def window():
    """The name of the window that the clock stands in at first."""
    return WINDOW


@pytest.fixture
def small(replica, settings, clock):
    """A front page of two stories, and a small picture of it, which is watched."""
    replica.front_page = FrontPage({item["id"]: item for item in ITEMS})
    settings("assets", watch="hn_luigi Wordcloud")
    settings("cloud", width=200, height=100)
    return replica


@pytest.fixture(scope="session")
def made_once(tmp_path_factory):
    """Where the first test that asks for ``made`` keeps what it has made."""
    return tmp_path_factory.mktemp("made") / "data"


@pytest.fixture
def made(small, succeed, made_once, root):
    """The word cloud is made for 12:30; a copy is as current, and takes a tenth of the time."""
    if made_once.exists():
        shutil.copytree(made_once, root, dirs_exist_ok=True)
    else:
        succeed(Wordcloud())
        shutil.copytree(root, made_once)
    return small


@pytest.fixture
def failed(made, clock, build):
    """After that, at 12:44, everything failed."""
    clock.advance(minutes=10)
    made.faults = Faults(rate=1, kinds=("5xx",))
    build(Wordcloud())


@pytest.fixture
def run(small, succeed, clock, settings):
    """Makes as many windows as it is told, from 12:30 on; then there is no API any more."""

    def make(windows=1, feed="top"):
        settings("hackernews", base_url=small.base_url)
        for i in range(windows):
            if i:
                clock.advance(minutes=10)
            succeed(Wordcloud(feed=feed))
        settings("hackernews", base_url="http://127.0.0.1:1/v0")

    return make


@pytest.fixture
def record_of(root):
    """Where the record of an asset's window is."""
    return lambda asset, window=WINDOW: root / f"_records/top/{asset}/{window}.json"


@pytest.fixture
def contents():
    """Reads all files below a folder."""
    return lambda folder: {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """``verify`` looks again at once at what looks wrong: nobody is publishing."""
    monkeypatch.setattr(verify, "sleep", lambda seconds: None)
