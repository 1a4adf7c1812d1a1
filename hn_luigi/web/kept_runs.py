"""What a server keeps of the runs that it started, for itself after a restart: notes and logs.

They are in a folder beside its state, readable by this user alone. A log is locked while its run is
under way: the kernel lets go of the lock however the server ends, so that a run that was never
noted to be over died with its server, and two servers can tell whose run is under way.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hn_luigi.assets.operations import (
    document,
    is_run_id,
    is_text,
    is_timestamp,
    replacing,
    window,
)
from hn_luigi.line_times import LineTimes
from hn_luigi.own_folder import is_own
from hn_luigi.web.run_job import DONE, NOTHING_TO_DO, RunRequest

# Every ten minutes one, of several lines.
KEPT = 500
"""Runs whose notes and logs are kept."""
# A good run prints 2.4 kB; what loops could fill the disk.
MOST = 1 << 20
"""Bytes of a log's begin that are kept."""
END = 1 << 14
"""Bytes of its end that are kept, whatever becomes of the file."""
# The page of a run that is under way loads again every second.
LONGEST = 200_000
"""Bytes of a log that are shown."""
_CUT = b"[... what is between is not kept ...]\n"
_MOST_IN_A_NOTE = 1 << 20
PAGE, REFRESH = "page", "refresh"
"""Who starts a run, as its records say: a button, or the server by itself."""
OVERDUE = 124
"""The exit code of a run that was ended at its time limit, as timeout(1) has it."""
_ENDS = {DONE: "done", NOTHING_TO_DO: "nothing to do", OVERDUE: "timed out"}


@dataclass(frozen=True)
class KeptRun:
    """A run that a server started."""

    id: str
    request: RunRequest
    began: datetime
    ended: datetime | None = None
    code: int | None = None
    """Its exit code; None while it is under way, and if it ended with its server."""
    is_under_way: bool = False
    started_by: str = PAGE
    reason: str = ""
    """Why the server started it by itself, in words."""

    @property
    def state(self) -> str:
        """``running``, ``done``, ``nothing to do``, ``failed``, ``timed out`` or ``ended with the
        server``."""
        if self.is_under_way:
            return "running"
        return "ended with the server" if self.code is None else _ENDS.get(self.code, "failed")

    def to_json(self) -> bytes:
        """The note of it."""
        request = self.request
        return document.write(
            {
                "version": 1,
                "make": request.make,
                "remake": request.remake,
                "window": request.window,
                "began": window.timestamp(self.began),
                "started_by": self.started_by,
                "reason": self.reason,
                "ended": self.ended and window.timestamp(self.ended),
                "code": self.code,
            }
        )


class RunLog:
    """A log that is being written; what can't be is remembered, and stops nobody."""

    def __init__(self, file: int | None = None, trouble: str = "") -> None:
        self.trouble = trouble
        """Why it isn't kept, or not whole."""
        self.is_kept = file is not None
        """Whether there is a file of it, and a note of its run."""
        self._file, self._left = file, MOST
        self._end = b""
        self._stamped = LineTimes()

    def write(self, data: bytes) -> None:
        """Keep what was printed now."""
        data = self._stamped(data, window.now())
        self._end = (self._end + data)[-END:]
        self._append(data[: self._left])
        self._left = max(0, self._left - len(data))

    def end(self) -> str:
        """The end of it."""
        return self._end.decode(errors="replace")

    def beyond(self) -> bytes:
        """What is to follow the begin in the file; empty while that holds all, and once it does."""
        is_cut = not self._left and self._file is not None
        return b"\n" + _CUT + self._end if is_cut else b""

    def close(self) -> None:
        """Write what the end says beyond the begin, and let go of the file."""
        self._append(self.beyond())
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _append(self, data: bytes) -> None:
        try:
            while self._file is not None and data:
                data = data[os.write(self._file, data) :]
        except OSError as error:
            self.trouble = self.trouble or error.strerror or str(error)


@dataclass(frozen=True)
class RunFolder:
    """The folder at ``path`` of notes and logs."""

    path: str

    def log_of(self, run: KeptRun) -> RunLog:
        """A log for ``run``, of which a note is kept as well; if they can't be, it says why."""
        if not self.path:
            return RunLog(trouble="it has no folder for logs")
        with ExitStack() as stack:
            try:
                os.makedirs(self.path, mode=0o700, exist_ok=True)
                if not is_own(self.path):
                    raise OSError(errno.EPERM, "it is not a folder of this user alone")
                flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
                file = os.open(self._log(run.id), flags, 0o600)
                stack.callback(self.remove, run.id)
                stack.callback(os.close, file)
                with suppress(OSError):  # NFS without locks: the run passes for one that is over
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self.note(run)
                self._forget()
            except OSError as error:
                return RunLog(trouble=f"{self.path}: {error.strerror or error}")
            stack.pop_all()
            return RunLog(file)

    def note(self, run: KeptRun) -> None:
        """Keep how ``run`` stands; raises OSError."""
        with replacing(self._note(run.id), run.to_json(), mode=0o600, locked=False):
            pass

    def remove(self, run_id: str) -> None:
        """Forget that run."""
        for path in (self._note(run_id), self._log(run_id)):
            with suppress(OSError):
                os.unlink(path)

    def runs(self) -> list[KeptRun]:
        """The runs that are kept, the newest first; what is damaged is left out."""
        found = filter(None, map(self.run, self._ids()))
        return sorted(found, key=lambda run: (run.began, run.id), reverse=True)

    def run(self, run_id: str) -> KeptRun | None:
        """The run of that id, None if none is kept."""
        with suppress(OSError, document.Damaged):
            with closing(open_own(self._note(run_id))) as file:
                told = document.read(file.end(_MOST_IN_A_NOTE), newest=1)
            return _run_in(run_id, told, is_locked=self._is_locked(run_id))
        return None

    def text(self, run_id: str) -> bytes | None:
        """The end of its log, None if there is none; raises OSError if it can't be read."""
        try:
            with closing(open_own(self._log(run_id))) as file:
                return file.end(LONGEST)
        except FileNotFoundError:
            return None

    def _is_locked(self, run_id: str) -> bool:
        try:
            with closing(open_own(self._log(run_id))) as file:
                fcntl.flock(file.number, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def _forget(self) -> None:
        """Keep the newest runs, by when their notes were written."""
        times: list[tuple[float, str]] = []
        for run_id in self._ids():
            with suppress(OSError):
                times.append((os.lstat(self._note(run_id)).st_mtime, run_id))
        for _, run_id in sorted(times)[:-KEPT]:
            if not self._is_locked(run_id):
                self.remove(run_id)

    def _ids(self) -> Iterator[str]:
        if self.path and is_own(self.path):
            with suppress(OSError):
                for name in os.listdir(self.path):
                    stem, _, suffix = name.partition(".")
                    if suffix == "json" and is_run_id(stem):
                        yield stem

    def _note(self, run_id: str) -> str:
        return os.path.join(self.path, f"{run_id}.json")

    def _log(self, run_id: str) -> str:
        return os.path.join(self.path, f"{run_id}.log")


@dataclass(frozen=True)
class OwnFile:
    """A file of this user's that is open to be read."""

    number: int

    def end(self, most: int) -> bytes:
        """Up to ``most`` bytes of its end, from the begin of a line where something is left out."""
        size = os.fstat(self.number).st_size
        start = max(0, size - most)
        data = os.pread(self.number, size - start, start)
        return data[data.find(b"\n") + 1 :] if start else data

    def close(self) -> None:
        """Let go of it."""
        os.close(self.number)


def open_own(path: str) -> OwnFile:
    """The file at ``path``; raises OSError unless it is one of this user's, and no link to one."""
    # O_NONBLOCK, since to open a pipe would wait for somebody to write.
    number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    found = os.fstat(number)
    if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
        os.close(number)
        raise OSError(errno.EPERM, "it is no file of this user's")
    return OwnFile(number)


def _run_in(run_id: str, told: dict[str, Any], *, is_locked: bool) -> KeptRun | None:
    """The run that a note tells of, None if it is damaged."""
    make, remake = _texts(told.get("make")), _texts(told.get("remake"))
    name, code = told.get("window"), told.get("code")
    began, ended = told.get("began"), told.get("ended")
    started_by, reason = told.get("started_by", PAGE), told.get("reason", "")
    if not isinstance(began, str) or not is_timestamp(began):
        return None
    is_whole = (
        make is not None
        and remake is not None
        and (name is None or (isinstance(name, str) and window.is_name(name)))
        and (code is None or type(code) is int)
        and started_by in (PAGE, REFRESH)
        and is_text(reason)
        and (ended is None or (isinstance(ended, str) and is_timestamp(ended)))
    )
    if not is_whole:
        return None
    return KeptRun(
        run_id,
        RunRequest(make or (), remake or (), name),
        window.moment(began),
        window.moment(ended) if ended else None,
        code,
        is_under_way=is_locked and ended is None,
        started_by=started_by,
        reason=reason,
    )


def _texts(value: object) -> tuple[str, ...] | None:
    is_list = isinstance(value, list) and all(map(is_text, value))
    return tuple(value) if is_list and isinstance(value, list) else None
