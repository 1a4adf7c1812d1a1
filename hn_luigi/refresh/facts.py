"""What is known of the lines of the watch list, read from storage and from the runs of a server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from hn_luigi.assets import Asset
from hn_luigi.assets.operations import (
    NO_WINDOW,
    AssetStatus,
    Category,
    Record,
    Staleness,
    State,
    cached_requests,
    given_up_at,
    status_of,
    window,
)
from hn_luigi.refresh.due import AssetFacts, LineFacts, Need, Try
from hn_luigi.watchlist import WatchedLine, graphs


@dataclass(frozen=True)
class PastRun:
    """A run that was started to refresh something, and is over."""

    id: str
    make: Sequence[str]
    """The folders of the assets that it was to make."""
    began: datetime
    ended: datetime
    found_nothing_to_do: bool


def facts_of(
    line: WatchedLine, runs: Sequence[PastRun], paused: Mapping[str, datetime]
) -> LineFacts:
    """What is known of ``line`` now.

    Args:
        line: of the watch list.
        runs: those of this server that are over, which may have failed without a trace in storage.
        paused: since when lines are paused, by the folder of what they name.

    Raises:
        StorageError: a root doesn't answer.
    """
    with cached_requests():
        upstream = _upstream(line)
        found = status_of(line.assets)
        assets = [_facts(status, upstream[status.asset], runs) for status in found]
        folders = [frozenset(a.folder for a in upstream[status.asset]) for status in found]
        settling = _settling(line, assets[-1], runs)
    return LineFacts(line.text, assets, folders, settling, paused.get(line.root.folder))


def _upstream(line: WatchedLine) -> dict[Asset, Sequence[Asset]]:
    return {a: graph.upstream_of(a) for graph in graphs(line.assets) for a in graph.assets}


def _facts(status: AssetStatus, behind: Sequence[Asset], runs: Sequence[PastRun]) -> AssetFacts:
    asset, staleness, newest = status.asset, status.staleness, status.newest
    length, need = asset.own_length(), _need(staleness)
    knows_time = newest is not None and length != NO_WINDOW
    lengths = [source.own_length() for source in behind]
    shortest = min(lengths, key=lambda each: each.minutes)
    return AssetFacts(
        folder=asset.folder,
        length=length,
        start=asset.as_of,
        policy=asset.freshness,
        need=need,
        reason="; ".join(c.reason for c in staleness.causes if not c.is_upstream),
        unmakable=_unmakable(staleness),
        data_time=window.moment(newest.data_time) if newest and knows_time else None,
        tries=_tries(asset, behind, runs) if need is not Need.NOTHING else (),
        is_being_made=need is not Need.NOTHING and any(map(_is_held, behind)),
        inputs_every=shortest if shortest.minutes < length.minutes else None,
    )


def _settling(line: WatchedLine, root: AssetFacts, runs: Sequence[PastRun]) -> AssetFacts | None:
    """The window before, while what it was made from may still have grown."""
    length, now = root.length, window.now()
    if root.inputs_every is None or length == NO_WINDOW:
        return None
    before = length.shift(root.start, -1)
    if not length.is_open(before, now):
        return None
    asset = line.root.clone(as_of=before)
    (status,) = status_of([asset])
    facts = replace(_facts(status, [asset], runs), inputs_every=root.inputs_every)
    return facts if facts.need is not Need.NOTHING else None


def _need(staleness: Staleness) -> Need:
    if staleness.current:
        return Need.NOTHING
    if staleness.state is State.MISSING:
        return Need.MISSING
    is_of_inputs = all(cause.category is Category.INPUT for cause in staleness.causes)
    return Need.INPUTS if is_of_inputs else Need.STALE


def _unmakable(staleness: Staleness) -> str:
    if staleness.is_taken:
        return "; ".join(staleness.reasons)
    return "it can't be made any more" if staleness.lost and not staleness.current else ""


def _tries(asset: Asset, behind: Sequence[Asset], runs: Sequence[PastRun]) -> list[Try]:
    """The runs that were over while the window of ``asset`` was still to be made."""
    failures = [failure for each in behind for failure in given_up_at(each)]
    found = {
        failure.run or failure.failed_at: Try(failure.run, window.moment(failure.failed_at))
        for failure in sorted(failures, key=lambda failure: failure.failed_at)
    }
    record = asset.partition.record()
    made_at = window.moment(record.created_at) if isinstance(record, Record) else asset.as_of
    since = max(made_at, asset.as_of)
    for run in runs:
        if asset.folder in run.make and run.began >= since:
            found[run.id] = Try(run.id, run.ended, run.found_nothing_to_do)
    return list(found.values())


def _is_held(asset: Asset) -> bool:
    return asset.dataset.store.is_held(asset.partition.key)
