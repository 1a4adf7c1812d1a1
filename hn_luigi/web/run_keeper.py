"""A process between the server and a run, which leaves nothing of the run behind.

    python -I -S run_keeper.py SECONDS COMMAND...

The run is told to end (SIGTERM) once nobody holds the other end of standard input any more: then
the server has closed it, or is gone, however it ended. So many seconds later it is killed, and so
is what it has started, whenever it ends.

It takes the standard library alone: to import the package would import Luigi, which takes half a
second and 43 MB beside each run, where this takes 20 ms and 10 MB.
"""

# A run can't see to that by itself. One that ignores SIGTERM, or whose C code holds Python's lock,
# hears of nothing; and that the kernel kills it with its parent (PR_SET_PDEATHSIG) ends none of the
# processes that it has started, which may have left its process group, too.

from __future__ import annotations

import os
import resource
import select
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hn_luigi import parent_death
else:
    _spec = spec_from_file_location("parent_death", Path(__file__).parents[1] / "parent_death.py")
    parent_death = module_from_spec(_spec)
    _spec.loader.exec_module(parent_death)

_LIFELINE = 0
"""Standard input."""
_STOPPING = (signal.SIGTERM, signal.SIGINT)
# What Python ignores, and what it starts would inherit.
_IGNORED = (signal.SIGPIPE, signal.SIGXFSZ)


class Job:
    """A command that runs, and what it has started."""

    def __init__(self, command: Sequence[str]) -> None:
        self.number = _started(command)
        self.status: int | None = None
        """Its wait status, once it is over."""

    def is_over(self) -> bool:
        """Whether the command has ended."""
        self._reap()
        return self.status is not None

    def leaves_any(self) -> bool:
        """Whether it, or anything that it has started, still runs."""
        return self._reap()

    def kill(self) -> None:
        """Kill it, and what it has left behind so far."""
        # What these have started is this process's own as soon as they are dead.
        for number in {*_children(), *([] if self.status is not None else [self.number])}:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)

    def _reap(self) -> bool:
        """Take note of what has ended; whether anything is left."""
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG)) != (0, 0):
                if ended[0] == self.number:
                    self.status = ended[1]
            return True
        return False


class Signals:
    """The signals that have come, as bytes in a pipe, so that none is lost between two waits."""

    def __init__(self) -> None:
        self.reader, writer = os.pipe()
        for end in (self.reader, writer):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        for number in (signal.SIGCHLD, *_STOPPING):
            signal.signal(number, _note)

    def wait(self, seconds: float | None = None, *, lifeline: bool = False) -> bool:
        """Wait for one; whether this process is to stop, as by the end of its ``lifeline``."""
        listened = [self.reader, *([_LIFELINE] if lifeline else [])]
        ready, _, _ = select.select(listened, [], [], seconds)
        came = b""
        with suppress(BlockingIOError):
            came = os.read(self.reader, 4096)
        return _LIFELINE in ready or any(number in came for number in _STOPPING)


def keep(command: Sequence[str], grace: float) -> int:
    """Run ``command``, and end it and all that it has started; its wait status."""
    parent_death.adopt_orphans()
    # One that came in between would end this process, and leave what the command has started.
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
    job = Job(command)
    # Not before, so that a signal for what is about to be the command isn't noted here.
    signals = Signals()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)
    is_told = False
    while not job.is_over() and not is_told:
        is_told = signals.wait(lifeline=True)
    if is_told:
        os.killpg(os.getpgrp(), signal.SIGTERM)  # this process included, which takes it for nothing
    deadline = time.monotonic() + grace
    while not job.is_over() and (left := deadline - time.monotonic()) > 0:
        signals.wait(left)
    # Not for ever: what waits for a disk that is gone can't be killed, and others want their turn.
    deadline = time.monotonic() + grace
    while job.leaves_any() and (left := deadline - time.monotonic()) > 0:
        job.kill()
        signals.wait(left)
    return signal.SIGKILL if job.status is None else job.status


def end_as(status: int) -> None:
    """End this process as one ended that had this wait status."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if number != signal.SIGKILL:
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    sys.exit(os.waitstatus_to_exitcode(status))


def _started(command: Sequence[str]) -> int:
    parent = os.getpid()
    if child := os.fork():
        return child
    try:
        for number in _IGNORED:
            signal.signal(number, signal.SIG_DFL)
        if parent_death.die_with(parent):
            os.dup2(os.open(os.devnull, os.O_RDONLY), _LIFELINE)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)
            os.execvp(command[0], [*command])  # noqa: S606
    except OSError as error:
        os.write(2, f"can't start {command[0]}: {error.strerror}\n".encode(errors="replace"))
    finally:
        os._exit(127)


def _children() -> list[int]:
    """The processes whose parent this one is; none where there is no /proc, as on macOS."""
    found = []
    with suppress(OSError):
        for name in filter(str.isdigit, os.listdir("/proc")):
            with suppress(OSError):
                stat = Path("/proc", name, "stat").read_bytes()
                # proc(5): "pid (name) state ppid", where the name may hold anything.
                if int(stat.rpartition(b")")[2].split()[1]) == os.getpid():
                    found.append(int(name))
    return found


def _note(_number: int, _frame: object) -> None:
    """The wakeup pipe has it; a handler has to be there all the same."""


if __name__ == "__main__":
    end_as(keep(sys.argv[2:], float(sys.argv[1])))
