"""The status of assets: state, newest making, last failure, lag. Asking changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hn_luigi.assets import window
from hn_luigi.assets.asset import Asset
from hn_luigi.assets.catalog.dataset import Dataset
from hn_luigi.assets.catalog.failure import Failure, failures_of
from hn_luigi.assets.catalog.record import Record
from hn_luigi.assets.definition import is_asset
from hn_luigi.assets.freshness import Lag, judge_lag
from hn_luigi.assets.staleness.evaluate import Staleness
from hn_luigi.assets.staleness.required import upstream_first
from hn_luigi.assets.staleness.resolve import staleness_of
from hn_luigi.assets.storage import cached_requests
from hn_luigi.assets.window import Timestamp, is_of_future
from hn_luigi.assets.window_length import ALWAYS


@dataclass(frozen=True)
class AssetStatus:
    """What is known of an asset."""

    asset: Asset
    staleness: Staleness
    """Of the asset's own window."""
    newest: Record | None
    """Of the newest window that was made and is stored."""
    failure: Failure | None
    """The last failed attempt at any window, if nothing was made since."""
    lag: Lag


def status_of(assets: Sequence[Asset]) -> list[AssetStatus]:
    """The status of each of ``assets``, in their order."""
    with cached_requests():
        # First, since it lists what staleness would otherwise ask an object store for one by one.
        newest = [asset.dataset.newest_made() for asset in assets]
        staleness_by_id = staleness_of(assets)
        return [
            AssetStatus(
                asset,
                staleness_by_id[asset.task_id],
                record,
                _failure_since(asset.dataset, record),
                _lag(asset, record),
            )
            for asset, record in zip(assets, newest, strict=True)
        ]


def lag_of(asset: Asset) -> Lag:
    """What the asset's freshness policy says of its newest making."""
    return _lag(asset, asset.dataset.newest_made())


def last_failure_since(asset: Asset, timestamp: Timestamp) -> Failure | None:
    """The last attempt at ``asset`` that failed then or later, or else at what it is made from.

    What is made last is looked at first: if it was tried, its inputs had been made.
    """
    for node in reversed(upstream_first([asset])):
        if is_asset(node.task):
            failure = next(failures_of(node.task.dataset), None)
            if failure is not None and failure.failed_at >= timestamp:
                return failure
    return None


def _failure_since(dataset: Dataset, newest: Record | None) -> Failure | None:
    # One of the future was noted by a clock that was wrong: no making would ever be later.
    now = window.now()
    known = (f for f in failures_of(dataset) if not is_of_future(f.failed_at, now))
    failure = next(known, None)
    if failure is None:
        return None
    made = (newest, dataset.partition(failure.window).record())
    since = [r for r in made if isinstance(r, Record) and r.created_at >= failure.failed_at]
    return None if since else failure


def _lag(asset: Asset, newest: Record | None) -> Lag:
    has_age = newest is not None and asset.as_of != ALWAYS  # what knows no time has none
    data_time = window.moment(newest.data_time) if newest and has_age else None
    return judge_lag(asset.freshness, data_time, window.now())
