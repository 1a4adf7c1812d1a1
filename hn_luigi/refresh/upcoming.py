"""What becomes due later on, if all goes well: by the same decision, of what will be known then."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace
from datetime import datetime

from hn_luigi.assets.operations import NO_WINDOW
from hn_luigi.refresh.due import AssetFacts, Due, LineFacts, Need, due


def upcoming(
    lines: Sequence[LineFacts], now: datetime, until: datetime, share: float
) -> list[list[Due]]:
    """What is to be made of each of ``lines`` from ``now`` on ``until`` then, if all goes well."""
    lines = [_with_runs_done(line, now) for line in lines]
    found: list[list[Due]] = [[] for _ in lines]
    while True:
        planned = (due(line, now, share, lines).when for line in lines)
        soonest = min((when for when in planned if when is not None), default=datetime.max)
        if soonest > until:
            return found
        now = max(now, soonest)
        lines = [_at(line, now) for line in lines]
        for number, its in enumerate(found):
            by_then = due(lines[number], now, share, lines)
            if by_then.is_now(now):
                its.append(by_then)
                made = dict(lines[number].made_by_run())[by_then.folder]
                lines = [_done(line, by_then, made, now) for line in lines]


def _with_runs_done(line: LineFacts, now: datetime) -> LineFacts:
    """What will be known of it once the runs that are under way have made what they make."""
    under_way = {asset.folder for asset in line.assets if asset.is_being_made}
    making = {each for end, its in line.made_by_run() if end in under_way for each in its}
    return _made(line, making, now)


def _at(line: LineFacts, now: datetime) -> LineFacts:
    """What will be known of it at ``now``, if nothing is made until then."""
    ended = [each for each in line.assets if each.inputs_every and each.end <= now]
    settle = [replace(each, need=Need.INPUTS, tries=(), is_being_made=False) for each in ended]
    assets = [_asset_at(each, now) for each in line.assets]
    return replace(line, assets=assets, settling=[*line.settling, *settle])


def _done(line: LineFacts, what: Due, folders: Container[str], now: datetime) -> LineFacts:
    """What will be known of it once a run has made at ``now`` what was due, and so ``folders``."""
    if what.is_settling:
        left = [e for e in line.settling if e.folder not in folders or e.start != what.start]
        return replace(line, settling=left)
    return _made(line, folders, now)


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
