"""The assets of the graph, and which of them people watch."""

from __future__ import annotations

from datetime import datetime

from hn_luigi import Stories, StoryIds, Wordcloud
from hn_luigi.assets import Asset
from hn_luigi.assets.operations import (
    LATEST,
    NO_WINDOW,
    SettingError,
    WindowLength,
    assets,
    newest_start,
    window,
)
from hn_luigi.hackernews import FEEDS

GRAPH: tuple[type[Asset], ...] = (StoryIds, Stories, Wordcloud)
"""The assets of the graph, upstream first."""


def kind_named(name: str) -> type[Asset] | None:
    """The asset of the graph that is called ``name``, in any case, with underscores or without."""
    wanted = name.replace("_", "").lower()
    return next((kind for kind in GRAPH if kind.__name__.lower() == wanted), None)


def asset_named(name: str, *, feed: str, as_of: datetime | None) -> Asset:
    """The asset that is called ``name`` as ``kind_named`` has it, of a feed and for a window.

    Raises:
        SettingError: the graph has none of that name, or ``as_of`` is LATEST, and no window is
            stored.
    """
    kind = kind_named(name)
    if kind is None:
        known = ", ".join(kind.__name__ for kind in GRAPH)
        raise SettingError(f"there is no asset called {name!r}: choose from {known}")
    if kind.own_length() == NO_WINDOW and as_of not in (None, LATEST):
        raise SettingError(f"--as-of: {kind.__name__} has no windows: leave it out")
    return _asset(kind, feed, as_of)


def _asset(kind: type[Asset], feed: str, as_of: datetime | None) -> Asset:
    """The asset of a feed and for the window that holds ``as_of``; of what has none, itself."""
    if kind.own_length() == NO_WINDOW:
        return kind(feed=feed, stored_only=as_of == LATEST)
    asset = kind(feed=feed, as_of=as_of)
    if asset.as_of > (now := window.now()):
        label = kind.own_length().label(asset.as_of)
        raise SettingError(f"--as-of: {label} is in the future: it is {now:%Y-%m-%d %H:%M} UTC")
    return asset


def watched(as_of: datetime | None) -> list[Asset]:
    """The assets of the watched feeds, upstream first; those of a feed for one window a length.

    ``latest`` is the window whose captures are stored; the present one for a feed that has none.

    Raises:
        SettingError: ``[assets] feeds`` names none, or one that Hacker News hasn't.
    """
    now = window.now()
    found: list[Asset] = []
    for feed in watched_feeds():
        # The window is resolved once, by the last asset of a length: each by itself could get
        # another one, if a window begins in between, or only a part of the captures is stored.
        last: dict[WindowLength, Asset] = {}
        for kind in reversed(GRAPH):
            if (length := kind.own_length()) not in last:
                last[length] = _asset(kind, feed, now if as_of in (None, LATEST) else as_of)
                if as_of == LATEST and newest_start(last[length]):
                    last[length] = _asset(kind, feed, LATEST)
        for kind in GRAPH:
            own, has_window = last[kind.own_length()], kind.own_length() != NO_WINDOW
            shared = {"as_of": own.as_of} if has_window else {}
            found.append(kind(feed=feed, stored_only=own.stored_only, **shared))
    return found


def watched_feeds() -> list[str]:
    """The feeds of ``[assets] feeds``; raises SettingError for one that Hacker News hasn't."""
    names = [name.strip() for name in assets().feeds.split(",") if name.strip()]
    if not names:
        raise SettingError("[assets] feeds names none: leave it out for top, or name some")
    for name in names:
        if name not in FEEDS:
            raise SettingError(f"[assets] feeds names {name!r}: choose from {', '.join(FEEDS)}")
    return list(dict.fromkeys(names))


def feed_of(asset: Asset) -> str:
    """Of which of Hacker News' lists ``asset`` of the graph is."""
    return str(asset.feed)  # type: ignore[attr-defined]  # each of them has it
