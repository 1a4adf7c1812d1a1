"""What counts the months: all engines call the same function of a month, and give the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from hn_luigi.history.months import MonthFile

if TYPE_CHECKING:
    import pyarrow as pa

ENGINES = ("local", "spark")
"""Names of the engines."""


class Engine(Protocol):
    """What counts the months."""

    def __call__(
        self,
        months: Sequence[MonthFile],
        count: Callable[[MonthFile], pa.Table],
        *,
        on_done: Callable[[int], None],
    ) -> list[pa.Table]:
        """What ``count`` makes of each of ``months``, in their order.

        Args:
            months: at least one; they are begun in this order.
            count: of one month; it is called in other processes, and can be pickled.
            on_done: is told, in this process, how many are done.

        Raises:
            HistoryError: a month can't be counted, or the engine failed.
            SparkError: Spark isn't there, or failed.
        """


def engine_called(name: str, *, spark_master: str, spark_conf: Mapping[str, str]) -> Engine:
    """The engine of that name in ``ENGINES``.

    Args:
        spark_master, spark_conf: for the one on Spark, as ``spark_session`` takes them.
    """
    # By its name, and not by an import, which would have a change of how it is counted count as one
    # of what is counted, and count all months anew.
    count_months: Any = import_module(f"{__package__}.{name}").count_months
    told = {"master": spark_master, "conf": spark_conf} if name == "spark" else {}
    engine: Engine = partial(count_months, **told)
    return engine
