"""The runs of ``scripts/refresh`` in the folder that the server runs in, by its day's logs.

Its own lines begin with a date; before each line that a command printed is only the time, so that
none of these can pass for one of those.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from hn_luigi.line_times import WIDTH
from hn_luigi.web.kept_runs import LONGEST, open_own

FOLDER = "logs"
STARTED_BY = "scripts/refresh"
# A day of good runs takes 0.5 MB.
_MOST = 1 << 23
"""Bytes of a day's log that are looked at, its end."""
_NAME = re.compile(r"refresh-(\d{4}-\d\d-\d\d)\.log")
_DATE = rb"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC "
_BEGIN = re.compile(
    _DATE + rb"scripts/refresh begins(?:: run ([0-9a-f]{12}), process (\d{1,9}))?$", re.MULTILINE
)
_LUIGI_ENDED = re.compile(_DATE + rb"luigi exited with (\d{1,3}) after ", re.MULTILINE)
_NOTE = re.compile(_DATE, re.MULTILINE)
_LEFT_TO_ANOTHER = (10, 25)
"""Exit codes of the shipped luigi.cfg, as ``scripts/refresher/troubles.py`` has them."""


@dataclass(frozen=True)
class RefreshRun:
    """One run of ``scripts/refresh``."""

    id: str
    began: datetime
    ended: datetime | None
    """When luigi ended; None if it hasn't, or was never noted to."""
    code: int | None
    """Luigi's exit code."""
    is_under_way: bool
    log: bytes
    """Its part of the day's log."""

    @property
    def state(self) -> str:
        """``running``, ``done``, ``left to another run``, ``failed`` or ``broken off``."""
        if self.code is None:
            return "running" if self.is_under_way else "broken off"
        if self.code in _LEFT_TO_ANOTHER:
            return "left to another run"
        return "failed" if self.code else "done"

    @property
    def text(self) -> str:
        """The end of its part of the log."""
        return self.log[-LONGEST:].decode(errors="replace")

    def last_words(self) -> str:
        """How luigi ended, with the last line that it printed."""
        if self.code is None:
            return "" if self.is_under_way else "It was stopped or killed before luigi ended."
        if not self.code:
            return ""
        said, _, _ = self.log.partition(b" UTC luigi exited with ")
        lines = said.decode(errors="replace").splitlines()[1:-1]
        last = next((line[WIDTH:] for line in reversed(lines) if line[WIDTH:].strip()), "")
        return (
            f"luigi exited with {self.code}: {last}" if last else f"luigi exited with {self.code}"
        )


def refresh_runs(limit: int, before: datetime | None = None) -> tuple[list[RefreshRun], bool]:
    """The last ``limit`` runs that began ``before`` that time, newest first; no more days are read.

    Returns:
        They, and whether there are more.
    """
    runs = (run for run in _newest_first(before) if before is None or run.began < before)
    found = list(islice(runs, limit + 1))
    return found[:limit], len(found) > limit


def refresh_run(run_id: str) -> RefreshRun | None:
    """The run of that id, None if no log has it."""
    return next((run for run in _newest_first() if run.id == run_id), None)


def _newest_first(before: datetime | None = None) -> Iterator[RefreshRun]:
    last = "9999" if before is None else f"{before:%Y-%m-%d}"
    names: list[str] = []
    with suppress(OSError):
        names = sorted(filter(_NAME.fullmatch, os.listdir(FOLDER)), reverse=True)
    for name in names:
        if name > f"refresh-{last}.log":
            continue
        with suppress(OSError), closing(open_own(os.path.join(FOLDER, name))) as file:
            yield from reversed(_runs_in(file.end(_MOST)))


def _runs_in(data: bytes) -> list[RefreshRun]:
    """The runs that a day's log tells of, in their order."""
    begins = list(_BEGIN.finditer(data))
    ends = [*(begin.start() for begin in begins[1:]), len(data)]
    found = []
    for begin, end in zip(begins, ends, strict=True):
        run_id, process, began = begin[2], begin[3], _moment(begin[1])
        if run_id is None or began is None:  # of a version before runs had ids
            continue
        log = data[begin.start() : end]
        over = _LUIGI_ENDED.search(log)
        is_alive = end == len(data) and _is_alive(int(process))
        found.append(
            RefreshRun(
                run_id.decode(),
                began,
                _moment(over[1]) if over else _last_note(log, began),
                int(over[2]) if over else None,
                is_under_way=over is None and is_alive,
                log=log,
            )
        )
    return found


def _last_note(log: bytes, began: datetime) -> datetime | None:
    """When something was last noted after the begin, as that a signal ended it."""
    noted = [at for at in map(_moment, _NOTE.findall(log)) if at is not None]
    return noted[-1] if len(noted) > 1 and noted[-1] > began else None


def _moment(text: bytes) -> datetime | None:
    with suppress(ValueError):
        return datetime.fromisoformat(text.decode())
    return None


def _is_alive(process: int) -> bool:
    with suppress(OSError, OverflowError):
        os.kill(process, 0)
        return True
    return False
