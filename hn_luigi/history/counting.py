"""The words of a month: in how many of its headlines each occurs.

A month is counted as a whole, and never in parts that are summed: which spellings and plurals are
one word, and which neighbours one name, is learnt from all of its headlines. Of 5 million headlines
in 200 months, counts of parts made 3.6 million rows of 3.1 million.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hn_luigi.history.headlines import Opener, headlines_of
from hn_luigi.history.months import MonthFile

if TYPE_CHECKING:
    import pyarrow as pa


def counts_schema() -> pa.Schema:
    """The columns of a month's counts: a row a word or phrase, as the month spells it."""
    import pyarrow as pa

    return pa.schema(
        {
            "month": pa.date32(),
            "word": pa.string(),
            "headlines": pa.int32(),  # that hold it
            "stories": pa.int32(),  # all headlines of the month
        }
    )


@dataclass(frozen=True)
class Count:
    """Counts the words of a month; it can be pickled, so that any process can count any month."""

    open_file: Opener
    passed_over: Mapping[str, Any] = field(default_factory=dict)
    """What of a title counts for nothing, as arguments of `cloud.count_words`."""

    def __call__(self, file: MonthFile) -> pa.Table:
        """The counts of a month, with the columns of ``counts_schema``.

        Raises:
            HistoryError: the file can't be read as a month of the archive.
        """
        import pyarrow as pa

        from hn_luigi.cloud import count_words

        with _collector_paused():
            headlines = headlines_of(file, self.open_file)
            counts = count_words(headlines, **self.passed_over)
        columns = [
            pa.array([file.month] * len(counts), pa.date32()),
            pa.array(counts.keys(), pa.string()),
            pa.array(counts.values(), pa.int32()),
            pa.array([len(headlines)] * len(counts), pa.int32()),
        ]
        return pa.table(columns, schema=counts_schema())


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Have Python not look for circles among objects, of which counting words makes none.

    It makes some 200,000 objects a month that all live until its end, and to look through them
    again and again took a third of the CPU: of 50 µs a title, 17 (Python 3.11).
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
