"""The watch list: which assets people care about, and what they call them.

Commands, pages, alerts and refresh are about them and all that they are made from.
"""

from hn_luigi.watchlist.asset_names import asset_of, first_if_unnamed
from hn_luigi.watchlist.task import Watched
from hn_luigi.watchlist.watch_line import WatchListError
from hn_luigi.watchlist.watched import (
    BrokenLine,
    Graph,
    WatchedLine,
    for_window,
    graphs,
    roots,
    watched,
    watched_lines,
    watched_or_broken,
    with_upstream,
)

__all__ = [
    "BrokenLine",
    "Graph",
    "WatchListError",
    "Watched",
    "WatchedLine",
    "asset_of",
    "first_if_unnamed",
    "for_window",
    "graphs",
    "roots",
    "watched",
    "watched_lines",
    "watched_or_broken",
    "with_upstream",
]
