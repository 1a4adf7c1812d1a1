"""What counts the months: all engines call the same function of a month, and give the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from hn_luigi.history.months import MonthFile

if TYPE_CHECKING:
    import pyarrow as pa

ENGINES = ("local",)
"""Names of the engines."""


def count_months(
    months: Sequence[MonthFile],
    count: Callable[[MonthFile], pa.Table],
    *,
    engine: str,
    on_done: Callable[[int], None],
) -> list[pa.Table]:
    """What ``count`` makes of each of ``months``, in their order, whichever engine it is.

    Args:
        months: at least one.
        count: of one month; it can be pickled.
        engine: one of ``ENGINES``.
        on_done: is told, in this process, how many are done.

    Raises:
        HistoryError: a month can't be counted, or the engine failed.
    """
    from hn_luigi.history import local

    return local.count_months(months, count, on_done=on_done)
