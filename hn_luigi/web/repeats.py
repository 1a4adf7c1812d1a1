"""A log that doesn't repeat itself: what a client can have it say over and over is counted."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

MOST, SECONDS = 20, 60.0
"""Lines from one place in the code, and in how long: enough to see whom it is about, and no more
than 30,000 a day. Without it, whoever reached the port had Tornado log 120 bytes for each of some
hundred malformed requests a second: a gigabyte a day."""
_LOGGERS = (
    "asyncio",
    "hn_luigi.display",
    "hn_luigi.web",
    "tornado.access",
    "tornado.application",
    "tornado.general",
)


_ACCESS = "tornado.access"
"""Logs each answer to those who may ask; ``hn_luigi.web`` logs those to others."""


@dataclass
class _Seen:
    since: float
    lines: int = 0


class Repeats(logging.Filter):
    """Leaves out what comes from one place in the code beyond ``MOST`` times in ``SECONDS``.

    Answers to those who may ask are logged one by one, unless they are errors.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._seen: dict[tuple[str, int, str, int], _Seen] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to log ``record``; says in it how many like it were left out."""
        if record.levelno < logging.WARNING and record.name == _ACCESS:
            return True
        # By the place in the code and not by the text, in which a client chooses much.
        place = record.name, record.levelno, record.pathname, record.lineno
        now = self._clock()
        seen = self._seen.setdefault(place, _Seen(now))
        if now - seen.since >= SECONDS:
            left_out = seen.lines - MOST
            seen = self._seen[place] = _Seen(now)
            if left_out > 0:
                record.msg = f"{record.getMessage()} ({left_out:,} similar lines omitted)"
                record.args = ()
        seen.lines += 1
        return seen.lines <= MOST


def count_repeats() -> None:
    """Have the server's loggers count what repeats itself."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(Repeats())
