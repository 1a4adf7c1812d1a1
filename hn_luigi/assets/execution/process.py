"""What a step does when its process is asked to stop, or its worker dies."""

# Luigi 3.8.1 forks a process for each task when it has several workers. Killed, or ended by SIGTERM
# (measured with --workers 2), it leaves them running: such an orphan would keep the asset's lock
# and publish later. Its own clean-up (pull requests 1187, 1340) covers a worker's timeout and
# exceptions of its own.

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from hn_luigi.assets.errors import Orphaned, SettingError
from hn_luigi.assets.luigi_internals.scheduling import is_unforked_process, seconds_left
from hn_luigi.parent_death import die_with

# Less than the 10 s that docker stop and scripts/refresh leave before SIGKILL (Kubernetes 30,
# systemd 90), and more than a step needs to remove a staged file and free its lock.
SECONDS_TO_UNWIND = 5.0


@contextmanager
def attached() -> Iterator[Callable[[], None]]:
    """Tie the process to its worker, and turn SIGTERM into the KeyboardInterrupt of Ctrl-C.

    An exception unwinds the step, so that staged files and locks go; the default action of
    SIGTERM would leave them.

    Yields:
        A check to make before publishing; it raises Orphaned if the worker is gone.

    Raises:
        KeyboardInterrupt: SIGTERM came.
    """
    check = die_with_worker()
    if threading.current_thread() is not threading.main_thread():
        yield check  # signal.signal raises ValueError elsewhere, as where build() is in a thread
        return
    told_to_stop = False

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        nonlocal told_to_stop
        told_to_stop = True
        # Python loses an exception that a signal raises within a callback of the import system, a
        # weakref or __del__ ("Exception ignored in"), so the kernel ends a step that goes on.
        signal.setitimer(signal.ITIMER_REAL, SECONDS_TO_UNWIND)  # then SIGALRM, which kills
        raise KeyboardInterrupt("terminated")

    previous = signal.signal(signal.SIGTERM, interrupt)
    # Nor does Python call the handler while a library computes, and a worker (Luigi 3.8.1) that
    # ends a step for its time limit waits for it without one.
    left = seconds_left()
    if left is not None:
        signal.setitimer(signal.ITIMER_REAL, max(left, 0) + SECONDS_TO_UNWIND)
    try:
        yield check
    finally:
        signal.signal(signal.SIGTERM, previous)
        if told_to_stop:
            signal.setitimer(signal.ITIMER_REAL, 0)
    if told_to_stop:  # and the step has swallowed it, or Python has
        raise KeyboardInterrupt("terminated")


def die_with_worker() -> Callable[[], None]:
    """Have the kernel kill this process with the worker that forked it, and watch over both.

    Raises:
        SettingError: the worker started it by other means, without what Luigi was told.
    """
    worker, parent = multiprocessing.parent_process(), os.getppid()
    if worker is None:
        return lambda: None  # it was not started by a worker
    if is_unforked_process():
        raise SettingError(
            "Luigi started this step's process without forking, which loses its flags and "
            "configuration: use one worker, or call multiprocessing.set_start_method('fork')"
        )
    # What was there before the fork is no garbage of this process, which ends with its step; to
    # look through it is to write to it, and the kernel copies each page (20 ms of a step on S3).
    gc.freeze()
    die_with(parent)

    # Where the kernel doesn't end it (macOS), an orphan at least publishes nothing.
    def check() -> None:
        if os.getppid() != parent or not worker.is_alive():
            raise Orphaned("the worker that started this step is gone, so nothing is published")

    check()
    return check
