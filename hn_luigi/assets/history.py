"""What became of an asset's windows: makings, and attempts that failed."""

from __future__ import annotations

from dataclasses import dataclass

from hn_luigi.assets.errors import StorageError
from hn_luigi.assets.failures import Failure, load, newest_keys
from hn_luigi.assets.records import Record, Unreadable
from hn_luigi.assets.series import Series
from hn_luigi.assets.storage import one_look


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


def history(series: Series, *, limit: int) -> list[Event]:
    """The last ``limit`` makings and failed attempts, newest window first, newest first within.

    Only those are read; what can't be read is among them.
    """
    with one_look():
        listed = [(name, "") for name in series.recorded_in_order()[-limit:]]
        listed += [(name, key) for key, name in newest_keys(series, limit).items()]
        # A window's record stands before its failures until it is read: it most often is the last.
        listed.sort(key=lambda item: (item[0], not item[1], item[1]), reverse=True)
        shown = listed[:limit]
        keys = [key or series.slot(name).record_key for name, key in shown]
        outputs = [name + series.suffix for name in {name for name, _ in shown}]
        series.store.prefetch(series.folder, outputs, keys)
        events = [_event(series, name, key) for name, key in shown]
    return sorted(events, key=lambda event: (event.window, event.at), reverse=True)


def _event(series: Series, name: str, failure_key: str) -> Event:
    found: Record | Failure | Unreadable | None
    if not failure_key:
        found = series.slot(name).record()
    else:
        try:
            found = load(series, failure_key)
        except StorageError as error:
            found = Unreadable(f"it can't be read ({error})")
    gone = Unreadable("it was removed meanwhile")
    stored = series.slot(name).stat() is not None
    return Event(name, found or gone, failed=bool(failure_key), stored=stored)
