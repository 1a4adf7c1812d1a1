"""The failed attempts at an asset since it was last made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from hn_luigi.assets import window
from hn_luigi.assets.asset import Asset
from hn_luigi.assets.catalog.dataset import Dataset
from hn_luigi.assets.catalog.failure import Failure, StoredFailure, stored_failures
from hn_luigi.assets.catalog.record import Record
from hn_luigi.assets.operations.status import AssetStatus, status_of
from hn_luigi.assets.storage import cached_requests
from hn_luigi.assets.window import Timestamp, WindowName, is_of_future

# Alerts are sent at the second try in a row, so that a third tells them nothing; to read a failure
# takes a bucket a few requests.
_MOST_TRIES = 2


@dataclass(frozen=True)
class ConsecutiveFailures:
    """Failed attempts since which neither their window nor a newer one was made."""

    attempts: int = 0
    since: Timestamp | None = None
    """When the first of them failed; None if there are none."""
    given_up: Failure | None = None
    """The last of them after which its run gave up, if one did."""
    tries: int = 0
    """How many runs gave up, each after all its attempts; 2 stands for any more than one."""


def consecutive_failures_of(dataset: Dataset, newest: Record | None) -> ConsecutiveFailures:
    """The failed attempts that ``dataset`` ended with, given the record of its newest making.

    The name of a failure's file has its time, so that a long series of failures costs one listing,
    the records of its windows, and a few failures.
    """
    with cached_requests():
        standing = _standing(dataset, newest)
        if not standing:
            return ConsecutiveFailures()
        given_up = list(islice(_given_up(standing), _MOST_TRIES))
        last = given_up[0] if given_up else None
        return ConsecutiveFailures(len(standing), min(standing.values()), last, len(given_up))


def status_with_failures(
    assets: Sequence[Asset],
) -> list[tuple[AssetStatus, ConsecutiveFailures]]:
    """The status of each of ``assets``, in their order, and the failed attempts it ended with."""
    with cached_requests():  # the failures are listed for the status, too
        return [
            (status, consecutive_failures_of(status.asset.dataset, status.newest))
            for status in status_of(assets)
        ]


def _standing(dataset: Dataset, newest: Record | None) -> dict[StoredFailure, Timestamp]:
    """When each standing attempt failed, the last one first."""
    last_made = "" if newest is None else newest.created_at
    # What failed in the future did so while a clock was wrong; no making would ever follow it.
    now, later = window.now(), {}
    for failure in stored_failures(dataset):
        if (at := failure.failed_at) and at <= last_made:
            break  # as have all before it
        if at and not is_of_future(at, now):
            later[failure] = at
    made = dict(_makings(dataset, {failure.window for failure in later}))
    standing = {failure: at for failure, at in later.items() if at > made.get(failure.window, "")}
    return dict(sorted(standing.items(), key=lambda item: (item[1], item[0].key), reverse=True))


def _makings(dataset: Dataset, windows: set[WindowName]) -> Iterator[tuple[WindowName, Timestamp]]:
    """When those of ``windows`` that have a record were made."""
    partitions = [dataset.partition(name) for name in windows]
    dataset.store.cache_ahead(
        dataset.folder, [], [partition.record_key for partition in partitions]
    )
    for partition in partitions:
        record = partition.record()
        if isinstance(record, Record):
            yield partition.window, record.created_at


def _given_up(standing: Iterable[StoredFailure]) -> Iterator[Failure]:
    for stored in standing:
        failure = stored.load()
        if isinstance(failure, Failure) and not failure.retried:
            yield failure
