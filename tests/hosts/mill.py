"""A graph of slow steps: pieces that many can make at once, and the whole of them.

Where each is made, and when, is noted in a file that all hosts share past the network. A piece
waits while a file of its name says so, so that a test meets its maker in the middle.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import luigi

from hn_luigi.assets import Asset

NOTES = Path(os.environ.get("MILL_NOTES", os.devnull))
SECONDS = float(os.environ.get("MILL_SECONDS", "0"))


class Piece(Asset):
    number = luigi.IntParameter()
    lot = luigi.IntParameter(0)
    suffix = ".json"
    window_length = None

    def compute(self):
        name = f"piece-{self.number}"
        note("began", name + of(self.lot))
        time.sleep(SECONDS)
        while NOTES.with_name(f"hold-{self.number}").exists():
            time.sleep(0.01)
        note("ended", name + of(self.lot))
        return {"number": self.number}


class Whole(Asset):
    pieces = luigi.IntParameter()
    lot = luigi.IntParameter(0)
    suffix = ".json"
    window_length = None

    def requires(self):
        return [Piece(number=number, lot=self.lot) for number in range(self.pieces)]

    def compute(self, *pieces):
        note("began", "whole" + of(self.lot))
        note("ended", "whole" + of(self.lot))
        return {"sum": sum(piece["number"] for piece in pieces)}


def of(lot):
    """What names of a later lot end with."""
    return f"-of-{lot}" if lot else ""


def note(what, name):
    """One write of a line, which the kernel appends whole."""
    line = f"{what} {name} {os.environ.get('MILL_HOST', '-')} {os.getpid()} {time.monotonic()}\n"
    file = os.open(NOTES, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        os.write(file, line.encode())
    finally:
        os.close(file)
