"""The watch list: which assets people care about, and what they call them.

Commands, pages, alerts and refresh are about them and all that they are made from.
"""

from hn_luigi.watchlist.asset_names import asset_of, is_called
from hn_luigi.watchlist.shipped import GRAPH, asset_named, feed_of, kind_named, watched_feeds
from hn_luigi.watchlist.task import Watched
from hn_luigi.watchlist.watched import Graph, graphs, roots, watched

__all__ = [
    "GRAPH",
    "Graph",
    "Watched",
    "asset_named",
    "asset_of",
    "feed_of",
    "graphs",
    "is_called",
    "kind_named",
    "roots",
    "watched",
    "watched_feeds",
]
