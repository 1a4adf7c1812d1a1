"""Letting go of old windows, except for the newest good one of each asset."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from hn_luigi.assets import window
from hn_luigi.assets.catalog.dataset import KINDS, Series
from hn_luigi.assets.catalog.failure import failure_keys
from hn_luigi.assets.catalog.partition import Slot
from hn_luigi.assets.catalog.record import Foreign, Record
from hn_luigi.assets.errors import BackendUnavailable, StorageError
from hn_luigi.assets.storage import Store, one_look


@dataclass(frozen=True)
class Pruned:
    """What was removed of one asset, or would be."""

    series: Series
    windows: int = 0
    size: int = 0
    """Bytes of outputs, records and failed attempts."""
    busy: tuple[str, ...] = ()
    """Windows left alone because they were just being made."""
    errors: tuple[str, ...] = ()
    """Why other windows, or all of them, couldn't be removed."""


def prune(
    all_series: Sequence[Series],
    *,
    before: datetime,
    dry_run: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Pruned]:
    """Remove the windows that began before the minute of ``before``, UTC, oldest first.

    Of each asset the newest window whose output is the one recorded stays, or the newest of
    all if none is; so do the copy called latest, and what another asset has stored there. A
    folder that a symbolic link leads out of the root is left alone. Killed at any moment, it
    leaves windows that are whole, or that the next prune removes. ``progress`` is told how many
    of how many windows are done.
    """
    with one_look():
        return _prune(all_series, before, dry_run, progress)


def _prune(
    all_series: Sequence[Series],
    before: datetime,
    dry_run: bool,
    progress: Callable[[int, int], None],
) -> list[Pruned]:
    found = []
    old: list[dict[str, list[str]]] = []
    for series in all_series:
        windows, error = _looked_up(series, window.name(before))
        old.append(windows)
        found.append(Pruned(series, errors=(error,) if error else ()))
    done, total = 0, sum(map(len, old))
    for place, (series, windows) in enumerate(zip(all_series, old, strict=True)):
        names, at_once = list(windows), series.store.windows_at_once
        parts = [found[place]]
        for start in range(0, len(names), at_once):
            some = {name: windows[name] for name in names[start : start + at_once]}
            parts.append(_removed(series, some, dry_run=dry_run))
            done += len(some)
            progress(done, total)
        found[place] = _together(parts)
        if not (dry_run or found[place].errors):
            series.sweep()
    return found


def _looked_up(series: Series, before: str) -> tuple[dict[str, list[str]], str | None]:
    """The windows of ``series`` that are to go, or why none can."""
    for folder in (kind + series.folder for kind in KINDS):
        if series.store.leads_out(folder):
            where = series.store.path(folder)
            return {}, f"{where} leads out of the root by a symbolic link: left alone; prune there"
    try:
        return _old_windows(series, before), None
    except BackendUnavailable:
        raise  # it is the same for all
    except StorageError as error:
        return {}, str(error)


def _old_windows(series: Series, before: str) -> dict[str, list[str]]:
    """The windows of before ``before`` that are to go, oldest first, with their failures."""
    stored, recorded = series.stored(), series.recorded()
    failures = defaultdict(list)
    for key, name in failure_keys(series).items():
        failures[name].append(key)
    old = {name for name in stored | recorded | failures.keys() if name < before}
    if old:
        old.discard(_newest_good(series, recorded))
    return {name: failures[name] for name in sorted(old)}


def _newest_good(series: Series, recorded: set[str]) -> str:
    names = series.stored_newest_first()
    good = (name for name in names if name in recorded and _is_good(series.slot(name)))
    return next(good, next(series.stored_newest_first(), ""))


def _is_good(slot: Slot) -> bool:
    record = slot.record()
    return isinstance(record, Record) and slot.version() == record.data_version


def _together(parts: Sequence[Pruned]) -> Pruned:
    """What was removed of one asset, of which ``parts`` tell."""
    return Pruned(
        parts[0].series,
        sum(part.windows for part in parts),
        sum(part.size for part in parts),
        tuple(name for part in parts for name in part.busy),
        tuple(dict.fromkeys(error for part in parts for error in part.errors)),
    )


def _removed(series: Series, windows: dict[str, list[str]], *, dry_run: bool) -> Pruned:
    """What goes of ``series``, having removed ``windows``, each with its failures."""
    store = series.store
    slots = {name: series.slot(name) for name in windows}
    foreign = _foreign(store, slots)
    left = tuple(
        f"{store.path(series.folder)}: what another asset has stored is left alone: {reason}"
        for reason in foreign.values()
    )
    slots = {name: slot for name, slot in slots.items() if name not in foreign}
    busy = tuple(name for name in slots if not dry_run and store.is_held(slots[name].key))
    free = [slot for name, slot in slots.items() if name not in busy]
    records = [slot.record_key for slot in free]
    others = [key for slot in free for key in (slot.output_key, *windows[slot.window])]
    try:
        stats = [store.stat(key) for key in (*records, *others)]
        if not dry_run:
            store.remove(*records)  # first: an output without record counts as unmade
            store.remove(*others)
    except BackendUnavailable:
        raise
    except StorageError as error:
        return Pruned(series, busy=busy, errors=(*left, str(error)))
    size = sum(stat.size for stat in stats if stat is not None)
    return Pruned(series, len(free), size, busy, left)


def _foreign(store: Store, slots: Mapping[str, Slot]) -> dict[str, str]:
    """Which of the windows, oldest first, hold what isn't the asset's own, and whose it is.

    All their records are read only if the first or the last one's is another's: an object store
    takes a request for each, and classes that share a folder follow one another.
    """
    names = list(slots)
    ends = {name: slots[name].record() for name in (*names[:1], *names[-1:])}
    if not any(isinstance(found, Foreign) for found in ends.values()):
        return {}
    store.prefetch("", [], [slot.record_key for slot in slots.values()])
    records = {name: slot.record() for name, slot in slots.items()}
    return {name: found.reason for name, found in records.items() if isinstance(found, Foreign)}
