"""What the pages show, read from storage: how assets stand, their windows, values over time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hn_luigi.assets import Asset, Freshness
from hn_luigi.assets.operations import (
    AssetStatus,
    Dataset,
    Event,
    Failure,
    Record,
    State,
    WindowName,
    cached_requests,
    events_of,
    events_of_window,
    failed_windows_beside,
    inputs_of,
    status_of,
    window,
)
from hn_luigi.watchlist import feed_of, watched, watched_feeds
from hn_luigi.web.scheduler_tasks import RunningTask
from hn_luigi.web.urls import slug_of

PAST = 72
"""How many materializations and failed attempts the page of an asset tells of: half a day of
windows of ten minutes. Older windows have a page each, a step away from the one after."""


@dataclass(frozen=True)
class AssetView:
    """How an asset stands."""

    status: AssetStatus
    running: RunningTask | None

    @property
    def task(self) -> Asset:
        """The asset as a Luigi task, of the present window."""
        return self.status.asset

    @property
    def name(self) -> str:
        """Of its class, such as ``StoryIds``."""
        return type(self.task).__name__

    @property
    def slug(self) -> str:
        """What URLs call it, such as ``story_ids``."""
        return slug_of(type(self.task))

    @property
    def feed(self) -> str:
        """The list of Hacker News that it is made of."""
        return feed_of(self.task)

    @property
    def state(self) -> str:
        """``running``, ``failed``, or what the stored output is: current, stale or missing."""
        if self.running:
            return "running"
        if self.status.failure and self.status.staleness.state is not State.CURRENT:
            return "failed"
        return self.status.staleness.state.value

    @property
    def freshness(self) -> str:
        """``fresh``, ``getting late``, ``late``, or ``unknown``."""
        return _FRESHNESS[self.status.lag.freshness]

    @property
    def late_since(self) -> datetime | None:
        """When its data became too old, if it is late."""
        policy, newest = self.task.freshness, self.status.newest
        if policy is None or newest is None or self.status.lag.freshness is not Freshness.FAIL:
            return None
        return window.moment(newest.data_time) + policy.maximum_lag

    @property
    def age(self) -> timedelta | None:
        """Of its newest data."""
        return self.status.lag.lag

    @property
    def error(self) -> str:
        """Of the last failed attempt, if nothing was made since."""
        return self.status.failure.error if self.status.failure else ""


_FRESHNESS = {
    Freshness.PASS: "fresh",
    Freshness.WARN: "getting late",
    Freshness.FAIL: "late",
    Freshness.UNKNOWN: "unknown",
}


@dataclass(frozen=True)
class FeedView:
    """The assets of a feed, upstream first."""

    name: str
    assets: Sequence[AssetView]
    edges: Sequence[tuple[str, str]]
    """Which of them is made into which, by their names."""

    @property
    def is_running(self) -> bool:
        """Whether one of them is being made."""
        return any(asset.running for asset in self.assets)

    @property
    def columns(self) -> list[list[AssetView]]:
        """The graph from left to right: each asset is made from some of the column before its own.

        A row of columns with an arrow between them is all that CSS can draw. It says less than
        lines from box to box would (an asset may be made from farther left as well), which
        nothing shows as long as the graph is a chain.
        """
        depths: dict[str, int] = {}
        columns: list[list[AssetView]] = []
        for asset in self.assets:
            depth = 1 + max((depths[a] for a, b in self.edges if b == asset.name), default=-1)
            depths[asset.name] = depth
            if depth == len(columns):
                columns.append([])
            columns[depth].append(asset)
        return columns


def feed_views(running: Sequence[RunningTask]) -> list[FeedView]:
    """How the assets of each watched feed stand."""
    assets: dict[str, list[AssetView]] = {feed: [] for feed in watched_feeds()}
    for status in status_of(watched(None)):
        view = AssetView(status, _running_of(status.asset, running))
        assets[view.feed].append(view)
    return [FeedView(feed, views, _edges(views)) for feed, views in assets.items()]


def _running_of(asset: Asset, running: Sequence[RunningTask]) -> RunningTask | None:
    """The task under way that makes ``asset``, for its window and under its root."""
    return next((task for task in running if asset.is_made_by(task.task_id)), None)


def _edges(assets: Sequence[AssetView]) -> list[tuple[str, str]]:
    names = {asset.name for asset in assets}
    return [
        (type(task).__name__, asset.name)
        for asset in assets
        for task in inputs_of(asset.task)
        if type(task).__name__ in names
    ]


@dataclass(frozen=True)
class WindowView:
    """One window of an asset, among what became of others."""

    asset: AssetView
    name: WindowName | None
    """Of the window that is shown, None if nothing was made or tried yet."""
    events: Sequence[Event]
    """What was made and what failed last, of all windows, newest first."""
    data: bytes | None = None
    """Its output, None if it isn't stored."""
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


def window_view(
    asset_class: type[Asset], feed: str, name: str | None, running: Sequence[RunningTask]
) -> WindowView | None:
    """The window called ``name`` of an asset, or the newest that was made; None for no window.

    It may be called by its name, as in paths, or as people call it, such as ``2026-W47``.
    """
    task = asset_class(feed=feed)
    if name is not None and not window.is_name(name):
        try:
            name = window.name(task.own_length().floor(window.parse(name)))
        except (ValueError, OverflowError):
            return None
    with cached_requests():
        (status,) = status_of([task])
        asset = AssetView(status, _running_of(task, running))
        events = events_of(task.dataset, limit=PAST)
        if name is None and status.newest:
            name = status.newest.window
        elif name is None and events:
            name = events[0].window
        return _view_of(asset, name, events) if name else WindowView(asset, None, events)


def _view_of(asset: AssetView, name: WindowName, events: Sequence[Event]) -> WindowView | None:
    dataset = asset.task.dataset
    data, own_events = dataset.partition(name).read(), events_of_window(dataset, name)
    if data is None and not own_events:
        return None
    return WindowView(asset, name, events, data, own_events, *_beside(dataset, name))


def _beside(dataset: Dataset, name: WindowName) -> tuple[WindowName | None, WindowName | None]:
    """The windows before and after the one called ``name``, of all that were made or tried.

    They are looked up, not gone through: a year of windows of ten minutes is 52,560.
    """
    recorded, tried = dataset.recorded_in_order(), failed_windows_beside(dataset, name)
    begin, end = bisect_left(recorded, name), bisect_right(recorded, name)
    before, after = recorded[max(begin - 1, 0) : begin], recorded[end : end + 1]
    older = max([*before, *(other for other in tried if other < name)], default=None)
    newer = min([*after, *(other for other in tried if other > name)], default=None)
    return older, newer


def values_over_time(events: Sequence[Event]) -> dict[str, list[tuple[datetime, float]]]:
    """What was reported over time, oldest first, by what it is.

    ``duration`` and ``lag`` are in seconds; the lag is that of the data when it was published.
    """
    series: dict[str, list[tuple[datetime, float]]] = {}
    records = [event.found for event in events if isinstance(event.found, Record)]
    for record in sorted(records, key=lambda record: record.created_at):
        at = window.moment(record.created_at)
        lag = (at - window.moment(record.data_time)).total_seconds()
        values = {
            "duration": record.duration,
            "rows": record.metadata.get("rows"),
            "skipped": _total(record.metadata.get("skipped")),
            "lag": lag,
        }
        for what, value in values.items():
            if isinstance(value, (int, float)):
                series.setdefault(what, []).append((at, float(value)))
    return series


def _total(skipped: Any) -> float | None:
    if not isinstance(skipped, Mapping):
        return None
    return sum(value for value in skipped.values() if isinstance(value, (int, float)))
