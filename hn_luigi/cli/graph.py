"""Which assets a command is about."""

from __future__ import annotations

from datetime import datetime

from hn_luigi import Stories, StoryIds, Wordcloud
from hn_luigi.assets import Asset
from hn_luigi.assets.parameters import assets
from hn_luigi.hackernews import FEEDS

GRAPH: tuple[type[Asset], ...] = (StoryIds, Stories, Wordcloud)
"""The assets of the graph, upstream first."""


def watched_feeds() -> list[str]:
    """The feeds of ``[assets] feeds``; raises ValueError for one that Hacker News hasn't."""
    names = [name.strip() for name in assets().feeds.split(",") if name.strip()]
    if not names:
        raise ValueError("[assets] feeds names none: leave it out for top, or name some")
    for name in names:
        if name not in FEEDS:
            raise ValueError(f"[assets] feeds names {name!r}: choose from {', '.join(FEEDS)}")
    return list(dict.fromkeys(names))


def asset_named(name: str, *, feed: str, as_of: datetime | None) -> Asset:
    """The asset that is called ``name``, in any case, with underscores or without.

    Raises:
        ValueError: the graph has none of that name.
    """
    wanted = name.replace("_", "").lower()
    for kind in GRAPH:
        if kind.__name__.lower() == wanted:
            return kind(feed=feed, as_of=as_of)
    known = ", ".join(kind.__name__ for kind in GRAPH)
    raise ValueError(f"there is no asset called {name!r}: choose from {known}")
