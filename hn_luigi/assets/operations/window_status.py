"""How windows of an asset stand side by side, those that are over among them. Only looks."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hn_luigi.assets import window
from hn_luigi.assets.asset import Asset
from hn_luigi.assets.catalog.failure import Failure, failures_at, last_failed
from hn_luigi.assets.catalog.record import Record, Unreadable
from hn_luigi.assets.staleness.evaluate import Staleness
from hn_luigi.assets.staleness.required import upstream_first
from hn_luigi.assets.staleness.resolve import staleness_of
from hn_luigi.assets.storage import cached_requests
from hn_luigi.assets.window import Timestamp, WindowName


@dataclass(frozen=True)
class WindowStatus:
    """How one window of an asset stands."""

    asset: Asset
    """The asset in that window."""
    name: WindowName
    record: Record | Unreadable | None
    staleness: Staleness | None
    """Of what is stored, None if nothing is."""
    failed_at: Timestamp | None
    """When the last attempt at it failed, None if none did."""
    is_pruned: bool
    """Whether it is so old that it may have been made and pruned, record and all."""

    @property
    def failed_last(self) -> bool:
        """Whether the last attempt at it failed, whatever was made before."""
        if self.failed_at is None:
            return False
        return not (isinstance(self.record, Record) and self.record.created_at > self.failed_at)


def status_of_windows(asset: Asset, starts: Sequence[datetime]) -> list[WindowStatus]:
    """How the windows of ``asset`` that begin at ``starts``, oldest first, stand.

    What is stored is judged as ``staleness_of`` does, in one walk, by what the classes and settings
    say now, but that an output of the recorded size is taken for the recorded one. A capture that
    is over is never stale.
    """
    if not starts:
        return []
    dataset = asset.dataset
    tasks = {window.name(start): asset.clone(as_of=start) for start in starts}
    with cached_requests():
        first, last = min(tasks), max(tasks)
        recorded = dataset.recorded_in_order()
        there = {*recorded[bisect_left(recorded, first) : bisect_right(recorded, last)]}
        keys = [dataset.partition(name).record_key for name in tasks if name in there]
        files = {name + dataset.suffix: name for name in tasks}
        dataset.store.cache_ahead(dataset.folder, files, keys)
        stored = {files[file] for file in dataset.store.stats(dataset.folder, [*files])}
        failed = last_failed(dataset, first, last)
        judged = [task for name, task in tasks.items() if name in stored]
        staleness = staleness_of(judged, by_size=True)
        pruned_before = dataset.pruned_before() or ""
        return [
            WindowStatus(
                task,
                name,
                dataset.partition(name).record() if name in there else None,
                staleness[task.task_id] if name in stored else None,
                failed.get(name),
                is_pruned=name < pruned_before,
            )
            for name, task in tasks.items()
        ]


def failures_behind(asset: Asset) -> list[tuple[Asset, Failure]]:
    """What failed last of all that the window of ``asset`` is made from, and isn't made since.

    What fails first is first. The walk doesn't pass a plain Luigi task.
    """
    found = []
    with cached_requests():
        for node in upstream_first([asset]):
            task = node.task
            if task is asset or not isinstance(task, Asset):
                continue
            partition = task.partition
            attempts = failures_at(task.dataset, partition.window)
            last = max(attempts, key=lambda attempt: attempt.failed_at or "", default=None)
            failure, record = last and last.load(), partition.record()
            if not isinstance(failure, Failure):
                continue
            is_made = isinstance(record, Record) and record.created_at >= failure.failed_at
            if not (is_made and partition.stat() is not None):
                found.append((task, failure))
    return found


def given_up_at(asset: Asset) -> list[Failure]:
    """The attempts at the window of ``asset`` that runs gave up after, since it was last made."""
    record = asset.partition.record()
    made_at = record.created_at if isinstance(record, Record) else ""
    attempts = failures_at(asset.dataset, asset.partition.window)
    since = [attempt.load() for attempt in attempts if (attempt.failed_at or "") > made_at]
    return [each for each in since if isinstance(each, Failure) and not each.retried]
