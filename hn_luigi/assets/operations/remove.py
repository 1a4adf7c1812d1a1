"""Removing all that is stored of an asset, which no class is to make again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hn_luigi.assets.catalog.dataset import KINDS, Dataset
from hn_luigi.assets.errors import FileUnavailable
from hn_luigi.assets.operations.prune import Pruned, failures_by_window, leads_out
from hn_luigi.assets.storage import FileKey, cached_requests
from hn_luigi.assets.window import WindowName
from hn_luigi.assets.window_length import NO_WINDOW

_AT_ONCE = 1000
"""Files; what S3 removes in one request."""


def remove_asset(
    dataset: Dataset,
    *,
    dry_run: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Pruned:
    """Remove outputs, failed attempts, latest and at last the records of ``dataset``.

    What others have put into its folders stays, and so do windows that are being made, and latest
    with them. Killed at any moment, it leaves records by which the next call finds the rest.
    ``progress`` is told how many of how many files are done.
    """
    if error := leads_out(dataset):
        return Pruned(dataset, errors=(error,))
    store, size = dataset.store, 0
    busy: tuple[WindowName, ...] = ()
    try:
        with cached_requests():
            failures = failures_by_window(dataset)
            names = sorted(dataset.stored() | dataset.recorded() | failures.keys())
            if not dry_run:
                busy = tuple(n for n in names if store.is_held(dataset.partition(n).key))
            free = [name for name in names if name not in busy]
            attempts = [key for name in free for key in failures.get(name, ())]
            keys = [*attempts, *_files_of(dataset, free, with_latest=not busy)]
            for start in range(0, len(keys), _AT_ONCE):
                some = keys[start : start + _AT_ONCE]
                size += sum(stat.size for stat in map(store.stat, some) if stat is not None)
                if not dry_run:
                    store.remove(*some)
                progress(start + len(some), len(keys))
    except FileUnavailable as error:
        return Pruned(dataset, busy=busy, errors=(str(error),))
    if not dry_run:
        dataset.sweep()
        for kind in KINDS:
            store.remove_folder(kind + dataset.folder)
    return Pruned(dataset, len(free), size, busy)


def _files_of(dataset: Dataset, names: list[WindowName], *, with_latest: bool) -> Iterator[FileKey]:
    partitions = [dataset.partition(name) for name in names]
    yield from (partition.output_key for partition in partitions)
    if with_latest and dataset.length != NO_WINDOW:
        beside = dataset.misplaced_latest_key
        yield from filter(None, (dataset.latest_key, beside, dataset.pruned_key))
    yield from (partition.record_key for partition in partitions)
