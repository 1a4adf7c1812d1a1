"""What the history room raises.

HistoryError
├── NoMonths        there is no archive where one is looked for
├── UnknownColumns  a file of it isn't laid out as the archive's are
├── MonthChanged    a file was replaced while it was read, or just before
├── EngineFailed    what counts the months ended before all were counted
└── UnknownWords    none of the words to draw is in the history
"""

from __future__ import annotations


class HistoryError(Exception):
    """Base of the room's errors; each message names the thing, the cause and the remedy."""

    final = True
    """Whether the same attempt once more is no use."""


class NoMonths(HistoryError):
    """There is no month of the archive where one is looked for."""


class UnknownColumns(HistoryError):
    """A file has other columns, or is no Parquet."""


class MonthChanged(HistoryError):
    """A file isn't the one that was listed."""

    final = False


class EngineFailed(HistoryError):
    """The processes that count ended before all months were counted."""

    final = False


class UnknownWords(HistoryError):
    """None of the words to draw is in the history."""
