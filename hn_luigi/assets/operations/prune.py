"""Removing old windows, except for the newest good one of each asset."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from hn_luigi.assets import window
from hn_luigi.assets.catalog.dataset import KINDS, Dataset
from hn_luigi.assets.catalog.failure import StoredFailure, failure_keys
from hn_luigi.assets.catalog.partition import Partition
from hn_luigi.assets.catalog.record import Foreign, Record
from hn_luigi.assets.errors import FileUnavailable
from hn_luigi.assets.operations.needed import needed_since
from hn_luigi.assets.operations.stored_assets import KnownAsset, place_of
from hn_luigi.assets.storage import FileKey, Store, cached_requests
from hn_luigi.assets.window import WindowName
from hn_luigi.assets.window_length import ALWAYS, NO_WINDOW


@dataclass(frozen=True)
class Pruned:
    """What was removed of one asset, or would be."""

    dataset: Dataset
    windows: int = 0
    size: int = 0
    """Bytes of outputs, records and failed attempts."""
    busy: tuple[WindowName, ...] = ()
    """Windows left alone because they were just being made."""
    errors: tuple[str, ...] = ()
    """Why other windows, or all of them, couldn't be removed."""


def prune_windows(
    datasets: Sequence[Dataset],
    *,
    before: datetime,
    needed_by: Iterable[KnownAsset] = (),
    dry_run: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Pruned]:
    """Remove the windows that began before the minute of ``before``, UTC, oldest first.

    Of each asset the newest window whose output is the one recorded stays, or the newest of
    all if none is; so do the copy called latest, what another asset has stored there, and what
    those of ``needed_by`` are made from whose window is open: a day's asset would else be frozen
    at noon, as it isn't remade from less. Of what has no window only failed attempts go. A folder
    that a symbolic link leads out of the root is left alone. Killed at any moment, it leaves
    windows that are whole, or that the next prune removes. ``progress`` is told how many of how
    many windows are done.
    """
    with cached_requests():
        return _prune(datasets, before, needed_since(needed_by), dry_run, progress)


def _prune(
    datasets: Sequence[Dataset],
    before: datetime,
    needed: Mapping[str, WindowName],
    dry_run: bool,
    progress: Callable[[int, int], None],
) -> list[Pruned]:
    limit = window.name(before)
    limits = [min(limit, needed.get(place_of(dataset), limit)) for dataset in datasets]
    looked_up = [
        _looked_up(dataset, limit, dry_run=dry_run)
        for dataset, limit in zip(datasets, limits, strict=True)
    ]
    done, total = 0, sum(len(windows) for windows, _ in looked_up)
    pruned = []
    for dataset, (windows, error) in zip(datasets, looked_up, strict=True):
        names, size = list(windows), dataset.store.windows_per_request
        asks_whose = _asks_whose(dataset, names)
        parts = [Pruned(dataset, errors=(error,) if error else ())]
        for start in range(0, len(names), size):
            some = {name: windows[name] for name in names[start : start + size]}
            parts.append(_removed(dataset, some, asks_whose=asks_whose, dry_run=dry_run))
            done += len(some)
            progress(done, total)
        if dataset.length == NO_WINDOW and not error:
            parts.append(_old_attempts_removed(dataset, before, dry_run=dry_run))
        pruned.append(_together(parts))
        if not (dry_run or pruned[-1].errors):
            dataset.sweep()
    return pruned


def _looked_up(
    dataset: Dataset, before: WindowName, *, dry_run: bool
) -> tuple[dict[WindowName, list[FileKey]], str | None]:
    """The windows of ``dataset`` that are to go, or why none can."""
    if error := leads_out(dataset):
        return {}, error
    try:
        old = _old_windows(dataset, before)
        if not dry_run and not old.keys().isdisjoint(dataset.stored()):
            dataset.note_pruned(before)
        return old, None
    except FileUnavailable as error:
        return {}, str(error)


def leads_out(dataset: Dataset) -> str | None:
    """Why nothing of ``dataset`` is removed: a symbolic link leads out of the root."""
    for folder in (kind + dataset.folder for kind in KINDS):
        if dataset.store.escapes_root(folder):
            where = dataset.store.path(folder)
            return f"{where} leads out of the root by a symbolic link: left alone; prune there"
    return None


def failures_by_window(dataset: Dataset) -> dict[WindowName, list[FileKey]]:
    """The failed attempts at ``dataset``, by the window that they were at."""
    failures: dict[WindowName, list[FileKey]] = defaultdict(list)
    for key, name in failure_keys(dataset).items():
        failures[name].append(key)
    return failures


def _old_windows(dataset: Dataset, before: WindowName) -> dict[WindowName, list[FileKey]]:
    """The windows of before ``before`` that are to go, oldest first, with their failures."""
    stored, recorded, failures = dataset.stored(), dataset.recorded(), failures_by_window(dataset)
    old = {name for name in stored | recorded | failures.keys() if name < before}
    old.discard(window.name(ALWAYS))  # of what has no window, which is never old
    good = _newest_good(dataset, recorded) if old else None
    return {name: failures[name] for name in sorted(old) if name != good}


def _old_attempts_removed(dataset: Dataset, before: datetime, *, dry_run: bool) -> Pruned:
    """Remove what failed earlier of what has no window, and so is itself never removed."""
    limit = window.timestamp(before)
    failures = (StoredFailure(dataset, key) for key in failure_keys(dataset))
    keys = [each.key for each in failures if each.failed_at and each.failed_at < limit]
    try:
        size = sum(stat.size for stat in map(dataset.store.stat, keys) if stat is not None)
        if not dry_run:
            dataset.store.remove(*keys)
    except FileUnavailable as error:
        return Pruned(dataset, errors=(str(error),))
    return Pruned(dataset, size=size)


def _newest_good(dataset: Dataset, recorded: set[WindowName]) -> WindowName | None:
    names = dataset.stored_newest_first()
    good = (name for name in names if name in recorded and _is_good(dataset.partition(name)))
    return next(good, next(dataset.stored_newest_first(), None))


def _is_good(partition: Partition) -> bool:
    record = partition.record()
    return isinstance(record, Record) and partition.version() == record.data_version


def _together(parts: Sequence[Pruned]) -> Pruned:
    """``parts``, all of one asset, as one."""
    return Pruned(
        parts[0].dataset,
        sum(part.windows for part in parts),
        sum(part.size for part in parts),
        tuple(name for part in parts for name in part.busy),
        tuple(dict.fromkeys(error for part in parts for error in part.errors)),
    )


def _removed(
    dataset: Dataset, windows: dict[WindowName, list[FileKey]], *, asks_whose: bool, dry_run: bool
) -> Pruned:
    """Remove ``windows`` of ``dataset``, each with its failures, and tell what went."""
    store = dataset.store
    partitions = {name: dataset.partition(name) for name in windows}
    foreign = _foreign(store, partitions) if asks_whose else {}
    left = tuple(
        f"{store.path(dataset.folder)}: what another asset has stored is left alone: {reason}"
        for reason in foreign.values()
    )
    partitions = {name: partition for name, partition in partitions.items() if name not in foreign}
    with cached_requests():
        busy = tuple(n for n, each in partitions.items() if not dry_run and store.is_held(each.key))
    free = [partition for name, partition in partitions.items() if name not in busy]
    records = [partition.record_key for partition in free]
    others = [
        key for partition in free for key in (partition.output_key, *windows[partition.window])
    ]
    try:
        stats = [store.stat(key) for key in (*records, *others)]
        if not dry_run:
            # First, as they are written last: killed in between, it leaves outputs that count as
            # not made, and no record of an output that is gone.
            store.remove(*records)
            store.remove(*others)
    except FileUnavailable as error:
        return Pruned(dataset, busy=busy, errors=(*left, str(error)))
    size = sum(stat.size for stat in stats if stat is not None)
    return Pruned(dataset, len(free), size, busy, left)


def _asks_whose(dataset: Dataset, names: Sequence[WindowName]) -> bool:
    """Whether of each of the windows ``names``, oldest first, it is to be asked whose it is.

    Of what only its records tell of, it isn't; in a folder it is. An object store takes a request
    for each record, so there only if the first record or the last is not the asset's own: classes
    that share a folder follow one another, since a run refuses a folder whose newest record is
    another's.
    """
    if dataset.identity is None or dataset.store.windows_per_request == 1:
        return dataset.identity is not None
    # A window that failed, or was stored without a record, doesn't say whose the others are.
    recorded = dataset.recorded()
    ends = [name for name in names if name in recorded]
    records = [dataset.partition(name).record() for name in (*ends[:1], *ends[-1:])]
    return not all(isinstance(record, Record) for record in records)


def _foreign(store: Store, partitions: Mapping[WindowName, Partition]) -> dict[WindowName, str]:
    """Which of the windows hold what isn't the asset's own, and whose it is."""
    store.cache_ahead("", [], [partition.record_key for partition in partitions.values()])
    records = {name: partition.record() for name, partition in partitions.items()}
    return {name: r.reason for name, r in records.items() if isinstance(r, Foreign)}
