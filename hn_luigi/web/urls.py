"""The URLs of the pages: how they name an asset, a window and an output.

A folder's parts are percent-encoded where they hold more than plain signs, and are so once more in
a URL: a browser takes ``%2F`` for a slash, and ``%2E%2E`` for the folder above.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote, urlencode

from hn_luigi.assets import Asset
from hn_luigi.assets.operations import NO_WINDOW, window

# No folder begins with an underscore, so that no asset's page can be in their place.
OUTPUTS, STATIC = "/assets/_outputs/", "/assets/_static/"


def page_url(folder: str, /, **query: str | None) -> str:
    """The page of the asset stored in ``folder``; a query of None is left out."""
    given = {name: value for name, value in query.items() if value is not None}
    path = f"/assets/{_quoted(folder)}"
    return f"{path}?{urlencode(given)}" if given else path


def run_url(run_id: str, before: datetime | None = None) -> str:
    """The page of a run; ``before`` is a time that it is looked for before, if it is long ago."""
    return f"/runs/{run_id}{_before(before)}"


def runs_url(before: datetime | None = None) -> str:
    """The runs that began ``before`` that time, or the last ones."""
    return f"/runs{_before(before)}"


def _before(moment: datetime | None) -> str:
    return "" if moment is None else f"?before={window.timestamp(moment)}"


def output_url(key: str) -> str:
    """Where the output at ``key`` of its store can be downloaded."""
    return OUTPUTS + _quoted(key)


def _quoted(path: str) -> str:
    return quote(path, safe="/=,@+~")


def asset_in(folder: str, assets: Sequence[Asset]) -> Asset | None:
    """The asset stored in ``folder``, None if it isn't among ``assets``."""
    return next((asset for asset in assets if asset.folder == folder), None)


def url_of_key(key: str, assets: Sequence[Asset]) -> str | None:
    """The page of what a record calls ``key``, such as ``top/stories/2026-11-22T1230Z``.

    None if it is no window of ``assets``: a record names plain Luigi tasks as well, and others may
    have written into it. Of several windows, it is the page of their asset.
    """
    folder, _, name = key.rpartition("/")
    asset = asset_in(folder, assets)
    if asset is None:
        return None
    if asset.own_length() == NO_WINDOW:
        return page_url(folder) if key == asset.partition.key else None
    since, several, until = name.partition("--")
    if several:
        return page_url(folder) if window.is_name(since) and window.is_name(until) else None
    return page_url(folder, window=name) if window.is_name(name) else None
