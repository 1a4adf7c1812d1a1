"""A window of an asset among others, read from storage for its page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hn_luigi.assets import Asset
from hn_luigi.assets.operations import (
    Event,
    Failure,
    Record,
    WindowName,
    cached_requests,
    events_of,
    events_of_window,
    status_of,
    window,
    windows_beside,
)
from hn_luigi.display import Output
from hn_luigi.web.asset_views import AssetView, running_of
from hn_luigi.web.scheduler_tasks import RunningTask

PAST = 72
"""How many materializations and failed attempts the page of an asset tells of: half a day of
windows of ten minutes. Older windows have a page each, a step away from the one after."""


@dataclass(frozen=True)
class WindowView:
    """One window of an asset, among what became of others."""

    asset: AssetView
    name: WindowName | None
    """Of the window that is shown, None if nothing was made or tried yet."""
    events: Sequence[Event]
    """What was made and what failed last, of all windows, newest first."""
    size: int | None = None
    """Bytes of its output, None if that isn't stored."""
    own_events: Sequence[Event] = ()
    """What was made and what failed of this window, newest first."""
    older: WindowName | None = None
    """The window before this one, of all that were made or tried."""
    newer: WindowName | None = None

    @property
    def windows(self) -> list[WindowName]:
        """The windows of ``events``, oldest first."""
        return sorted({event.window for event in self.events})

    @property
    def record(self) -> Record | None:
        """Of its output."""
        return next((e.found for e in self.own_events if isinstance(e.found, Record)), None)

    @property
    def failures(self) -> list[Failure]:
        """Its failed attempts, newest first."""
        return [event.found for event in self.own_events if isinstance(event.found, Failure)]


def window_view(task: Asset, name: str | None, running: Sequence[RunningTask]) -> WindowView | None:
    """The window called ``name`` of an asset, or the newest that was made; None for no window.

    It may be called by its name, as in paths, or as people call it, such as ``2026-W47``.
    """
    if name is not None and not window.is_name(name):
        try:
            name = window.name(task.own_length().floor(window.parse(name)))
        except (ValueError, OverflowError):
            return None
    with cached_requests():
        (status,) = status_of([task])
        asset = AssetView(status, running_of(task, running))
        events = events_of(task.dataset, limit=PAST)
        if name is None and status.newest:
            name = status.newest.window
        elif name is None and events:
            name = events[0].window
        return _view_of(asset, name, events) if name else WindowView(asset, None, events)


def output_at(asset: Asset, file: str) -> Output | None:
    """The output of ``asset`` in the file of that name, None if there is none."""
    dataset, stem = asset.dataset, file.removesuffix(asset.suffix)
    name = WindowName(stem) if window.is_name(stem) else asset.partition.window
    partition = dataset.partition(name)
    stat = partition.stat() if partition.output_key == f"{asset.folder}/{file}" else None
    return stat and Output(dataset, name, stat.size)


def _view_of(asset: AssetView, name: WindowName, events: Sequence[Event]) -> WindowView | None:
    dataset = asset.task.dataset
    stat, own_events = dataset.partition(name).stat(), events_of_window(dataset, name)
    if stat is None and not own_events:
        return None
    size = None if stat is None else stat.size
    return WindowView(asset, name, events, size, own_events, *windows_beside(dataset, name))
