"""Having an asset made again although nothing about it changed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace

from hn_luigi.assets import window
from hn_luigi.assets.asset import Asset
from hn_luigi.assets.catalog.record import Record
from hn_luigi.assets.errors import WindowClosed
from hn_luigi.assets.staleness.remake import remake_in_this_process
from hn_luigi.assets.staleness.required import inputs_of, key_of
from hn_luigi.assets.staleness.resolve import staleness_of


def invalidate_asset(asset: Asset, *, on_wait: Callable[[], None] = lambda: None) -> bool:
    """Have the next run make ``asset`` again; its output stays readable until then.

    If another process is making it, that is waited for; ``on_wait`` is called before.

    Returns:
        Whether there was anything to invalidate: what isn't stored, or has no readable record,
        is made by the next run anyway.

    Raises:
        WindowClosed: it could not be made again.
        StorageError: its record can't be written.
    """
    _require_remakable(asset)
    partition = asset.partition
    if partition.stat() is None:
        return False  # before taking a lock, which would make folders under a mistyped root
    with ExitStack() as stack:
        try:
            stack.enter_context(partition.lock(wait=False))
        except BlockingIOError:
            on_wait()
            stack.enter_context(partition.lock())
        record = partition.record()
        if partition.stat() is None or not isinstance(record, Record):
            return False
        # A mark in the record, so that the output stays for its readers. To remove the record would
        # forget what the output was made from, though the next run may fail.
        partition.write_record(replace(record, invalidated_at=window.timestamp(window.now())))
    return True


def remake_asset(asset: Asset) -> None:
    """Have this process make ``asset`` again; to all others it stays what it is.

    Raises:
        WindowClosed: it can't be made again.
    """
    _require_remakable(asset)
    remake_in_this_process(asset.partition)


def why_unmakable(asset: Asset) -> str:
    """Why no run can make ``asset``, or make it again, in words; empty if one can."""
    now = window.now()
    live = asset.clone(stored_only=False)  # --as-of latest freezes captures that may be open
    if live.is_frozen(now):
        return "its window is over, and its source can be read only while the window is open"
    staleness_by_id = staleness_of([live])
    staleness = staleness_by_id[live.task_id]
    if staleness.kept:
        return f"it is {staleness.kept}"
    if staleness.is_taken:
        return "; ".join(staleness.reasons)
    if lost := [task for task in inputs_of(live) if staleness_by_id[task.task_id].lost]:
        names = " and ".join(map(key_of, lost))
        return f"{names}, which it is made from, is not stored and can't be made any more"
    if staleness.lost and staleness.version is None:
        return "nothing that it is made from is stored, or can be made any more"
    return ""


def _require_remakable(asset: Asset) -> None:
    """Refuse what would leave a good output stale for ever."""
    if why := why_unmakable(asset):
        raise WindowClosed(f"{asset} can't be invalidated: {why}; what is stored stays")
