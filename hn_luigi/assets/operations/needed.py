"""What assets need whose window is open: a prune that took it would freeze a day at noon."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from hn_luigi.assets import window
from hn_luigi.assets.asset import Asset
from hn_luigi.assets.catalog.dataset import Dataset
from hn_luigi.assets.definition import is_asset
from hn_luigi.assets.operations.stored_assets import KnownAsset, StoredAsset, place_of
from hn_luigi.assets.staleness.required import parts_of, upstream_first
from hn_luigi.assets.staleness.window_range import WindowRange
from hn_luigi.assets.window import WindowName


def needed_since(assets: Iterable[KnownAsset]) -> dict[str, WindowName]:
    """From which window on ``assets`` whose window is open need others, by where these are."""
    since: dict[str, WindowName] = {}
    now = window.now()
    for asset in assets:
        for place, name in _needs(asset, now):
            since[place] = min(name, since.get(place, name))
    return since


def _needs(asset: KnownAsset, now: datetime) -> Iterator[tuple[str, WindowName]]:
    if isinstance(asset, StoredAsset):
        for folder, name in asset.needs(now):
            yield place_of(replace(asset.dataset, folder=folder)), name
        return
    length = asset.own_length()
    starts = (asset.as_of, length.shift(asset.as_of, -1))  # which may be in its grace
    for task in [asset.clone(as_of=start) for start in starts if length.is_open(start, now)]:
        for dataset, name in _windows_behind(task):
            yield place_of(dataset), name


def _windows_behind(asset: Asset) -> Iterator[tuple[Dataset, WindowName]]:
    for node in upstream_first([asset]):
        for part in parts_of(node.required):
            if isinstance(part, WindowRange):
                yield part.dataset, window.name(part.since)
            elif is_asset(part):
                yield part.dataset, part.partition.window
