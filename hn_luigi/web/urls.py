"""The URLs of the pages: how they name an asset, a feed and a window, and what they leave out."""

from __future__ import annotations

from urllib.parse import urlencode

from hn_luigi.assets import Asset
from hn_luigi.assets.operations import NO_WINDOW, snake_case, window
from hn_luigi.hackernews import FEEDS
from hn_luigi.watchlist import kind_named

DEFAULT_FEED = "top"


def slug_of(asset_class: type[Asset]) -> str:
    """What URLs call ``asset_class``, such as ``story_ids``: the last part of its folder."""
    return snake_case(asset_class.__name__)


def class_of(slug: str) -> type[Asset] | None:
    """The asset of the graph that URLs call ``slug``, in this very spelling."""
    asset_class = kind_named(slug)
    return asset_class if asset_class and slug_of(asset_class) == slug else None


def page_url(slug: str, feed: str, /, *more: str, **query: str | None) -> str:
    """The page of an asset, or what ``more`` names below it; a query of None is left out."""
    chosen = {"feed": feed if feed != DEFAULT_FEED else None, **query}
    given = {name: value for name, value in chosen.items() if value is not None}
    path = "/".join(["/assets", slug, *more])
    return f"{path}?{urlencode(given)}" if given else path


def url_of_key(key: str) -> str | None:
    """The page of the window that a record calls ``key``, such as ``top/stories/2026-11-22T1230Z``.

    None if it is no window of an asset of the graph: a record names plain Luigi tasks as well, and
    others may have written into it.
    """
    feed, _, rest = key.partition("/")
    slug, _, name = rest.partition("/")
    asset_class = class_of(slug)
    if feed not in FEEDS or asset_class is None:
        return None
    if asset_class.own_length() == NO_WINDOW:
        return page_url(slug, feed) if name == slug else None
    return page_url(slug, feed, window=name) if window.is_name(name) else None
