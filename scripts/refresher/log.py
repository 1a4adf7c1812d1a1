"""A log of one file a day, which never gets in the way of what is logged."""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from shared import find_secrets, line_times

# Bytes of one command's output that are logged. A good run prints 2.4 kB; what loops for nine
# minutes could fill the disk.
MOST = 1 << 20
KEPT = 1 << 14  # bytes of its end that are remembered, whatever becomes of the file
WIDTH = 300  # characters of a line that are shown
NIGHT = 7200  # seconds without a run, after which others may have begun beside this one
_FRAMES = re.compile(r"(?<=^Traceback \(most recent call last\):\n)(?:[ \t].*\n)+", re.MULTILINE)
_NAME = re.compile(r"refresh-\d{4}-\d\d-\d\d\.log")


class Log:
    """Appends to the day's file in ``folder`` and remembers the end of what it got.

    Before each line that a command printed is the time; what doesn't begin so is a note of ours.
    ``trouble`` is the first thing that couldn't be done, with its cause, or None; ``after_a_night``
    is whether nothing was logged for a long time before.
    """

    def __init__(self, folder: Path, now: datetime, *, keep: int) -> None:
        self.path = folder / f"refresh-{now:%Y-%m-%d}.log"
        self.trouble: str | None = None
        self.after_a_night = False
        self._fd: int | None = None
        self.begin()
        try:
            folder.mkdir(exist_ok=True)
            written = [path.stat().st_mtime for path in folder.iterdir() if _is_ours(path)]
            self.after_a_night = bool(written) and now.timestamp() - max(written) > NIGHT
            # Appending, so that two runs without a lock, as on NFS, don't overwrite each other.
            self._fd = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            self._rotate(keep)
        except OSError as error:
            self._fail(error)

    def begin(self) -> None:
        """Another command's output begins."""
        self._end = b""
        self._left = MOST
        self._stamped = line_times.LineTimes()

    def write(self, data: bytes) -> None:
        """Log what a command printed, up to ``MOST`` bytes of it."""
        self._end = (self._end + data)[-KEPT:]
        if self._left > 0:
            self._append(self._stamped(data[: self._left], datetime.now(UTC)))
            self._left -= len(data)
            if self._left <= 0:
                self._append(b"\n[... the rest of the output is not logged ...]\n")

    def note(self, text: str) -> None:
        """Log a line of our own, with the time."""
        now = datetime.now(UTC)
        if self._left <= 0:  # the end says more than the middle
            self._append(line_times.LineTimes()(self._end, now))
        at = f"{now:%Y-%m-%d %H:%M:%S} UTC"
        newline = "" if self._end.endswith(b"\n") or not self._end else "\n"
        self._append(f"{newline}{at} {text}\n".encode(errors="replace"))

    def tail(self, count: int) -> list[str]:
        """The last ``count`` lines of the command's output, fit for a mail.

        Blank ones don't count, nor do the frames of a traceback, which would leave room for
        nothing else. Secrets are masked where they are logged, and here once more: a mail goes far.
        """
        text = find_secrets.Mask(find_secrets.of_environment(os.environ))(
            self._end.decode(errors="replace")
        )
        text = _FRAMES.sub("", re.sub(r"[\r\n]+", "\n", text))
        lines = (_plain(line) for line in text.split("\n"))
        return [line for line in lines if line.strip()][-count:]

    def _append(self, data: bytes) -> None:
        try:
            while self._fd is not None and data:
                data = data[os.write(self._fd, data) :]
        except OSError as error:
            self._fail(error)

    def _fail(self, error: OSError) -> None:
        self.trouble = self.trouble or f"can't keep {error.filename or self.path}: {error.strerror}"

    def _rotate(self, keep: int) -> None:
        """Keep the newest ``keep`` days, counted by files and not by dates, since a clock that is
        wrong once must not remove them all; readable by this user alone, since libraries may print
        anything.
        """
        days = sorted(filter(_is_ours, self.path.parent.iterdir()))
        for path in days:
            if stat.S_IMODE(path.stat().st_mode) & 0o077:
                with suppress(PermissionError):  # of a day when another user ran it
                    path.chmod(0o600)
        others = [path for path in days if path != self.path]
        for path in others[: max(0, len(others) + 1 - keep)]:
            path.unlink(missing_ok=True)


def _is_ours(path: Path) -> bool:
    return _NAME.fullmatch(path.name) is not None and path.is_file()


def _plain(line: str) -> str:
    """``line`` without control characters and colours, and not too long."""
    line = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line).replace("\t", "    ")
    line = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line)
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 1]}…"
