"""What is known of the lines of the watch list, read from storage and from the runs of a server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

import luigi

from hn_luigi.assets import Asset
from hn_luigi.assets.operations import (
    NO_WINDOW,
    AssetStatus,
    Category,
    Record,
    Staleness,
    State,
    WindowLength,
    WindowName,
    cached_requests,
    given_up_at,
    inputs_of,
    status_of,
    window,
)
from hn_luigi.refresh.due import AssetFacts, LineFacts, Need, Try
from hn_luigi.watchlist import WatchedLine


@dataclass(frozen=True)
class PastRun:
    """A run that was started to refresh something, and is over."""

    id: str
    make: Sequence[str]
    """The folders of the assets that it was to make."""
    began: datetime
    ended: datetime
    found_nothing_to_do: bool = False
    succeeded: bool = False
    """Whether it made them."""
    window: WindowName | None = None
    """Of which window; None for the one that was present when it began."""

    def was_at(self, asset: Asset) -> bool:
        """Whether it was to make the window of ``asset``."""
        present = window.name(asset.own_length().floor(self.began))
        return (self.window or present) == window.name(asset.as_of)


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
    outline, assets, ended = outline_of(line), [], []
    with cached_requests():
        for status, known, made in zip(
            status_of(line.assets), outline.assets, outline.upstream, strict=True
        ):
            behind = [asset for asset in line.assets if asset.folder in made]
            wider = {end for end, its in outline.made_by_run() if known.folder in its}
            past = [run for run in runs if not wider.isdisjoint(run.make)]
            assets.append(_with_status(known, status, behind, past))
            ended += _ended(known, status.asset, past)
    since = paused.get(line.root.folder)
    return replace(outline, assets=assets, settling=ended, paused_since=since)


def outline_of(line: WatchedLine) -> LineFacts:
    """What the classes of ``line`` say, as if all of it were made: no store is asked."""
    lengths = renewing_lengths(line.assets)
    assets = [
        AssetFacts(
            folder=asset.folder,
            length=asset.own_length(),
            start=asset.as_of,
            policy=asset.freshness,
            inputs_every=lengths[asset.folder],
        )
        for asset in line.assets
    ]
    return LineFacts(line.text, assets, made_by_runs(line.assets))


def made_by_runs(assets: Sequence[Asset]) -> list[frozenset[str]]:
    """For each of ``assets``, which are upstream first, the folders of what a run of it makes."""
    made: dict[str, frozenset[str]] = {}
    for asset in assets:
        sources = (made.get(source.folder, frozenset()) for source in _made_first(asset))
        made[asset.folder] = frozenset([asset.folder]).union(*sources)
    return [made[asset.folder] for asset in assets]


def _made_first(task: luigi.Task) -> Iterator[Asset]:
    """The assets that are made before ``task``, plain tasks passed.

    Of several windows that is the open one; those that it only looks back at are none of these.
    """
    for source in inputs_of(task):
        if isinstance(source, Asset):
            yield source
        else:
            yield from _made_first(source)


def renewing_lengths(assets: Iterable[Asset]) -> dict[str, WindowLength | None]:
    """The shortest windows that bring each of ``assets`` new data within its own, by folder."""

    @cache
    def shortest(asset: Asset) -> WindowLength:
        # The staleness of an asset doesn't pass plain tasks either.
        sources = [task for task in inputs_of(asset) if isinstance(task, Asset)]
        lengths = [asset.own_length(), *map(shortest, sources)]
        return min(lengths, key=lambda length: length.minutes)

    return {
        asset.folder: found if found.minutes < asset.own_length().minutes else None
        for asset in assets
        for found in [shortest(asset)]
    }


def _with_status(
    known: AssetFacts, status: AssetStatus, behind: Sequence[Asset], runs: Sequence[PastRun]
) -> AssetFacts:
    """What storage tells, beside what is ``known`` of the asset."""
    staleness, newest = status.staleness, status.newest
    need, knows_time = _need(staleness), known.length != NO_WINDOW
    return replace(
        known,
        need=need,
        reason="; ".join(cause.reason for cause in staleness.causes if not cause.is_upstream),
        unmakable=_unmakable(staleness),
        data_time=window.moment(newest.data_time) if newest and knows_time else None,
        tries=_tries(status.asset, behind, runs) if need is not Need.NOTHING else (),
        is_being_made=need is not Need.NOTHING and any(map(_is_held, behind)),
    )


def _ended(known: AssetFacts, asset: Asset, runs: Sequence[PastRun]) -> list[AssetFacts]:
    """The window of ``asset`` before, while what it is made from may still have grown."""
    before = known.length.shift(known.start, -1) if known.inputs_every else known.start
    if before == known.start or not known.length.is_open(before, window.now()):
        return []
    ended = asset.clone(as_of=before)
    (status,) = status_of([ended])
    facts = _with_status(replace(known, start=before), status, [ended], runs)
    since = [each for each in facts.tries if each.ended >= facts.end]
    return [replace(facts, tries=since)] if facts.need is not Need.NOTHING else []


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
    for run in runs:
        # One that made it says nothing of why it failed before, but how often it is stale again.
        counts = run.was_at(asset) and (run.succeeded or run.ended >= made_at)
        # Of a window before: what it was started by is older than what runs take for current, and
        # so would be as vain in each window. A server forgets it once all looks current to it.
        is_made = isinstance(record, Record)
        is_vain = run.found_nothing_to_do and not run.window and run.began < asset.as_of
        if counts or (is_vain and is_made):
            found[run.id] = Try(run.id, run.ended, run.found_nothing_to_do, run.succeeded)
    return list(found.values())


def _is_held(asset: Asset) -> bool:
    return asset.dataset.store.is_held(asset.partition.key)
