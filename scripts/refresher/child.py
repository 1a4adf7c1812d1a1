"""A child process with a time limit that leaves nothing running: not late, not when we die."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from shared import parent_death

STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
# Seconds at most from SIGTERM to SIGKILL, as `docker stop` gives; a short limit has a short grace,
# since limits and graces together have to fit into cron's ten minutes.
GRACE = 10.0


class Stop:
    """Signals as bytes in a pipe, so that none is lost between two waits.

    ``number`` is the first of the signals that ask this process to stop, or 0.
    """

    def __init__(self) -> None:
        self.number = 0
        self.reader, writer = os.pipe()
        os.set_blocking(self.reader, False)
        os.set_blocking(writer, False)
        # A handler that sets a flag could run just before select() begins to wait, and its signal
        # be noticed only at the deadline. A full pipe loses nothing: some signal is in it to read.
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, _note)
        for number in STOPPING:
            if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup has it
                signal.signal(number, _note)

    def read(self) -> None:
        """Take note of the signals that have come."""
        with suppress(BlockingIOError):
            for number in os.read(self.reader, 4096):
                if number in STOPPING:
                    self.number = self.number or number


@dataclass(frozen=True)
class Ending:
    """How a child ended: its exit code as a shell has it, 124 if it exceeded its time limit."""

    code: int
    seconds: float
    overdue: bool = False
    killed: bool = False


def run(
    command: Sequence[str],
    *,
    folder: Path,
    limit: float,
    stop: Stop,
    sink: Callable[[bytes], None],
    answer: Callable[[bytes], None] | None = None,
    told: Mapping[str, str] | None = None,
) -> Ending:
    """Run ``command`` in ``folder``, and hand what it prints to ``sink``.

    Its standard output goes to ``answer`` instead, if that is given. Its environment is this
    process's, and what it is ``told``.

    It leads a process group, all of which is told to end after ``limit`` seconds or when ``stop``
    says so, and is killed if that doesn't help; what is left of the group is killed when the
    command ends by itself. A descendant that leaves the group escapes. On Linux the kernel
    kills the command when this process dies, however it dies.
    """
    began = time.monotonic()
    try:
        child = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **(told or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if answer else subprocess.STDOUT,
            # A group of its own, so that one signal reaches all that the command starts, and that
            # a Ctrl-C or a closed terminal reaches it through us alone, in order.
            start_new_session=True,
            preexec_fn=partial(_die_with, os.getpid()),
        )
    except (OSError, subprocess.SubprocessError) as error:
        sink(f"can't start {command[0]}: {error}\n".encode(errors="replace"))
        return Ending(126, time.monotonic() - began)
    assert child.stdout is not None
    sinks = {child.stdout.fileno(): answer or sink}
    if child.stderr is not None:
        sinks[child.stderr.fileno()] = sink
    overdue, killed = _wait(child, sinks, began + limit, min(GRACE, limit / 10), stop)
    _signal(child.pid, signal.SIGKILL)  # before wait(), which frees the group's number
    code = child.wait()
    for output, to in sinks.items():
        # 1 MB, more than a pipe holds, not until the end: what escaped the group may print on.
        for _ in range(16):
            if not _pass_on(output, to):
                break
    for stream in filter(None, (child.stdout, child.stderr)):
        stream.close()
    # As timeout(1) and shells have it: 124 for the time limit, 128 + N for signal N.
    code = 124 if overdue else 128 - code if code < 0 else code
    return Ending(code, time.monotonic() - began, overdue, killed)


def _wait(
    child: subprocess.Popen[bytes],
    sinks: Mapping[int, Callable[[bytes], None]],
    deadline: float,
    grace: float,
    stop: Stop,
) -> tuple[bool, bool]:
    """Pass on what ``child`` prints until it is over, and end it if need be.

    It gets SIGTERM at the ``deadline`` or when ``stop`` says so, and SIGKILL ``grace`` seconds
    later.

    Returns:
        Whether it exceeded its time limit, and whether it was killed.
    """
    overdue = killed = terminated = False
    with selectors.DefaultSelector() as selector:
        selector.register(stop.reader, selectors.EVENT_READ)
        for output in sinks:
            os.set_blocking(output, False)
            selector.register(output, selectors.EVENT_READ)
        while not _is_over(child):
            ready = {key.fd for key, _ in selector.select(max(0, deadline - time.monotonic()))}
            stop.read()
            for output in ready & sinks.keys():
                if not _pass_on(output, sinks[output]):
                    selector.unregister(output)
            out_of_time = time.monotonic() >= deadline
            if not terminated and (out_of_time or stop.number):
                terminated, overdue = True, not stop.number
                _signal(child.pid, signal.SIGTERM)
                deadline = time.monotonic() + grace
            elif terminated and out_of_time:
                killed = True
                _signal(child.pid, signal.SIGKILL)
                deadline = time.monotonic() + GRACE  # one that waits for a disk may take its time
    return overdue, killed


def _note(_number: int, _frame: object) -> None:
    """The wakeup pipe has it; a handler has to be there all the same."""


def _die_with(parent: int) -> None:
    if not parent_death.die_with(parent):
        os._exit(1)


def _is_over(child: subprocess.Popen[bytes]) -> bool:
    if not hasattr(os, "waitid"):  # macOS, until Python 3.13
        return child.poll() is not None
    # Leaving it a zombie, whose id, and so the group's, no other process gets before the group is
    # killed; poll() would reap it.
    return os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _pass_on(output: int, sink: Callable[[bytes], None]) -> bool:
    """Hand on what can be read now; false at the end, and when there is nothing now."""
    try:
        data = os.read(output, 1 << 16)
    except BlockingIOError:
        return False
    if data:
        sink(data)
    return bool(data)


def _signal(group: int, number: int) -> None:
    # PermissionError is what macOS has for a group of zombies.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
