"""What happened to an asset's windows: when they were made, and attempts that failed."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from hn_luigi.assets.catalog.dataset import Dataset
from hn_luigi.assets.catalog.failure import (
    Failure,
    StoredFailure,
    failed_windows_beside,
    failures_at,
    first_failed,
    newest_failures,
)
from hn_luigi.assets.catalog.partition import Partition
from hn_luigi.assets.catalog.record import Record, Unreadable
from hn_luigi.assets.storage import cached_requests
from hn_luigi.assets.window import WindowName


@dataclass(frozen=True)
class Event:
    """One making of an asset, or one failed attempt."""

    window: WindowName
    found: Record | Failure | Unreadable
    failed: bool
    stored: bool
    """Whether the window's output is in storage now."""

    @property
    def at(self) -> str:
        """When it ended, empty if that can't be read."""
        if isinstance(self.found, Record):
            return self.found.created_at
        return self.found.failed_at if isinstance(self.found, Failure) else ""


def events_of(dataset: Dataset, *, limit: int) -> list[Event]:
    """The last ``limit`` makings and failed attempts, by window and then by time, newest first.

    Only those are read, however many there are; what can't be read is among them.
    """
    with cached_requests():
        partitions = [dataset.partition(name) for name in dataset.recorded_in_order()[-limit:]]
        sources: list[Partition | StoredFailure] = [*partitions, *newest_failures(dataset, limit)]
        # A window's record stands before its failures until it is read: it most often is the last.
        sources.sort(key=lambda s: (s.window, isinstance(s, Partition), s.key), reverse=True)
        shown = sources[:limit]
        records = [s.record_key for s in shown if isinstance(s, Partition)]
        failures = [f.key for f in shown if isinstance(f, StoredFailure) and f.dataset == dataset]
        outputs = [name + dataset.suffix for name in {source.window for source in shown}]
        dataset.store.cache_ahead(dataset.folder, outputs, [*records, *failures])
        events = [_event(dataset, source) for source in shown]
    return sorted(events, key=lambda event: (event.window, event.at), reverse=True)


def events_of_window(dataset: Dataset, name: WindowName) -> list[Event]:
    """What happened to the window called ``name``, newest first."""
    with cached_requests():
        partition = dataset.partition(name)
        events = [_event(dataset, failure) for failure in failures_at(dataset, name)]
        events += [_event(dataset, partition)] if partition.record() is not None else []
    return sorted(events, key=lambda event: event.at, reverse=True)


def windows_beside(
    dataset: Dataset, name: WindowName
) -> tuple[WindowName | None, WindowName | None]:
    """The windows before and after the one called ``name``, of all that were made or tried.

    They are looked up, not gone through: a year of windows of ten minutes is 52,560.
    """
    recorded, tried = dataset.recorded_in_order(), failed_windows_beside(dataset, name)
    begin, end = bisect_left(recorded, name), bisect_right(recorded, name)
    before, after = recorded[max(begin - 1, 0) : begin], recorded[end : end + 1]
    older = max([*before, *(other for other in tried if other < name)], default=None)
    newer = min([*after, *(other for other in tried if other > name)], default=None)
    return older, newer


def first_window(dataset: Dataset) -> WindowName | None:
    """The oldest window of all that were made or tried, None if none was."""
    known = (*dataset.recorded_in_order()[:1], first_failed(dataset))
    return min(filter(None, known), default=None)


def _event(dataset: Dataset, source: Partition | StoredFailure) -> Event:
    """What became of one window: what its record tells, or one failed attempt at it."""
    failed = isinstance(source, StoredFailure)
    found = source.load() if isinstance(source, StoredFailure) else source.record()
    gone = Unreadable("it was removed meanwhile")
    stored = dataset.partition(source.window).stat() is not None
    return Event(source.window, found or gone, failed=failed, stored=stored)
