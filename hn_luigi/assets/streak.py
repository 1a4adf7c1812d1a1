"""The failed attempts at an asset since it was last made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hn_luigi.assets import window
from hn_luigi.assets.failures import Failure, failed_at, keys_by_time, load, window_of
from hn_luigi.assets.freshness import CLOCKS_DIFFER
from hn_luigi.assets.records import Record
from hn_luigi.assets.series import Series
from hn_luigi.assets.storage import one_look


@dataclass(frozen=True)
class Streak:
    """Failed attempts that no making has followed, neither of their window nor of a newer one."""

    attempts: int = 0
    since: str | None = None
    """When the first of them failed; None if there are none."""
    given_up: Failure | None = None
    """The last of them that no other attempt was to follow, if there is one."""


def streak_of(series: Series, newest: Record | None) -> Streak:
    """The streak that ``series`` is in, given the record of its newest making.

    When an attempt failed is told by its name, so that a long streak costs one listing, the
    records of its windows, and few failures.
    """
    with one_look():
        keys = _standing(series, newest)
        if not keys:
            return Streak()
        return Streak(len(keys), min(keys.values()), _given_up(series, list(keys)))


def _standing(series: Series, newest: Record | None) -> dict[str, str]:
    """When each standing attempt failed, by where it is stored, the last one first."""
    last_made = "" if newest is None else newest.created_at
    # What failed in the future did so while a clock was wrong; no making would ever follow it.
    latest = window.timestamp(window.now() + CLOCKS_DIFFER)
    later = {}
    for key in keys_by_time(series):
        if (at := failed_at(key)) and at <= last_made:
            break  # as have all before it
        if at and at <= latest:
            later[key] = at
    made = dict(_makings(series, {window_of(key) for key in later}))
    standing = {key: at for key, at in later.items() if at > made.get(window_of(key), "")}
    return dict(sorted(standing.items(), key=lambda item: (item[1], item[0]), reverse=True))


def _makings(series: Series, windows: set[str]) -> Iterator[tuple[str, str]]:
    """When those of ``windows`` that have a record were made."""
    slots = [series.slot(name) for name in windows]
    series.store.prefetch(series.folder, [], [slot.record_key for slot in slots])
    for slot in slots:
        record = slot.record()
        if isinstance(record, Record):
            yield slot.window, record.created_at


def _given_up(series: Series, keys: list[str]) -> Failure | None:
    for key in keys:
        failure = load(series, key)
        if isinstance(failure, Failure) and not failure.retried:
            return failure
    return None
