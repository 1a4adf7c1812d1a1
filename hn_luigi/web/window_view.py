"""A window of an asset among others, read from storage for its page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from hn_luigi.assets import Asset
from hn_luigi.assets.operations import (
    NO_WINDOW,
    Event,
    Failure,
    Record,
    Staleness,
    WindowName,
    WindowStatus,
    cached_requests,
    events_of_window,
    failures_behind,
    first_window,
    status_of,
    status_of_windows,
    why_unmakable,
    window,
    windows_beside,
)
from hn_luigi.display import Output
from hn_luigi.refresh import renewing_lengths
from hn_luigi.web.asset_views import AssetView, running_of
from hn_luigi.web.scheduler_tasks import RunningTask
from hn_luigi.web.strip import FIRST_YEAR, Strip, starts_of_page, strip_of


@dataclass(frozen=True)
class WindowView:
    """One window of an asset, among what became of others."""

    asset: AssetView
    name: WindowName
    """Of the window that is shown."""
    is_chosen: bool
    """Whether it was asked for, and isn't the present one."""
    strip: Strip
    """The windows beside it; empty for an asset that has none."""
    beside: Sequence[WindowStatus]
    """How those of the strip stand, oldest first; of an asset without windows its only one."""
    size: int | None
    """Bytes of its output, None if that isn't stored."""
    events: Sequence[Event]
    """What was made and what failed of this window, newest first."""
    older: WindowName | None
    """The window before this one, of all that were made or tried."""
    newer: WindowName | None
    earlier: WindowName | None
    """The window before those of the strip, of all that were made or tried."""
    later: WindowName | None
    obstacle: str
    """Why a run can't make the window that the buttons are about, in words; empty if it can."""
    behind: Sequence[tuple[Asset, Failure]]
    """What failed of what the window is made from, if nothing is stored of it."""

    @property
    def record(self) -> Record | None:
        """Of its output."""
        return next((e.found for e in self.events if isinstance(e.found, Record)), None)

    @property
    def failures(self) -> list[Failure]:
        """Its failed attempts, newest first."""
        return [event.found for event in self.events if isinstance(event.found, Failure)]

    @property
    def status(self) -> WindowStatus | None:
        """How it stands; None for one that begins where no window of the present length does."""
        return next((status for status in self.beside if status.name == self.name), None)

    @property
    def staleness(self) -> Staleness | None:
        """Of what is stored of it, None if nothing is."""
        return self.status.staleness if self.status else None

    @property
    def failed_last(self) -> Failure | None:
        """The last attempt, if that failed."""
        newest = self.events[0].found if self.events else None
        return newest if isinstance(newest, Failure) else None

    @property
    def records(self) -> list[Record]:
        """Of the windows of the strip."""
        return [each.record for each in self.beside if isinstance(each.record, Record)]


def window_view(task: Asset, name: str | None, running: Sequence[RunningTask]) -> WindowView | None:
    """The window called ``name`` of an asset, or the newest that was made; None for no window.

    It may be called by its name, as in paths, or as people call it, such as ``2026-W47``.

    Args:
        task: the asset in its present window.
        name: of the window; a window of which nothing is stored has begun, and not before 1970.
        running: what workers have under way.
    """
    with cached_requests():
        (status,) = status_of([task])
        every = renewing_lengths([task])[task.folder]
        asset = AssetView(status, running_of(task, running), every)
        if name is not None:
            found = _window_called(task, name)
        else:
            found = status.newest.window if status.newest else _newest_tried(task)
        return None if found is None else _view_of(asset, found, name is not None, running)


def output_at(asset: Asset, file: str) -> Output | None:
    """The output of ``asset`` in the file of that name, None if there is none."""
    dataset, stem = asset.dataset, file.removesuffix(asset.suffix)
    name = WindowName(stem) if window.is_name(stem) else asset.partition.window
    partition = dataset.partition(name)
    stat = partition.stat() if partition.output_key == f"{asset.folder}/{file}" else None
    return stat and Output(dataset, name, stat.size)


def _window_called(task: Asset, name: str) -> WindowName | None:
    """The window that people call ``name``, if there can be one, or something is stored of it."""
    length, dataset = task.own_length(), task.dataset
    try:
        given = window.parse(name)
        start = length.floor(given)
    except (ValueError, OverflowError):
        return None
    for found in (window.name(given), window.name(start)):
        if dataset.partition(found).stat() or events_of_window(dataset, found):
            return found
    begun = length == NO_WINDOW or (start.year >= FIRST_YEAR and start <= task.as_of)
    return window.name(start) if begun else None


def _newest_tried(task: Asset) -> WindowName:
    """The last window of ``task`` that an attempt was at; the present one if none was."""
    present = task.partition.window
    if events_of_window(task.dataset, present):
        return present
    older, newer = windows_beside(task.dataset, present)
    return older or newer or present


def _view_of(
    asset: AssetView, name: WindowName, is_asked_for: bool, running: Sequence[RunningTask]
) -> WindowView:
    task, start = asset.task, window.parse(name)
    dataset, present, shown = task.dataset, task.as_of, _in_window(asset.task, start)
    beside = [_exactly(each, asset, name) for each in _beside(task, start)]
    under_way = {each.name for each in beside if running_of(each.asset, running)}
    ends = (beside[0].name, beside[-1].name)
    older, newer = windows_beside(dataset, name)
    stat, is_chosen = dataset.partition(name).stat(), is_asked_for and start != present
    return WindowView(
        asset,
        name,
        is_chosen,
        Strip(()) if task.own_length() == NO_WINDOW else strip_of(beside, present, under_way),
        beside,
        None if stat is None else stat.size,
        events_of_window(dataset, name),
        older,
        newer,
        windows_beside(dataset, ends[0])[0],
        windows_beside(dataset, ends[1])[1],
        _obstacle(shown) if is_chosen else "",
        failures_behind(shown) if shown and stat is None else (),
    )


def _beside(task: Asset, shown: datetime) -> list[WindowStatus]:
    """How the windows stand that are shown beside the one that begins at ``shown``."""
    length, present = task.own_length(), task.as_of
    if length == NO_WINDOW:
        return status_of_windows(task, [present])
    first = first_window(task.dataset)
    begun = min(window.parse(first), present) if first else present
    return status_of_windows(task, starts_of_page(length, present, begun, shown))


def _exactly(status: WindowStatus, asset: AssetView, shown: WindowName) -> WindowStatus:
    """``status``, by the bytes of its output if it is of the window that is ``shown``."""
    if status.name != shown or status.staleness is None:
        return status
    is_present = status.asset.as_of == asset.task.as_of
    own = asset.status.staleness if is_present else status.asset.staleness()
    return replace(status, staleness=own)


def _in_window(task: Asset, start: datetime) -> Asset | None:
    """``task`` in the window that begins at ``start``; None if none of its length does."""
    if start == task.as_of:
        return task
    is_one = task.own_length().floor(start) == start
    return cast(Asset, task.clone(as_of=start)) if is_one else None


def _obstacle(asset: Asset | None) -> str:
    return "windows have another length by now" if asset is None else why_unmakable(asset)
