"""What became of an asset's windows: makings, and attempts that failed."""

from __future__ import annotations

from dataclasses import dataclass

from hn_luigi.assets.catalog.dataset import Dataset
from hn_luigi.assets.catalog.failure import Failure, Kept, at, load, newest
from hn_luigi.assets.catalog.record import Record, Unreadable
from hn_luigi.assets.errors import StorageError
from hn_luigi.assets.storage import cached_requests


@dataclass(frozen=True)
class Event:
    """One making of an asset, or one failed attempt."""

    window: str
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
    """The last ``limit`` makings and failed attempts, newest window first, newest first within.

    Only those are read; what can't be read is among them.
    """
    with cached_requests():
        listed = [Kept(dataset, "", name) for name in dataset.recorded_in_order()[-limit:]]
        listed += newest(dataset, limit)
        # A window's record stands before its failures until it is read: it most often is the last.
        listed.sort(key=lambda kept: (kept.window, not kept.key, kept.key), reverse=True)
        shown = listed[:limit]
        here = [kept for kept in shown if kept.dataset == dataset]
        keys = [kept.key or dataset.partition(kept.window).record_key for kept in here]
        outputs = [name + dataset.suffix for name in {kept.window for kept in shown}]
        dataset.store.cache_ahead(dataset.folder, outputs, keys)
        events = [_event(dataset, kept) for kept in shown]
    return sorted(events, key=lambda event: (event.window, event.at), reverse=True)


def events_of_window(dataset: Dataset, name: str) -> list[Event]:
    """What became of the window called ``name``, newest first."""
    with cached_requests():
        made = [Kept(dataset, "", name)] if dataset.partition(name).record() is not None else []
        events = [_event(dataset, kept) for kept in (*made, *at(dataset, name))]
    return sorted(events, key=lambda event: event.at, reverse=True)


def _event(dataset: Dataset, kept: Kept) -> Event:
    """What is kept there: a record where there is no key of a failed attempt."""
    found: Record | Failure | Unreadable | None
    if not kept.key:
        found = kept.dataset.partition(kept.window).record()
    else:
        try:
            found = load(kept.dataset, kept.key)
        except StorageError as error:
            found = Unreadable(f"it can't be read ({error})")
    gone = Unreadable("it was removed meanwhile")
    stored = dataset.partition(kept.window).stat() is not None
    return Event(kept.window, found or gone, failed=bool(kept.key), stored=stored)
