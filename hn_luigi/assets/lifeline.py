"""What a step does when its process is asked to stop, or its worker dies.

Luigi forks a process for each task when it has several workers, and leaves it running when the
parent is killed. Such an orphan would keep the asset's lock and publish later.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from hn_luigi.assets.errors import Orphaned

_PR_SET_PDEATHSIG = 1  # prctl(2)


@contextmanager
def attached() -> Iterator[None]:
    """Tie the process to its worker, and turn SIGTERM into the KeyboardInterrupt of Ctrl-C.

    An exception unwinds the step, so that staged files and locks go; the default action of
    SIGTERM would leave them.
    """
    if multiprocessing.parent_process() is not None:
        _die_with_parent()
    if threading.current_thread() is not threading.main_thread():
        yield  # signals can't be handled elsewhere
        return
    previous = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


def check() -> None:
    """Raise Orphaned if the worker that forked this process is gone."""
    parent = multiprocessing.parent_process()
    if parent is not None and os.getppid() != parent.pid:
        raise Orphaned("the worker that started this step is gone: nothing more is published")


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt("terminated")


def _die_with_parent() -> None:
    """Have the kernel kill this process with its parent; elsewhere ``check`` has to do."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    check()
