"""What is watched: the assets that ``[assets] watch`` names, and all that they are made from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from typing import TypeAlias, cast

import luigi

from hn_luigi.assets import Asset, AssetError
from hn_luigi.assets.operations import (
    LATEST,
    NO_WINDOW,
    SettingError,
    WindowLength,
    assets,
    in_words,
    masked,
    newest_start,
    sources_of,
    window,
)
from hn_luigi.former_settings import watch_lines_for
from hn_luigi.watchlist.watch_line import PublicLine, WatchListError, asset_in

DEFAULT = ("hn_luigi Wordcloud", "hn_luigi Digest")
_Place: TypeAlias = tuple[str, str]
"""The root and the folder of an asset."""


def roots() -> list[Asset]:
    """The assets that ``[assets] watch`` names, of the present window, each once.

    Raises:
        SettingError: a line names none, or two name classes that share a folder.
    """
    return _each_once(map(asset_in, _lines()))


def watched(as_of: datetime | None = None) -> list[Asset]:
    """The watched assets, upstream first; those upstream of a root for one window a length.

    Plain tasks are passed: what is watched is upstream of them as well. ``latest`` is the window
    whose captures are stored; the present one for a root that has none.

    Raises:
        SettingError: a line of the watch list names no asset, two assets of different classes share
            a folder, or ``as_of`` is in the future.
    """
    now = window.now()
    return _each_once(
        asset for root in roots() for asset in _of_one_run(with_upstream(root), as_of, now)
    )


@dataclass(frozen=True)
class BrokenLine:
    """A line of the watch list that names no assets."""

    line: str
    """As anybody may see it."""
    error: str
    """Why not, in words."""
    why: str
    """The same without the line, for where that is named anyway."""


@dataclass(frozen=True)
class WatchedLine:
    """A line of the watch list that names an asset."""

    text: str
    """As anybody may see it."""
    assets: Sequence[Asset]
    """That asset and all that it is made from, of the present windows, upstream first."""

    @property
    def root(self) -> Asset:
        """What it names."""
        return self.assets[-1]


def watched_lines() -> tuple[list[WatchedLine], list[BrokenLine]]:
    """The lines of the watch list, each asset named once, and those that name none.

    A line that names none, or whose assets share a folder with those of a line before it, takes
    nothing from the others.

    Raises:
        SettingError: the watch list itself can't be read.
    """
    now = window.now()
    there: dict[_Place, Asset] = {}
    lines: dict[_Place, WatchedLine] = {}
    broken: list[BrokenLine] = []
    for line in _lines():
        try:
            assets = list(_of_one_run(with_upstream(asset_in(line)), None, now))
            there = _by_place(assets, there)
            # Once, also what two days are made from: today's and the one that is looked back at.
            known = list(dict.fromkeys(there[_place(asset)] for asset in assets))
            lines.setdefault(_place(assets[-1]), WatchedLine(PublicLine.of(line).text, known))
        except WatchListError as error:
            broken.append(_broken(line, str(error), error.why))
        except AssetError as error:
            broken.append(_broken(line, str(error)))
        except (Exception, SystemExit) as error:  # of a user's storage_root()
            broken.append(_broken(line, masked(in_words(error))))
    return list(lines.values()), broken


def watched_or_broken() -> tuple[list[Asset], list[BrokenLine]]:
    """The watched assets of the present windows, as ``watched`` has them, line by line.

    Raises:
        SettingError: the watch list itself can't be read.
    """
    lines, broken = watched_lines()
    return list(dict.fromkeys(asset for line in lines for asset in line.assets)), broken


def _broken(line: str, error: str, why: str | None = None) -> BrokenLine:
    public = PublicLine.of(line)
    return BrokenLine(public.text, public.masked(error), public.masked(why or error))


def for_window(asset: Asset, as_of: datetime | None) -> Asset:
    """``asset`` for the window that holds ``as_of``; None for the present one, or LATEST.

    Raises:
        SettingError: that is in the future, or LATEST, and no window is stored.
    """
    if asset.own_length() == NO_WINDOW:
        return cast(Asset, asset.clone(stored_only=as_of == LATEST))
    now = window.now()
    # Bare of the run it was part of: a window that was resolved by LATEST is stored only.
    given = now if as_of is None else as_of
    found = cast(Asset, asset.clone(as_of=given, stored_only=False))
    if found.as_of > now:
        label = asset.own_length().label(found.as_of)
        raise SettingError(f"--as-of: {label} is in the future: it is {now:%Y-%m-%d %H:%M} UTC")
    return found


@dataclass(frozen=True)
class Graph:
    """Assets that hang together."""

    assets: Sequence[Asset]
    """Upstream first."""
    edges: Sequence[tuple[Asset, Asset]]
    """Which of them is made into which, directly or by way of plain tasks."""

    @property
    def roots(self) -> list[Asset]:
        """Those that nothing else is made from, last first."""
        inner = {source for source, _ in self.edges}
        return [asset for asset in reversed(self.assets) if asset not in inner]

    @property
    def columns(self) -> list[list[Asset]]:
        """The graph from left to right: each asset is made from some of the column before its own.

        It may be made from farther left as well.
        """
        depths: dict[Asset, int] = {}
        columns: list[list[Asset]] = []
        for asset in self.assets:
            sources = [depths[source] for source in self._made_from.get(asset, ())]
            depth = depths[asset] = 1 + max(sources, default=-1)
            if depth == len(columns):
                columns.append([])
            columns[depth].append(asset)
        return columns

    def upstream_of(self, asset: Asset) -> list[Asset]:
        """``asset`` and all that it is made from, upstream first."""
        wanted = {asset}
        for each in reversed(self.assets):
            if each in wanted:
                wanted.update(self._made_from.get(each, ()))
        return [each for each in self.assets if each in wanted]

    @cached_property
    def _made_from(self) -> Mapping[Asset, Sequence[Asset]]:
        # Gone through once: pages ask of each asset what is upstream of it, and the edges of 200
        # assets, each compared for each, held up a server for 10 s.
        found = defaultdict[Asset, list[Asset]](list)
        for source, made in self.edges:
            found[made].append(source)
        return found

    def around(self, asset: Asset) -> Graph:
        """``asset`` with what it is made from and what is made from it, directly."""
        edges = [edge for edge in self.edges if asset in edge]
        beside = {asset, *(each for edge in edges for each in edge)}
        return Graph([each for each in self.assets if each in beside], edges)


def graphs(assets: Sequence[Asset]) -> list[Graph]:
    """``assets``, which are upstream first, in parts that hang together."""
    place = cache(_place)  # which reads the configuration, and would 900 times for 50 assets
    by_place = {place(asset): asset for asset in assets}
    made = [(place(source), asset) for asset in assets for source in _sources_of(asset)]
    edges = list(dict.fromkeys((by_place[at], asset) for at, asset in made if at in by_place))
    part = {asset: {asset} for asset in assets}
    for source, asset in edges:
        joined = part[source] | part[asset]
        part.update(dict.fromkeys(joined, joined))
    parts = {id(members): members for members in part.values()}
    return [
        Graph(
            [asset for asset in assets if asset in members],
            [edge for edge in edges if edge[1] in members],
        )
        for members in parts.values()
    ]


def _lines() -> list[str]:
    told = assets()
    lines = [line.strip() for line in told.watch.splitlines()]
    given = [line for line in lines if line and not line.startswith("#")]
    if not given and told.feeds:
        return watch_lines_for(told.feeds)
    return given or [*DEFAULT]


def with_upstream(root: Asset) -> list[Asset]:
    """``root`` and what it is made from, plain tasks passed, each after what it is made from.

    Raises:
        WatchListError: a ``requires()`` raises what is none of the layer's errors.
        AssetError: one raises that, such as a SettingError.
    """
    found: dict[str, luigi.Task] = {}
    begun: set[str] = set()
    pending: list[luigi.Task] = [root]
    while pending:
        task = pending[-1]
        if task.task_id in begun:
            found.setdefault(task.task_id, pending.pop())
            continue
        begun.add(task.task_id)
        try:
            sources = sources_of(task)
        except AssetError:
            raise
        except (Exception, SystemExit) as error:  # of a user's requires()
            raise WatchListError(f"{task}: {in_words(error)}") from error
        pending += [source for source in reversed(sources) if source.task_id not in begun]
    return [task for task in found.values() if isinstance(task, Asset)]


def _of_one_run(
    upstream: Sequence[Asset], as_of: datetime | None, now: datetime
) -> Iterator[Asset]:
    """Those assets, the last of which is the root, for one window a length."""
    # The window is resolved once, by the last asset of a length: each by itself could get another
    # one, if a window begins in between, or only a part of the captures is stored.
    last: dict[WindowLength, Asset] = {}
    for asset in reversed(upstream):
        if (length := asset.own_length()) not in last:
            last[length] = for_window(asset, now if as_of in (None, LATEST) else as_of)
            if as_of == LATEST and newest_start(last[length]):
                last[length] = for_window(asset, LATEST)
    for asset in upstream:
        own = last[asset.own_length()]
        yield asset.clone(as_of=own.as_of, stored_only=own.stored_only)


def _sources_of(task: luigi.Task) -> list[Asset]:
    """The assets that ``task`` is made from, directly or by way of plain tasks."""
    met: dict[str, luigi.Task] = {}
    pending = sources_of(task)
    while pending:
        source = pending.pop(0)
        if source.task_id not in met:
            met[source.task_id] = source
            pending += [] if isinstance(source, Asset) else sources_of(source)
    return [each for each in met.values() if isinstance(each, Asset)]


def _each_once(assets: Iterable[Asset]) -> list[Asset]:
    """The first of ``assets`` at each place; raises SettingError if the next is another class's."""
    return list(_by_place(assets, {}).values())


def _by_place(assets: Iterable[Asset], there: Mapping[_Place, Asset]) -> dict[_Place, Asset]:
    """What is ``there`` and the first of ``assets`` at each other place; raises SettingError."""
    found = dict(there)
    for asset in assets:
        first, second = type(found.setdefault(_place(asset), asset)), type(asset)
        if first is not second:  # one of which nobody would see, and which can't be made
            names = [f"{kind.__module__}.{kind.__qualname__}" for kind in (first, second)]
            raise WatchListError(
                f"{' and '.join(names)} share the folder {asset.folder}: set stored_as on one of "
                "them, or leave it out"
            )
    return found


def _place(asset: Asset) -> _Place:
    return asset.storage_root(), asset.folder
