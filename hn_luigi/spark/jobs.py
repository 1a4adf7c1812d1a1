"""Running a function once for each of several items, on a session's workers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from pyspark import SparkContext

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")
_SECONDS_BETWEEN_LOOKS = 0.5


def collect(
    context: SparkContext,
    items: Sequence[_Item],
    function: Callable[[_Item], _Result],
    *,
    on_done: Callable[[int], None],
) -> list[_Result]:
    """What ``function`` makes of each of ``items``, in their order.

    Each item is a task of its own, begun in the order of ``items``. So a worker holds one item at a
    time, and what fails is repeated alone.

    Args:
        function: and what it returns can be pickled, in Python's way or cloudpickle's.
        on_done: is told, in this thread, how many are done, now and then.
    """
    tasks = context.parallelize(items, len(items)).map(function)
    tracker = context.statusTracker()
    # In a thread, so that this one can tell how far it is, and be interrupted.
    pool = ThreadPoolExecutor(1, "spark-job")
    try:
        job: Any = pool.submit(tasks.collect)
        while True:
            try:
                results: list[_Result] = job.result(_SECONDS_BETWEEN_LOOKS)
                on_done(len(items))
                return results
            except NotYet:
                if job.done():  # it was the job's own
                    raise
                stages = map(tracker.getStageInfo, tracker.getActiveStageIds())
                on_done(sum(stage.numCompletedTasks for stage in stages if stage))
    finally:
        pool.shutdown(wait=False)
