"""What the pages show, read from storage: cards of assets, windows, records, plots' values."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

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
    name_of,
    status_of,
    window,
)
from hn_luigi.hackernews import FEEDS
from hn_luigi.watchlist import GRAPH, feed_of, watched, watched_feeds
from hn_luigi.web.scheduler_tasks import Running

PAST = 72
"""How many makings and failed attempts the page of an asset tells of."""


@dataclass(frozen=True)
class Card:
    """How an asset stands."""

    status: AssetStatus
    running: Running | None

    @property
    def asset(self) -> Asset:
        """Of the present window."""
        return self.status.asset

    @property
    def name(self) -> str:
        """Of its class, such as ``StoryIds``."""
        return type(self.asset).__name__

    @property
    def feed(self) -> str:
        """Of which of Hacker News' lists it is."""
        return feed_of(self.asset)

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
        policy, newest = self.asset.freshness, self.status.newest
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
class Lineage:
    """The assets of a feed, upstream first."""

    feed: str
    cards: Sequence[Card]
    edges: Sequence[tuple[str, str]]
    """Which of them is made into which, by their names."""

    @property
    def is_running(self) -> bool:
        """Whether one of them is being made."""
        return any(card.running for card in self.cards)


def lineages(running: Sequence[Running]) -> list[Lineage]:
    """How the assets of each watched feed stand."""
    found: dict[str, list[Card]] = {feed: [] for feed in watched_feeds()}
    for each in status_of(watched(None)):
        found[feed_of(each.asset)].append(Card(each, _run_of(each.asset, running)))
    return [Lineage(feed, cards, _edges(cards)) for feed, cards in found.items()]


def _run_of(asset: Asset, running: Sequence[Running]) -> Running | None:
    """The task under way that makes it, for its window and under its root."""
    return next((each for each in running if asset.is_made_by(each.task_id)), None)


def _edges(cards: Sequence[Card]) -> list[tuple[str, str]]:
    names = {card.name for card in cards}
    return [
        (type(task).__name__, card.name)
        for card in cards
        for task in inputs_of(card.asset)
        if type(task).__name__ in names
    ]


@dataclass(frozen=True)
class Shown:
    """One window of an asset, among what became of others."""

    card: Card
    window: WindowName | None
    """The name of the window that is shown, None if nothing was made or tried yet."""
    record: Record | None
    data: bytes | None
    """Its output, None if it isn't stored."""
    events: Sequence[Event]
    """What was made and what failed last, of all windows, newest first."""
    here: Sequence[Event] = ()
    """What was made and what failed of the window shown, newest first."""
    older: WindowName | None = None
    """The window before the one shown, of all that were made or tried."""
    newer: WindowName | None = None

    @property
    def asset(self) -> Asset:
        """Of the present window."""
        return self.card.asset

    @property
    def windows(self) -> list[WindowName]:
        """The windows of ``events``, oldest first."""
        return sorted({event.window for event in self.events})

    @property
    def failures(self) -> list[Failure]:
        """The failed attempts at the window shown, newest first."""
        return [event.found for event in self.here if isinstance(event.found, Failure)]


def shown(
    kind: type[Asset], feed: str, name: str | None, running: Sequence[Running]
) -> Shown | None:
    """The window called ``name`` of an asset, or the newest that was made; None for no window."""
    if name is not None and not window.is_name(name):
        return None
    asset = kind(feed=feed)
    with cached_requests():
        (found,) = status_of([asset])
        events = events_of(asset.dataset, limit=PAST)
        newest = found.newest.window if found.newest else None
        name = name or newest or (events[0].window if events else None)
        card = Card(found, _run_of(asset, running))
        if name is None:
            return Shown(card, None, None, None, events)
        data, here = asset.dataset.partition(name).read(), events_of_window(asset.dataset, name)
        if data is None and not here:
            return None
        record = next((event.found for event in here if isinstance(event.found, Record)), None)
        older, newer = _beside(asset.dataset, name)
    return Shown(card, name, record, data, events, here, older, newer)


def _beside(dataset: Dataset, name: WindowName) -> tuple[WindowName | None, WindowName | None]:
    """The windows before and after the one called ``name``, of all that were made or tried.

    Those are looked up, not gone through: there are as many as were ever made.
    """
    recorded, tried = dataset.recorded_in_order(), failed_windows_beside(dataset, name)
    begin, end = bisect_left(recorded, name), bisect_right(recorded, name)
    before, after = recorded[max(begin - 1, 0) : begin], recorded[end : end + 1]
    older = max([*before, *(each for each in tried if each < name)], default=None)
    newer = min([*after, *(each for each in tried if each > name)], default=None)
    return older, newer


def points(events: Sequence[Event]) -> dict[str, list[tuple[datetime, float]]]:
    """What was reported over time, oldest first, by what it is.

    ``duration`` and ``lag`` are in seconds; the lag is that of the data when it was published.
    """
    found: dict[str, list[tuple[datetime, float]]] = {}
    made = [event.found for event in events if isinstance(event.found, Record)]
    for record in sorted(made, key=lambda record: record.created_at):
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
                found.setdefault(what, []).append((at, float(value)))
    return found


def _total(skipped: Any) -> float | None:
    if not isinstance(skipped, Mapping):
        return None
    return sum(value for value in skipped.values() if isinstance(value, (int, float)))


def slug(kind: type[Asset]) -> str:
    """What an address calls ``kind``, such as ``story_ids``: the last part of its folder."""
    return name_of(kind.__name__)


class Place(NamedTuple):
    """A window of an asset, as addresses name it."""

    feed: str
    slug: str
    window: str


def place_of(key: str) -> Place | None:
    """What a record calls ``key``, None if it is no window of an asset of the graph."""
    parts = key.split("/")
    if len(parts) != len(Place._fields):
        return None
    place = Place(*parts)
    known = place.feed in FEEDS and place.slug in map(slug, GRAPH) and window.is_name(place.window)
    return place if known else None
