"""For which windows the captures that a task is made from are stored, and which is the latest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import luigi

from hn_luigi.assets import window
from hn_luigi.assets.catalog.dataset import Dataset
from hn_luigi.assets.definition import AssetDefinition, is_asset
from hn_luigi.assets.luigi_internals.command_line import refuse
from hn_luigi.assets.luigi_internals.parameter_values import Values, resolve_values_of
from hn_luigi.assets.parameters.assets_section import length_by_setting
from hn_luigi.assets.parameters.window_parameter import LATEST, WindowParameter
from hn_luigi.assets.staleness.required import parts_of, upstream_first
from hn_luigi.assets.staleness.window_range import WindowRange
from hn_luigi.assets.window import WindowName
from hn_luigi.assets.window_length import NO_WINDOW, WindowLength


def captured_windows(asset: AssetDefinition) -> set[WindowName]:
    """The windows for which the captures that ``asset`` is made from are stored.

    A capture that is required at an offset counts for the window that is as far from its own, and
    one with longer windows for each that begins within its own.
    """
    own = asset.own_length()
    listings = _listings(_sources(asset, asset.as_of), Dataset.stored, own)
    return set.intersection(*map(set, listings))


def starts_of(asset: AssetDefinition, windows: Iterable[WindowName]) -> list[datetime]:
    """When those of ``windows``, given by name, begin that ``asset`` can have by now, in order.

    Windows of another length, stored before that changed, count where they begin with one of the
    present length.
    """
    now, length = window.now(), asset.own_length()
    starts = sorted(window.parse(name) for name in windows)
    return [start for start in starts if length.floor(start) == start and start <= now]


def newest_start(asset: AssetDefinition) -> datetime | None:
    """The last of ``starts_of(asset, captured_windows(asset))``, of which few are looked for."""
    return _newest(_sources(asset, asset.as_of), asset.own_length())


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
    length = _length_of(kind, names[0])
    present = length.floor(window.now())
    # What it is made from, and at which offsets, only a task tells, of whatever window.
    task = kind(**{**given, **dict.fromkeys(names, present)})
    start = _newest_captured(task, present, length)
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


def _length_of(kind: type[luigi.Task], name: str) -> WindowLength:
    if issubclass(kind, AssetDefinition):
        return kind.own_length()
    parameter = dict(kind.get_params())[name]
    if isinstance(parameter, WindowParameter):
        return parameter.length
    return length_by_setting()


def _newest_captured(task: luigi.Task, as_of: datetime, length: WindowLength) -> datetime:
    sources = _sources(task, as_of)
    if not sources:
        refuse(
            f"--as-of latest: {task.task_family} is made from no asset, so that no window is its "
            "latest; give a time"
        )
    # Where no window has them all at their offsets, a run of one tells which is not stored.
    beside = [replace(source, windows_away=0) for source in sources]
    start = _newest(sources, length) or _newest(beside, length)
    if start is not None:
        return start
    folders = dict.fromkeys(source.dataset.folder for source in sources)
    refuse(
        f"--as-of latest: no window of {' and '.join(folders)} is stored under "
        f"{sources[0].dataset.store.root}; run without --as-of first"
    )


@dataclass(frozen=True)
class _Source:
    """What a task is made from, as far as that tells which windows of the task can be made."""

    dataset: Dataset
    length: WindowLength
    windows_away: int = 0
    """How many windows of that length after the one that holds the task's the required one is."""
    later: timedelta | None = None
    """Of several windows: after so long, each is in the window of that length it belongs to."""
    is_aside: bool = False
    """Whether they all lie before the task's own, or may be missing."""


def _newest(sources: list[_Source], length: WindowLength) -> datetime | None:
    """When the newest window begins, of that length, for which ``sources`` are stored."""
    now = window.now()
    for name in _common(_listings(sources, Dataset.stored_newest_first, length)):
        start = window.parse(name)
        if length.floor(start) == start and start <= now:
            return start
    return None


def _listings(
    sources: list[_Source],
    stored: Callable[[Dataset], Iterable[WindowName]],
    length: WindowLength,
) -> list[Iterator[WindowName]]:
    """For each source the windows of ``length`` that are made from what is ``stored`` of it.

    What has no window is a part of all windows, and so is left out once it is stored; where there
    is nothing else, the present one stands for all.
    """
    always = [source for source in sources if source.length == NO_WINDOW]
    timed = [source for source in sources if source.length != NO_WINDOW]
    if not all(source.dataset.stored() for source in always):
        return [iter(())]
    if not timed:
        return [iter([window.name(length.floor(window.now()))])]
    return [_made_from(source, stored(source.dataset), length) for source in timed]


def _made_from(
    source: _Source, names: Iterable[WindowName], length: WindowLength
) -> Iterator[WindowName]:
    """The windows of ``length`` that are made from those of ``source`` called ``names``.

    They are in the same order, and of one window the newest is first. A year of names costs
    nothing where they are the same.
    """
    theirs, later = source.length, source.later
    if later is not None:
        names = (window.name(theirs.floor(window.parse(name) + later)) for name in names)
    if theirs == length and not source.windows_away:
        return iter(names)
    return (
        window.name(start)
        for name in names
        for start in _starts_within(window.parse(name), source, length)
    )


def _starts_within(start: datetime, source: _Source, own: WindowLength) -> Iterator[datetime]:
    """When the windows of length ``own`` begin that the one of ``source`` is for, newest first.

    There are none for one of another length, stored before that changed.
    """
    theirs = source.length
    if theirs.floor(start) != start:
        return
    start = theirs.shift(start, -source.windows_away)
    end = min(theirs.end(start), own.end(own.floor(window.now())))
    begin = own.last_before(end)
    while begin >= start:
        yield begin
        begin = own.shift(begin, -1)


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


def _sources(task: luigi.Task, as_of: datetime) -> list[_Source]:
    """The captures that ``task`` is made from, itself included, before which no other stands.

    If there are none, it is the nearest assets; of an asset, itself. Several windows of one are
    taken as they are stored, whatever it is made from.
    """
    return _nearest(task, as_of, lambda asset: asset.capture) or _nearest(
        task, as_of, lambda asset: True
    )


def _nearest(
    task: luigi.Task, as_of: datetime, is_one: Callable[[AssetDefinition], bool]
) -> list[_Source]:
    """The assets that ``is_one`` picks, ``task`` and what is upstream, not beyond such a one."""
    nodes = upstream_first(
        [task], passes=lambda task: not (is_asset(task) and is_one(task)), into_windows=False
    )
    sources = []
    for node in nodes:
        if not is_asset(node.task):
            continue
        length, start = node.task.own_length(), node.task.as_of
        away = length.between(length.floor(as_of), start)
        if is_one(node.task):
            sources.append(_Source(node.task.dataset, length, away))
        for part in parts_of(node.required):
            if isinstance(part, WindowRange):
                later = length.end(start) - part.until
                is_aside = part.looks_back or part.optional
                sources.append(_Source(part.dataset, length, away, later, is_aside))
    timed = [source for source in sources if source.length != NO_WINDOW]
    if all(source.is_aside for source in timed):
        return sources
    return [source for source in sources if not source.is_aside]
