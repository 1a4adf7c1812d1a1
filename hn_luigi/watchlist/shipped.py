"""What commands and pages still ask of the shipped graph."""

from __future__ import annotations

from datetime import datetime

from hn_luigi import Stories, StoryIds, Wordcloud
from hn_luigi.assets import Asset
from hn_luigi.assets.operations import (
    LATEST,
    NO_WINDOW,
    SettingError,
    assets,
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


def watched_feeds() -> list[str]:
    """The feeds of ``[assets] feeds``; raises SettingError for one that Hacker News hasn't."""
    names = [name.strip() for name in (assets().feeds or "top").split(",") if name.strip()]
    if not names:
        raise SettingError("[assets] feeds names none: leave it out for top, or name some")
    for name in names:
        if name not in FEEDS:
            raise SettingError(f"[assets] feeds names {name!r}: choose from {', '.join(FEEDS)}")
    return list(dict.fromkeys(names))


def feed_of(asset: Asset) -> str:
    """Of which of Hacker News' lists ``asset`` of the graph is."""
    return str(asset.feed)  # type: ignore[attr-defined]  # each of them has it
