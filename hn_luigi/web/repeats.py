"""A log that doesn't repeat itself: what a client can have it say over and over is counted."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

MOST, SECONDS = 20, 60.0
"""Lines from one place in the code, and in how long: enough to see whom it is about, and no more
than 30,000 a day."""
_LOGGERS = ("asyncio", "hn_luigi.web", "tornado.access", "tornado.application", "tornado.general")


_OF_WHO_MAY_ASK = "tornado.access"
"""Tells of each answer; those to others are told of by ``hn_luigi.web``."""


@dataclass
class _Seen:
    since: float
    lines: int = 0


class Repeats(logging.Filter):
    """Leaves out what comes from one place in the code beyond ``MOST`` times in ``SECONDS``.

    Answers to who may ask are told of one by one, if they are no errors.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._seen: dict[tuple[str, int, str, int], _Seen] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to log ``record``; says in it how many like it were left out."""
        if record.levelno < logging.WARNING and record.name == _OF_WHO_MAY_ASK:
            return True
        place = record.name, record.levelno, record.pathname, record.lineno
        now = self._clock()
        seen = self._seen.setdefault(place, _Seen(now))
        if now - seen.since >= SECONDS:
            left_out = seen.lines - MOST
            seen = self._seen[place] = _Seen(now)
            if left_out > 0:
                record.msg = f"{record.getMessage()} ({left_out:,} more like it were left out)"
                record.args = ()
        seen.lines += 1
        return seen.lines <= MOST


def count_repeats() -> None:
    """Have the server's loggers count what repeats itself."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(Repeats())
