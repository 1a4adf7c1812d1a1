"""A root with the page of an hour ago, runs on it, and what has to hold after each fault."""

from __future__ import annotations

import io
import json
import os
import shutil
import time
from datetime import datetime, timedelta

import pyarrow.parquet as pq

from hn_luigi.assets import window
from hn_luigi.assets.catalog.partition import data_version_of
from hn_luigi.assets.window_length import of_minutes

from ..limits import scaled
from ..processes import CONFIGURATION
from ..whole_page import is_whole_page

AN_HOUR_AGO = datetime(2026, 11, 22, 11, 34, 56)
NOW = AN_HOUR_AGO + timedelta(hours=1)
LATEST = "top/wordcloud/latest.md"

IN_ITS_TIME = """
import time
from datetime import datetime
from types import SimpleNamespace
from hn_luigi.assets import window
from hn_luigi.assets.window_length import of_minutes
from hn_luigi.assets.execution import attempt

def now(zone=None):
    with open("clock") as ahead:
        return datetime.fromtimestamp(time.time() + float(ahead.read()), zone)

window.datetime = SimpleNamespace(
    now=now, fromisoformat=datetime.fromisoformat, strptime=datetime.strptime
)
attempt.sleep = lambda seconds: None
"""
STRUCK = """
import os, shutil, signal, sys
touches = os.open("touches", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
counted = 0

def count(event, details):
    global counted
    if event in ("os.mkdir", "os.rename", "os.remove", "os.truncate", "fcntl.flock") or (
        event == "open" and str(details[0]).startswith(root)
    ):
        counted += 1
        os.write(touches, b".")
        if counted == moment or (event == "os.rename" and details[1] == moment):
            exec(blow)

sys.addaudithook(count)
"""
VERIFY = "from hn_luigi.cli import main\nmain(['verify'])"
PATIENCE = """
backoff = 0.01
read_timeout = {read_timeout}
attempts = {attempts}
[storage]
root = {root}
"""


def configuration(api, root, read_timeout=10, attempts=4):
    """What ``luigi.cfg`` says; the last section of the common one is ``[hackernews]``."""
    return CONFIGURATION.format(api=api.base_url) + PATIENCE.format(
        root=root, read_timeout=read_timeout, attempts=attempts
    )


def to_be_held():
    """The options of a run that is held in its fetch: it asks again soon, until it is let go."""
    return {"read_timeout": scaled(0.5), "attempts": 20}


class Pipeline:
    """One root, and the runs on it, which live by a clock of their own."""

    def __init__(self, machine, root, *, made=None, at=NOW):
        self.machine, self.root = machine, root
        if made is not None:
            shutil.copytree(made, root, dirs_exist_ok=True)
        self.before = self.contents()
        self.set_clock(at)

    def set_clock(self, moment):
        """It goes on from ``moment``, UTC, for the runs to come and those under way."""
        ahead = (moment - datetime(1970, 1, 1)).total_seconds() - time.time()
        staged = self.machine.folder / "clock.new"
        staged.write_text(str(ahead))
        os.replace(staged, self.machine.folder / "clock")

    @property
    def window(self):
        """The name of the present window."""
        ahead = float((self.machine.folder / "clock").read_text())
        now = datetime(1970, 1, 1) + timedelta(seconds=time.time() + ahead)
        return window.name(of_minutes(10).floor(now))

    def run(self, *flags, before=""):
        return self.machine.luigi(*flags, before=IN_ITS_TIME + before)

    def contents(self):
        """The bytes of all outputs and records."""
        return {
            str(path.relative_to(self.root)): path.read_bytes()
            for path in self.root.rglob("[!.]*")
            if path.is_file() and path.parts[len(self.root.parts)] != "_locks"
        }

    def pages(self):
        """The pages, by window."""
        return {
            name.rpartition("/")[2].removesuffix(".md"): data
            for name, data in self.contents().items()
            if name.endswith(".md")
        }

    def survived(self, *flags):
        """Nothing is lost or torn; the next run puts all right, and says so."""
        self.keeps_what_it_had()
        run = self.run(*flags)
        assert run.end() == 0, run.said
        pages = self.pages()
        assert pages["latest"] == pages[self.window], run.said
        assert self.stray() == []
        self.keeps_what_it_had()
        looked = self.machine.start(IN_ITS_TIME + VERIFY)
        assert looked.end() == 0, looked.said
        assert "match their records" in looked.said

    def keeps_what_it_had(self):
        """Each output is the old one or a whole new one, and so is what records claim."""
        found = self.contents()
        assert set(self.before) <= set(found)
        for name, data in found.items():
            assert data == self.before.get(name) or is_whole(name, data, found), name
        pages = self.pages()
        latest = pages.pop("latest", None)
        assert latest is None or latest in {*pages.values(), self.before.get(LATEST)}

    def stray(self):
        """Temporary files, below the root and in the folder for such."""
        return [*self.root.rglob(".*"), *self.machine.folder.joinpath("tmp").rglob(".*.tmp")]


def is_whole(name, data, found):
    """Whether the bytes of a new file are all there; those of a record, with its output's."""
    if name.endswith(".md"):
        return is_whole_page(data)
    if name.endswith(".parquet"):
        return len(pq.read_table(io.BytesIO(data))) > 0
    value = json.loads(data)
    if not name.startswith("_records/"):
        return bool(value)
    key = name.removeprefix("_records/").removesuffix(".json")
    return value["data_version"] in {
        data_version_of(output)
        for other, output in found.items()
        if other.rpartition(".")[0] == key
    }


def killed_at(pipeline, moment):
    """Code by which a run is killed as it touches the root's file system for the nth time.

    Or as it puts the file whose path ``moment`` is in its place. It counts the touches.
    """
    return _struck_at(pipeline, moment, "os.kill(os.getpid(), signal.SIGKILL)")


def bereft_at(pipeline, moment):
    """The same of a run whose root is removed at that moment."""
    return _struck_at(pipeline, moment, "shutil.rmtree(root)")


def _struck_at(pipeline, moment, blow):
    return f"root, moment, blow = {str(pipeline.root)!r}, {moment!r}, {blow!r}\n{STRUCK}"
