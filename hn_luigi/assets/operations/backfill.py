"""Remaking past windows of an asset from what is stored, without reading the outside world."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import luigi
from luigi.execution_summary import LuigiStatusCode

from hn_luigi.assets import window
from hn_luigi.assets.asset import Asset
from hn_luigi.assets.errors import in_words
from hn_luigi.assets.staleness.latest import captured_windows, starts_of
from hn_luigi.assets.staleness.resolve import staleness_of
from hn_luigi.assets.window_length import ALWAYS, NO_WINDOW


@dataclass(frozen=True)
class Backfill:
    """How the stored windows of an asset stand, each as a task that reads nothing but storage."""

    current: tuple[Asset, ...]
    stale: tuple[Asset, ...]
    """Stale or missing, and to be made."""
    lost: tuple[Asset, ...]
    """Stale, but what they are made from is gone."""
    of_another_length: int = 0
    """How many windows are left alone, since they begin where none of the present length does."""


def backfill_of(asset: Asset, *, since: datetime) -> Backfill:
    """How the windows that began at ``since`` or later stand, oldest first; only looks.

    They are those whose captures are stored, or whose own output is. The window of ``asset``
    itself doesn't matter; if it has none, it is looked at whatever ``since`` is.
    """
    if asset.own_length() == NO_WINDOW:
        since = ALWAYS
    now, begin = window.now(), window.name(since)
    stored = captured_windows(asset) | asset.dataset.stored()
    names = {name for name in stored if name >= begin}  # a year is quickly left out by name
    starts = starts_of(asset, names)
    others = names - {window.name(start) for start in starts}
    tasks = [asset.clone(as_of=start, stored_only=True) for start in starts if start >= since]
    staleness_by_id = staleness_of(tasks)
    current: list[Asset] = []
    stale: list[Asset] = []
    lost: list[Asset] = []
    for task in tasks:
        staleness = staleness_by_id[task.task_id]
        (current if staleness.current else lost if staleness.lost else stale).append(task)
    left = sum(since <= window.parse(name) <= now for name in others)
    return Backfill(tuple(current), tuple(stale), tuple(lost), left)


def rebuild(stale: Sequence[Asset]) -> Iterator[tuple[Asset, str | None]]:
    """Make each of ``stale`` in turn, and tell why it failed, or None; one stops no other."""
    # Not by Luigi's RangeByMinutes: it takes windows of one minute, 50 at most, of the last day
    # whatever --start says, unless told otherwise by three flags, and exits 0 if some failed.
    for asset in stale:
        with _errors_noted() as errors:
            result = luigi.build(
                [asset],
                local_scheduler=True,
                no_lock=True,
                workers=1,  # in this process, so that its errors are heard of
                log_level="CRITICAL",
                detailed_summary=True,
            )
        # By its status: with detailed_summary the result of a run that failed is true, too.
        if result.status not in (LuigiStatusCode.SUCCESS, LuigiStatusCode.SUCCESS_WITH_RETRY):
            yield asset, "; ".join(errors) or result.status.value[1]
        elif not asset.complete():
            yield asset, "another process made it meanwhile, by other settings or other code"
        else:
            yield asset, None


@contextmanager
def _errors_noted() -> Iterator[list[str]]:
    """The errors of the tasks that fail meanwhile; Luigi's result doesn't hold them."""
    errors: list[str] = []

    def note(_task: luigi.Task, error: BaseException) -> None:
        errors.append(in_words(error))

    luigi.Task.event_handler(luigi.Event.FAILURE)(note)
    try:
        yield errors
    finally:
        luigi.Task.remove_event_handler(luigi.Event.FAILURE, note)
