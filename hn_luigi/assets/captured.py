"""For which windows the captures that an asset is made from are stored."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

import luigi

from hn_luigi.assets import window
from hn_luigi.assets.asset_class import is_asset
from hn_luigi.assets.lineage import inputs_of
from hn_luigi.assets.parameters import assets, refuse

if TYPE_CHECKING:
    from hn_luigi.assets.asset import Asset


def captured_windows(asset: Asset) -> set[str]:
    """The windows for which the captures that ``asset`` is made from are stored."""
    captures = _nearest_captures(asset) or [asset]
    return set.intersection(*(capture.series.stored() for capture in captures))


def starts_of(windows: Iterable[str]) -> list[datetime]:
    """When those of ``windows``, given by name, begin that can be an asset's by now, in order.

    Windows of another length, stored before the setting changed, count where they begin with
    one of the present length.
    """
    length, now = assets().window_minutes, window.now()
    starts = sorted(window.parse(name) for name in windows)
    return [start for start in starts if window.floor(start, length) == start <= now]


def newest_captured(asset: Asset) -> datetime:
    """The newest of those windows, which ``--as-of latest`` means; raises SettingError for none."""
    starts = starts_of(captured_windows(asset))
    if not starts:
        captures = _nearest_captures(asset) or [asset]
        raise refuse(
            f"--as-of latest: no window of {' and '.join(c.folder for c in captures)} is stored "
            f"under {asset.slot.store.root}; run without --as-of first"
        )
    return starts[-1]


def _nearest_captures(asset: Asset) -> list[Asset]:
    """The captures upstream of ``asset``, itself included, that no other stands before."""
    found: list[Asset] = []
    seen: set[str] = set()
    pending: list[luigi.Task] = [asset]
    while pending:
        task = pending.pop()
        if task.task_id in seen or not is_asset(task):
            continue
        seen.add(task.task_id)
        if task.capture:
            found.append(task)
        else:
            pending.extend(inputs_of(task))
    return found
