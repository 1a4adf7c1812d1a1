"""The time before each line that a process prints, for logs whose lines carry none.

Luigi's don't, nor do a traceback or what a step prints; and so no line that a step prints can pass
for one of the log's own, which begin with a date. It takes the standard library alone, since
``scripts/refresher`` loads this file by its path.
"""

from __future__ import annotations

from datetime import datetime

WIDTH = len("12:34:56 ")
"""Characters of the time, with the blank behind it."""


class LineTimes:
    """Puts the time before each line of what comes in pieces."""

    def __init__(self) -> None:
        self._is_begun = False

    def __call__(self, data: bytes, at: datetime) -> bytes:
        """``data``, which came ``at`` that time, with the time before each line that begins."""
        if not data:
            return data
        time = f"{at:%H:%M:%S} ".encode()
        stamped = data[:-1].replace(b"\n", b"\n" + time) + data[-1:]
        begin = b"" if self._is_begun else time
        self._is_begun = not data.endswith(b"\n")
        return begin + stamped
