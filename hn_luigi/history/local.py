"""Counting on this machine: a pool of processes, a month a task.

The processes are forked, as Luigi forks its own, and not spawned: a spawned one imports the
program's main module, so a script of a user's that calls ``luigi.build`` would begin anew in each,
it takes 1 s to import what it needs, and shares no memory. What they inherit and mustn't use, such
as a client of an object store, is kept apart by process id.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.context import ForkContext, ForkProcess
from typing import TYPE_CHECKING, Any

from hn_luigi.history.errors import EngineFailed
from hn_luigi.history.months import MonthFile
from hn_luigi.parent_death import die_with

if TYPE_CHECKING:
    import pyarrow as pa


def count_months(
    months: Sequence[MonthFile],
    count: Callable[[MonthFile], pa.Table],
    *,
    on_done: Callable[[int], None],
) -> list[pa.Table]:
    """What ``count`` makes of each of ``months``, as ``engines.Engine`` has it.

    Raises:
        EngineFailed: a process was killed, as by the kernel when memory runs out.
    """
    forks = _Forks()
    processes = min(len(months), _cpus())
    pool = ProcessPoolExecutor(processes, forks, initializer=_begin, initargs=(os.getpid(),))
    done = 0
    try:
        futures = [pool.submit(count, month) for month in months]
        for future in as_completed(futures):
            future.result()
            done += 1
            on_done(done)
    except BrokenProcessPool as error:
        raise EngineFailed(
            f"a process that counted words was killed after {done} of {len(months)} months: look "
            "for the kernel's out-of-memory killer, and run again with fewer CPUs (taskset) or "
            "more memory"
        ) from error
    finally:
        # After Ctrl-C, too, or a month that failed. On a busy machine the months that are being
        # counted took 40 s to end, while SIGTERM leaves a step five to unwind.
        if done < len(months):
            forks.terminate()
        pool.shutdown(cancel_futures=True)
    return [future.result() for future in futures]


class _Forks(ForkContext):
    """Forks, and knows what it has forked: a pool of Python 3.14 can end its processes itself."""

    def __init__(self) -> None:
        self._forked: list[ForkProcess] = []

    def Process(self, *args: Any, **kwargs: Any) -> ForkProcess:  # type: ignore[override]  # noqa: N802
        """A process to be forked, as the pool asks for it."""
        self._forked.append(ForkProcess(*args, **kwargs))
        return self._forked[-1]

    def terminate(self) -> None:
        """End all of them that have begun."""
        for process in self._forked:
            if process.pid is not None:
                process.terminate()


def _cpus() -> int:
    """How many this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _begin(parent: int) -> None:
    """What a process of the pool does first."""
    # Ctrl-C reaches all processes of a terminal; the parent ends the pool. SIGTERM does what it
    # does by default, and not what the parent does.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if not die_with(parent):
        os._exit(1)
