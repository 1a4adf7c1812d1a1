"""What becomes due later on, if all goes well: by the same decision, of what will be known then."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace
from datetime import datetime

from hn_luigi.assets.operations import NO_WINDOW
from hn_luigi.refresh.due import AssetFacts, Due, LineFacts, Need, due


def upcoming(line: LineFacts, now: datetime, until: datetime, share: float) -> list[Due]:
    """What is to be made of ``line`` from ``now`` on ``until`` then, if all goes well."""
    under_way = {asset.folder for asset in line.assets if asset.is_being_made}
    making = {each for end, its in line.made_by_run() if end in under_way for each in its}
    line = _made(line, making, now)
    found: list[Due] = []
    while (when := due(line, now, share).when) is not None and when <= until:
        now = max(now, when)
        line = _at(line, now)
        by_then = due(line, now, share)
        if by_then.is_now(now):
            found.append(by_then)
            line = _done(line, by_then, now)
    return found


def _at(line: LineFacts, now: datetime) -> LineFacts:
    """What will be known of it at ``now``, if nothing is made until then."""
    ended = [each for each in line.assets if each.inputs_every and each.end <= now]
    settle = [replace(each, need=Need.INPUTS, tries=(), is_being_made=False) for each in ended]
    assets = [_asset_at(each, now) for each in line.assets]
    return replace(line, assets=assets, settling=[*line.settling, *settle])


def _done(line: LineFacts, what: Due, now: datetime) -> LineFacts:
    """What will be known of it once a run has done at ``now`` what was due."""
    if what.is_settling:
        left = [each for each in line.settling if each.folder != what.folder]
        return replace(line, settling=left)
    return _made(line, dict(line.made_by_run())[what.folder], now)


def _made(line: LineFacts, folders: Container[str], now: datetime) -> LineFacts:
    """What will be known of it once what is in ``folders`` was made at ``now``."""
    made = [_asset_made(each, now) if each.folder in folders else each for each in line.assets]
    return replace(line, assets=made)


def _asset_at(asset: AssetFacts, now: datetime) -> AssetFacts:
    start = asset.length.floor(now)
    if start != asset.start:
        fresh = replace(asset, start=start, need=Need.MISSING, tries=(), is_being_made=False)
        return replace(fresh, reason="", unmakable="")
    every = asset.inputs_every
    if every and asset.need is Need.NOTHING and asset.data_time is not None:
        is_renewed = every.floor(asset.data_time) != every.floor(now)
        return replace(asset, need=Need.INPUTS) if is_renewed else asset
    return asset


def _asset_made(asset: AssetFacts, now: datetime) -> AssetFacts:
    made = replace(_asset_at(asset, now), need=Need.NOTHING, tries=(), is_being_made=False)
    return replace(made, data_time=None if asset.length == NO_WINDOW else now)
