"""Letting go of old windows, except for the newest good one of each asset."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from hn_luigi.assets import window
from hn_luigi.assets.failures import failure_keys
from hn_luigi.assets.records import Record
from hn_luigi.assets.series import Series
from hn_luigi.assets.slot import Slot


@dataclass(frozen=True)
class Pruned:
    """What was removed of one asset, or would be."""

    series: Series
    windows: int = 0
    size: int = 0
    """Bytes of outputs, records and failed attempts."""
    busy: tuple[str, ...] = ()
    """Windows left alone because they were just being made."""


def prune(
    all_series: Sequence[Series],
    *,
    before: datetime,
    dry_run: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Pruned]:
    """Remove the windows that began before the minute of ``before``, UTC, oldest first.

    Of each asset the newest window whose output is the one recorded stays, or the newest of
    all if none is; so does the copy called latest. Killed at any moment, it leaves windows that
    are whole, or that the next prune removes. ``progress`` is told how many of how many windows
    are done.

    Raises:
        StorageError: the root can't be read or written.
    """
    old = [_old_windows(series, window.name(before)) for series in all_series]
    done, total = 0, sum(map(len, old))
    found = []
    for series, windows in zip(all_series, old, strict=True):
        pruned = Pruned(series)
        busy = set() if dry_run else series.store.held(series.folder)
        for name, failures in windows.items():
            if name in busy:
                pruned = replace(pruned, busy=(*pruned.busy, name))
            else:
                pruned = _and_window(pruned, series.slot(name), failures, dry_run=dry_run)
            done += 1
            progress(done, total)
        if not dry_run:
            series.sweep()
        found.append(pruned)
    return found


def _old_windows(series: Series, before: str) -> dict[str, list[str]]:
    """The windows of before ``before`` that are to go, oldest first, with their failures."""
    stored, recorded = series.stored(), series.recorded()
    failures = defaultdict(list)
    for key, name in failure_keys(series).items():
        failures[name].append(key)
    old = {name for name in stored | recorded | failures.keys() if name < before}
    if old:
        old.discard(_newest_good(series, stored, recorded))
    return {name: failures[name] for name in sorted(old)}


def _newest_good(series: Series, stored: set[str], recorded: set[str]) -> str:
    now = window.name(window.now())
    names = sorted((name for name in stored if name <= now), reverse=True)
    good = (name for name in names if name in recorded and _is_good(series.slot(name)))
    return next(good, names[0] if names else "")


def _is_good(slot: Slot) -> bool:
    record = slot.record()
    return isinstance(record, Record) and slot.version() == record.data_version


def _and_window(pruned: Pruned, slot: Slot, failures: list[str], *, dry_run: bool) -> Pruned:
    keys = [slot.record_key, slot.output_key, *failures]  # without record, output counts as unmade
    size = _size(slot, keys)
    if not dry_run:
        for key in keys:
            slot.store.remove(key)
    return replace(pruned, windows=pruned.windows + 1, size=pruned.size + size)


def _size(slot: Slot, keys: list[str]) -> int:
    stats = [slot.store.stat(key) for key in keys]
    return sum(stat.size for stat in stats if stat is not None)
