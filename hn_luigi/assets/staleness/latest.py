"""For which windows the captures that a task is made from are stored, and which is the latest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

import luigi

from hn_luigi.assets import window
from hn_luigi.assets.definition import AssetDefinition, is_asset
from hn_luigi.assets.luigi_internals.command_line import refuse
from hn_luigi.assets.luigi_internals.parameter_values import Values, resolve_values_of
from hn_luigi.assets.parameters.assets_section import assets
from hn_luigi.assets.parameters.window_parameter import LATEST, WindowParameter
from hn_luigi.assets.staleness.required import upstream_first
from hn_luigi.assets.window import WindowName


def captured_windows(asset: AssetDefinition) -> set[WindowName]:
    """The windows for which the captures that ``asset`` is made from are stored.

    A capture that is required at an offset counts for the window that is as far from its own.
    """
    sources = _sources(asset)
    stored = (set(_later(s.dataset.stored(), asset.as_of - s.as_of)) for s in sources)
    return set.intersection(*stored)


def starts_of(windows: Iterable[WindowName]) -> list[datetime]:
    """When those of ``windows``, given by name, begin that can be an asset's by now, in order.

    Windows of another length, stored before the setting changed, count where they begin with
    one of the present length.
    """
    now = window.now()
    starts = sorted(window.parse(name) for name in windows)
    return [start for start in starts if _is_start(start) and start <= now]


def newest_start(asset: AssetDefinition) -> datetime | None:
    """The last of ``starts_of(captured_windows(asset))``, of which few are looked for."""
    sources = _sources(asset)
    return _newest(sources, [asset.as_of - source.as_of for source in sources])


def resolved(kind: type[luigi.Task], values: Values) -> Values:
    """Parameters of a task of ``kind``, with the window that each LATEST among them means.

    That is the newest one whose captures are stored, and the task takes them as they are.

    Raises:
        SettingError: there is none.
    """
    names = [
        name for name, value in values if isinstance(value, datetime) and bool(value == LATEST)
    ]
    if not names:
        return values
    given = dict(values)
    # Handed on by clone() to all that it requires: what is stored is taken as it is, even while the
    # window of a capture is open.
    if "stored_only" in given:
        given["stored_only"] = True
    present = window.floor(window.now(), assets().window_minutes)
    # What it is made from, and at which offsets, only a task tells, of whatever window.
    task = kind(**{**given, **dict.fromkeys(names, present)})
    start = _newest_captured(task, present)
    return list({**given, **dict.fromkeys(names, start)}.items())


class AsOf(WindowParameter):
    """A window whose LATEST is resolved, whichever task has it.

    An asset does so by itself. A plain task has it by ``luigi.util.requires``.
    """

    def __get__(self, instance: Any, owner: Any) -> Any:
        if instance is None:
            if issubclass(owner, luigi.Task):  # and not a mixin of one
                resolve_values_of(owner, resolved)
            return self
        return super().__get__(instance, owner)


def _newest_captured(task: luigi.Task, as_of: datetime) -> datetime:
    sources = _sources(task)
    if not sources:
        refuse(
            f"--as-of latest: {task.task_family} is made from no asset, so that no window is its "
            "latest; give a time"
        )
    offsets = [as_of - source.as_of for source in sources]
    # Where no window has them all at their offsets, a run of one tells which is not stored.
    start = _newest(sources, offsets) or _newest(sources, [timedelta(0)] * len(sources))
    if start is not None:
        return start
    folders = dict.fromkeys(source.folder for source in sources)
    refuse(
        f"--as-of latest: no window of {' and '.join(folders)} is stored under "
        f"{sources[0].partition.store.root}; run without --as-of first"
    )


def _newest(sources: list[AssetDefinition], offsets: list[timedelta]) -> datetime | None:
    """When the newest window begins for which ``sources`` are stored, at those offsets."""
    now = window.now()
    stored = [
        _later(source.dataset.stored_newest_first(), offset)
        for source, offset in zip(sources, offsets, strict=True)
    ]
    for name in _common(stored):
        start = window.parse(name)
        if _is_start(start) and start <= now:
            return start
    return None


def _later(names: Iterable[WindowName], offset: timedelta) -> Iterator[WindowName]:
    """``names`` of windows, moved by ``offset``; a year of them costs nothing where that is 0."""
    return (window.name(window.parse(name) + offset) for name in names) if offset else iter(names)


def _common(listings: list[Iterator[WindowName]]) -> Iterator[WindowName]:
    """The names that all ``listings`` hold, each of which has the newest first.

    Sets would be shorter, and take all names of all windows where the first few settle it.
    """
    first, *others = listings
    heads = [next(other, "") for other in others]
    for name in first:
        for place, other in enumerate(others):
            while heads[place] > name:
                heads[place] = next(other, "")
        if all(head == name for head in heads):
            yield name


def _is_start(start: datetime) -> bool:
    """Whether a window of the present length begins then."""
    return window.floor(start, assets().window_minutes) == start


def _sources(task: luigi.Task) -> list[AssetDefinition]:
    """The captures that ``task`` is made from, itself included, before which no other stands.

    If there are none, it is the nearest assets; of an asset, itself.
    """
    return _nearest(task, lambda asset: asset.capture) or _nearest(task, lambda asset: True)


def _nearest(task: luigi.Task, is_one: Callable[[AssetDefinition], bool]) -> list[AssetDefinition]:
    """The assets that ``is_one`` picks, ``task`` and what is upstream, not beyond such a one."""
    nodes = upstream_first([task], passes=lambda task: not (is_asset(task) and is_one(task)))
    return [node.task for node in nodes if is_asset(node.task) and is_one(node.task)]
