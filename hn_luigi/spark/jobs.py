"""Running a function once for each of several items, on a session's workers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from pyspark import SparkContext

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")
_SECONDS_BETWEEN_LOOKS = 0.5


@dataclass(frozen=True)
class _Failed:
    error: Exception


def collect(
    context: SparkContext,
    items: Sequence[_Item],
    function: Callable[[_Item], _Result],
    *,
    on_done: Callable[[int], None],
) -> list[_Result]:
    """What ``function`` makes of each of ``items``, in their order.

    Each item is a task of its own, begun in the order of ``items``. So a worker holds one item at a
    time, and when an executor dies, what it was at is repeated, and nothing else.

    What ``function`` raises is raised here, once all tasks have ended: as an error of the task,
    Spark would try it four times, and then tell no more of it than its text.

    Args:
        items: at least one; they, ``function`` and its results can be pickled.
        on_done: is told, in this thread, how many are done, now and then.

    Raises:
        JobFailed: within ``spark_session``, what Spark couldn't run.
    """
    tasks = context.parallelize(items, len(items)).map(partial(_outcome, function))
    tracker = context.statusTracker()
    # In a thread, so that this one can tell how far it is, and be interrupted.
    pool = ThreadPoolExecutor(1, "spark-job")
    try:
        job: Any = pool.submit(tasks.collect)
        while not job.done():
            try:
                job.exception(_SECONDS_BETWEEN_LOOKS)
            except NotYet:
                stages = map(tracker.getStageInfo, tracker.getActiveStageIds())
                on_done(sum(stage.numCompletedTasks for stage in stages if stage))
        results: list[Any] = job.result()
    finally:
        pool.shutdown(wait=False)  # after an interrupt, the end of the session ends the job
    on_done(len(items))
    for result in results:
        if isinstance(result, _Failed):
            raise result.error
    return results


def _outcome(function: Callable[[Any], Any], item: Any) -> Any:
    try:
        return function(item)
    except (ImportError, MemoryError):
        raise  # for which the worker is to blame; another one may do better
    except Exception as error:
        return _Failed(error)
