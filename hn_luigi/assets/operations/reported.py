"""Numbers that records tell of what was made: rows, what was left out, how long it took."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from hn_luigi.assets import window
from hn_luigi.assets.catalog.record import Record


def rows_of(record: Record) -> float | None:
    """How many rows its step reported; None if it told none."""
    return _number(record.metadata.get("rows"))


def skipped_of(record: Record) -> dict[str, float] | None:
    """How many items its step reported as ``skipped``, by reason; None if it told nothing."""
    told = record.metadata.get("skipped")
    if not isinstance(told, dict):
        return None
    counts = {reason: _number(count) for reason, count in told.items()}
    return {reason: count for reason, count in counts.items() if count is not None}


def values_over_time(records: Sequence[Record]) -> dict[str, list[tuple[datetime, float]]]:
    """What was reported over time, oldest first, by what it is.

    ``duration`` and ``lag`` are in seconds; the lag is that of the data when it was published.
    """
    series: dict[str, list[tuple[datetime, float]]] = {}
    for record in sorted(records, key=lambda record: record.created_at):
        at, skips = window.moment(record.created_at), skipped_of(record)
        values = {
            "duration": record.duration,
            "rows": rows_of(record),
            "skipped": None if skips is None else sum(skips.values()),
            "lag": (at - window.moment(record.data_time)).total_seconds(),
        }
        for what, value in values.items():
            if value is not None:
                series.setdefault(what, []).append((at, value))
    return series


def _number(value: Any) -> float | None:
    """``value`` if it is a number; a step may report anything."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number else None
