"""What Luigi's worker and scheduler take a task for: its id, its turn, its process."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from types import FrameType

import luigi.worker
from luigi.worker import KeepAliveThread, TaskProcess, Worker

# Forked processes share it, as a run's tasks must share their ids. A process that a worker starts
# by other means has one of its own, and is refused: see ``is_unforked_process``.
_RUN = os.urandom(4).hex()
_LOADED_IN = os.getpid()


def ids_at_scheduler(task_id: str, root: str) -> tuple[str, str]:
    """What the id of a task under ``root`` begins with in every run, and is in this one.

    The asset's lock and not the scheduler keeps two runs apart: the second waits for it, and then
    finds that there is nothing to do.
    """
    # A central scheduler (Luigi 3.8.1) knows a task by its id alone. A second worker that asks for
    # one that is under way is sent away with exit code 10. Where its first worker was killed, it
    # waits: 1,057 s were measured, of which 60 are worker_disconnect_delay, up to 60 pruning, and
    # 900 retry_delay. All are settings of the scheduler's side, so none of ours helps.
    # Rejected: a parameter that differs in each run, which would be part of what the asset is.
    # Luigi hashes a task by the id that it had at first, and compares by this one; both are the
    # same for the same parameters in one process, so sets and its cache hold.
    begins = f"{task_id}_{hashlib.sha256(root.encode()).hexdigest()[:8]}"
    return begins, f"{begins}_{_RUN}"


def priority_of(task_id: str) -> float:
    """The priority, from 0 to 1, of a task that has none of its own: another one in each run.

    So that runs that meet don't wait in line for the same lock: each begins with another task.
    """
    return zlib.crc32(task_id.encode()) / 2**32


def is_called_at_turn() -> bool:
    """Whether who calls this is asked by Luigi's worker just before it runs the task."""
    # TaskProcess.run (Luigi 3.8.1) then asks deps() for what must be complete, and fails the task
    # where something isn't: "Unfulfilled dependency at run time" (spotify/luigi 1054, 1552; 2163
    # and 2824 closed as won't fix). Nothing that it passes tells that question from the scheduling
    # one, so there is only who asks.
    # Rejected: [worker] check_unfulfilled_deps = false, which turns the question off for users'
    # own plain tasks, too, for which it is right; counting the calls, since a task that is
    # required from two sides, or is asked for its status, is asked more often.
    return sys._getframe(2).f_code is TaskProcess.run.__code__


def is_called_when_scheduled() -> bool:
    """Whether who calls this is asked by Luigi's worker because the task has to be made."""
    # Worker._add (Luigi 3.8.1) asks deps() of each task that isn't complete, in the process that
    # later forks one for each. No event of Luigi's says so where a task requires nothing, and one
    # who asks in a notebook makes nothing.
    return sys._getframe(2).f_code is Worker._add.__code__


def process_to_fork() -> TaskProcess | None:
    """What Luigi's worker is about to fork for the task, if it is asked by that who calls this."""
    # A worker (Luigi 3.8.1) forks for whatever its scheduler names, and asks nothing before but
    # the task's time limit, in TaskProcess.__init__.
    caller = sys._getframe(2)
    asks = caller.f_code is TaskProcess.__init__.__code__
    return caller.f_locals["self"] if asks and caller.f_locals["use_multiprocessing"] else None


def run_unforked(process: TaskProcess) -> None:
    """Have the worker run ``process`` in its own, as it does where it is the only one."""
    process.start = process.run  # type: ignore[method-assign]


def seconds_left() -> float | None:
    """Until this process' worker ends it with SIGTERM for its time limit; None if it has none."""
    process = multiprocessing.current_process()
    limit = process.timeout_time if isinstance(process, TaskProcess) else None
    return None if limit is None else float(limit) - time.time()


def workers_at_work() -> frozenset[str]:
    """The ids of Luigi's workers that are at work in this process, in whichever thread."""
    ids = {worker._id for worker in workers_in_this_process()}
    # In a process that a worker forked, that one is above the main thread alone.
    process = multiprocessing.current_process()
    return frozenset(ids | {process.worker_id} if isinstance(process, TaskProcess) else ids)


def workers_in_this_process() -> Iterator[Worker]:
    """Those workers themselves, as far as this thread can find them; one may come twice."""
    # There is nothing that a run sets for as long as it lasts, and no event tells that one begins:
    # luigi.build (Luigi 3.8.1) has no parser. All that it calls, in forked processes as well, is
    # called by one of these two, while a thread tells the scheduler that the worker lives.
    # Rejected: sys._current_frames(), by which Python 3.11 hangs for ever where it collects garbage
    # at that moment (python/cpython issue 106883).
    caller: FrameType | None = sys._getframe(1)
    while caller is not None:
        if caller.f_code in _WORK:
            yield caller.f_locals["self"]
        caller = caller.f_back
    for thread in threading.enumerate():
        if isinstance(thread, KeepAliveThread):
            yield thread._rpc_message_callback.__self__


_WORK = (Worker.add.__code__, Worker.run.__code__)


def is_unforked_process() -> bool:
    """Whether a worker started this process by other means than a fork.

    It then has loaded this module itself, and lost the configuration and the flags that Luigi
    was given.
    """
    # Python 3.14's default on Linux is forkserver, macOS' is spawn since 3.8. Luigi 3.8.1 takes
    # what is the default, and hands over the pickled task alone.
    process = multiprocessing.current_process()
    return isinstance(process, TaskProcess) and os.getpid() == _LOADED_IN


def _free_fork_lock() -> None:
    # A worker (Luigi 3.8.1) forks while it holds this lock, and its child has a copy that nobody
    # opens: ``luigi.build`` within a step waits for it for ever.
    luigi.worker.fork_lock = threading.Lock()


os.register_at_fork(after_in_child=_free_fork_lock)
