"""For which windows the captures that a task is made from are stored, and which is the latest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

import luigi

from hn_luigi.assets import window
from hn_luigi.assets.asset_class import is_asset
from hn_luigi.assets.parameters.kinds import LATEST, assets, refuse
from hn_luigi.assets.staleness.resolve import inputs_of

if TYPE_CHECKING:
    from hn_luigi.assets.asset import Asset

Values: TypeAlias = list[tuple[str, Any]]
"""Of parameters, by name, as Luigi's ``get_param_values`` gives them."""


def captured_windows(asset: Asset) -> set[str]:
    """The windows for which the captures that ``asset`` is made from are stored.

    A capture that is required at an offset counts for the window that is as far from its own.
    """
    sources = _sources(asset)
    stored = (set(_later(s.dataset.stored(), asset.as_of - s.as_of)) for s in sources)
    return set.intersection(*stored)


def starts_of(windows: Iterable[str]) -> list[datetime]:
    """When those of ``windows``, given by name, begin that can be an asset's by now, in order.

    Windows of another length, stored before the setting changed, count where they begin with
    one of the present length.
    """
    now = window.now()
    starts = sorted(window.parse(name) for name in windows)
    return [start for start in starts if _is_start(start) and start <= now]


def newest_start(asset: Asset) -> datetime | None:
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
    if "stored_only" in given:
        given["stored_only"] = True
    present = window.floor(window.now(), assets().window_minutes)
    task = kind(**{**given, **dict.fromkeys(names, present)})
    found = _newest_captured(task, present)
    return list({**given, **dict.fromkeys(names, found)}.items())


def adopt(kind: type[luigi.Task]) -> None:
    """Have tasks of ``kind``, which has a window among its parameters, resolve LATEST.

    An asset does by itself. A plain task gets its parameters' values from its class alone,
    before Luigi looks for an instance of those values; so it is there that they are resolved.
    """
    if hasattr(kind, _RESOLVES):
        return
    values_of = kind.get_param_values.__func__  # type: ignore[attr-defined]

    def get_param_values(cls: type[luigi.Task], *args: Any, **kwargs: Any) -> Values:
        return resolved(cls, values_of(cls, *args, **kwargs))

    kind.get_param_values = classmethod(get_param_values)  # type: ignore[assignment]
    setattr(kind, _RESOLVES, True)


_RESOLVES = "_resolves_latest"
"""The attribute of classes that do, as ``Asset`` has it from the start."""


def _newest_captured(task: luigi.Task, as_of: datetime) -> datetime:
    sources = _sources(task)
    if not sources:
        raise refuse(
            f"--as-of latest: {task.task_family} is made from no asset, so that no window is its "
            "latest; give a time"
        )
    offsets = [as_of - source.as_of for source in sources]
    # Where no window has them all at their offsets, a run of one tells which is not stored.
    start = _newest(sources, offsets) or _newest(sources, [timedelta(0)] * len(sources))
    if start is not None:
        return start
    folders = dict.fromkeys(source.folder for source in sources)
    raise refuse(
        f"--as-of latest: no window of {' and '.join(folders)} is stored under "
        f"{sources[0].partition.store.root}; run without --as-of first"
    )


def _newest(sources: list[Asset], offsets: list[timedelta]) -> datetime | None:
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


def _later(names: Iterable[str], offset: timedelta) -> Iterator[str]:
    """``names`` of windows, moved by ``offset``; a year of them costs nothing where that is 0."""
    return (window.name(window.parse(name) + offset) for name in names) if offset else iter(names)


def _common(series: list[Iterator[str]]) -> Iterator[str]:
    """The names that all of ``series`` hold, each of which has the newest first."""
    first, *others = series
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


def _sources(task: luigi.Task) -> list[Asset]:
    """The captures that ``task`` is made from, itself included, before which no other stands.

    If there are none, it is the nearest assets; of an asset, itself.
    """
    return _nearest(task, lambda asset: asset.capture) or _nearest(task, lambda asset: True)


def _nearest(task: luigi.Task, is_one: Callable[[Asset], bool]) -> list[Asset]:
    """The assets that ``is_one`` picks, ``task`` and what is upstream, not beyond such a one."""
    found: list[Asset] = []
    seen: set[str] = set()
    pending: list[luigi.Task] = [task]
    while pending:
        task = pending.pop()
        if task.task_id in seen:
            continue
        seen.add(task.task_id)
        if is_asset(task) and is_one(task):
            found.append(task)
        else:
            pending.extend(inputs_of(task))
    return found
