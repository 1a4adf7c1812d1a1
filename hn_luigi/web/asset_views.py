"""How the watched assets stand, read from storage for the pages."""

from __future__ import annotations

import logging
import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from hn_luigi import formatting
from hn_luigi.assets import Asset, AssetError
from hn_luigi.assets.operations import (
    AssetStatus,
    WindowLength,
    cached_requests,
    in_words,
    masked,
    rows_of,
    status_of,
)
from hn_luigi.refresh import made_by_runs, renewing_lengths
from hn_luigi.watchlist import BrokenLine, Graph, graphs, watched_or_broken
from hn_luigi.web.asset_notes import Note, notes_on
from hn_luigi.web.graph_layout import Boxes, Layout, laid_out
from hn_luigi.web.scheduler_tasks import RunningTask
from hn_luigi.web.verdict import Standing, standing_of

_logger = logging.getLogger("hn_luigi.web")
_traced: deque[str] = deque(maxlen=100)
"""The errors whose tracebacks were logged last."""
_Value = TypeVar("_Value")
# Pixels at the usual size of type, which graph.css fills: five columns are as wide as a page.
_BOXES = Boxes(width=186, height=76, beside=52, below=16)
_SMALL = Boxes(width=164, height=46, beside=28, below=10)
_FEW = 12
"""So many assets are drawn in full on the page of one of them."""


@dataclass(frozen=True)
class AssetView:
    """How an asset stands."""

    status: AssetStatus
    running: RunningTask | None
    inputs_every: WindowLength | None = None
    """The shortest windows that bring it new data within its own; None for none."""
    is_made: bool = True
    """Whether a run of what the watch list names makes it; else that only looks back at it."""

    @property
    def task(self) -> Asset:
        """The asset as a Luigi task, of the present window."""
        return self.status.asset

    @property
    def folder(self) -> str:
        """What it is called, such as ``top/stories``."""
        return self.task.folder

    @property
    def standing(self) -> Standing:
        """How it stands, in a word."""
        found = standing_of(
            self.status,
            is_running=self.running is not None,
            is_renewed=self.inputs_every is not None,
        )
        # It is made once its window is over, which is what is looked back at.
        return Standing.DUE if found is Standing.UNMADE and not self.is_made else found

    @property
    def state(self) -> str:
        """The word for that, with how far it is if it is being made and says so."""
        percent = self.running.percent if self.running else None
        return self.standing.value + ("" if percent is None else f" {percent} %")

    @property
    def is_needed(self) -> bool:
        """Whether there is something to make of its present window."""
        staleness = self.status.staleness
        return self.is_made and not staleness.current and not staleness.lost

    @property
    def age(self) -> str:
        """Of its newest data; empty if it has none."""
        lag = self.status.lag.lag
        return "" if lag is None else formatting.age(lag)

    @property
    def rows(self) -> int | None:
        """How many its newest window has, None if that isn't known."""
        rows = rows_of(self.status.newest) if self.status.newest else None
        return None if rows is None or not math.isfinite(rows) else int(rows)

    @property
    def notes(self) -> list[Note]:
        """What there is to say of it in words."""
        under_way = (
            [Note("busy", "Under way", formatting.plain(self.running.message))]
            if (self.running and self.running.message)
            else []
        )
        return [*under_way, *notes_on(self.status)]


@dataclass(frozen=True)
class GraphView:
    """Assets that hang together, and how each stands."""

    graph: Graph
    assets: Mapping[Asset, AssetView] = field(default_factory=dict)
    """Upstream first; empty if that can't be told."""
    error: str = ""
    """Why not."""

    @property
    def is_running(self) -> bool:
        """Whether one of them is being made."""
        return any(asset.running for asset in self.assets.values())

    @property
    def standings(self) -> list[Standing]:
        """How each stands, upstream first."""
        return [asset.standing for asset in self.assets.values()]

    def has(self, folder: str) -> bool:
        """Whether the asset in ``folder`` is one of them."""
        return any(asset.folder == folder for asset in self.graph.assets)

    @property
    def needed(self) -> int:
        """Of how many the present window is to be made."""
        return sum(asset.is_needed for asset in self.assets.values())

    def notes_on(self, asset: Asset) -> list[Note]:
        """What there is to say of an asset in words, what failed upstream of it included."""
        view = self.assets[asset]
        upstream = self.graph.upstream_of(asset)[:-1] if view.is_needed else []
        failed = [u.folder for u in upstream if self.assets[u].standing is Standing.FAILED]
        told = formatting.listed(failed)
        return [
            *view.notes,
            *([Note("bad", "", f"it is made from {told}, which failed")] if failed else []),
        ]

    @property
    def scopes(self) -> list[tuple[str, str, str]]:
        """What its button does and what else may be done, as ``run_buttons.html`` takes them."""
        few = "needed", f"Materialize {self.needed} of {len(self.assets)}", "what isn't current"
        if self.needed:
            return [few, ("all", "Materialize everything again", "current or not")]
        again = "all", "Materialize again", "everything, though all of it is current"
        return [again, ("needed", "Materialize what isn't current", "nothing is at present")]

    def layout(self, *, small: bool = False) -> Layout[Asset]:
        """How it is drawn."""
        return laid_out(self.graph.columns, self.graph.edges, _SMALL if small else _BOXES)


def graph_views(running: Sequence[RunningTask]) -> tuple[list[GraphView], list[BrokenLine]]:
    """How the watched assets stand, by what hangs together, and which lines name none.

    What is in trouble comes first; else it is in the watch list's order.
    """
    assets, broken = watched_or_broken()
    with cached_requests():
        views = [_graph_view(graph, running) for graph in graphs(assets)]
    return sorted(views, key=_urgency), broken


def graph_view_of(
    asset: Asset, assets: Sequence[Asset], running: Sequence[RunningTask]
) -> GraphView:
    """How the graph of ``asset`` among ``assets`` stands; of a large one, what is next to it."""
    graph = next(graph for graph in graphs(assets) if asset in graph.assets)
    return _graph_view(graph if len(graph.assets) <= _FEW else graph.around(asset), running)


def _graph_view(graph: Graph, running: Sequence[RunningTask]) -> GraphView:
    try:
        found = asked(lambda: status_of(graph.assets))
    except AssetError as error:
        return GraphView(graph, error=str(error))
    every = renewing_lengths(graph.assets)
    by_run = dict(zip(graph.assets, made_by_runs(graph.assets), strict=True))
    made = frozenset().union(*(by_run[root] for root in graph.roots))
    views = [
        AssetView(s, running_of(s.asset, running), every[folder], folder in made)
        for s in found
        for folder in [s.asset.folder]
    ]
    return GraphView(graph, {view.task: view for view in views})


def _urgency(view: GraphView) -> int:
    """How urgent a graph's trouble is, the least number first."""
    severities = {standing: number for number, standing in enumerate(Standing)}
    alarms = [s for s in view.standings if s.tone in ("warn", "bad")]
    return -1 if view.error else min(map(severities.__getitem__, alarms), default=len(severities))


def asked(question: Callable[[], _Value]) -> _Value:
    """The answer to ``question``.

    Raises:
        AssetError: for whatever else it raises, which comes of the code of a watched class.
    """
    try:
        return question()
    except AssetError:
        raise
    except BaseException as error:  # of which SystemExit and KeyboardInterrupt would end the server
        said = masked(in_words(error))
        # Each once: a page that is open asks again every few seconds, refreshing once a minute.
        if said not in _traced:
            _traced.append(said)
            _logger.exception("The watched assets can't be asked")
        raise AssetError(f"The watched assets can't be asked: {said}") from error


def graph_of(folders: Sequence[str]) -> Graph | None:
    """The watched assets that hang together with those in ``folders``; None if they don't."""
    for graph in graphs(watched_or_broken()[0]):
        if {*folders} <= {asset.folder for asset in graph.assets}:
            return graph
    return None


def running_of(asset: Asset, running: Sequence[RunningTask]) -> RunningTask | None:
    """The task under way that makes ``asset``, for its window and under its root."""
    return next((task for task in running if asset.is_made_by(task.task_id)), None)
