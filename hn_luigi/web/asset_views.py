"""How the watched assets stand, read from storage for the pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hn_luigi.assets import Asset
from hn_luigi.assets.operations import AssetStatus, status_of
from hn_luigi.watchlist import Graph, graphs, watched
from hn_luigi.web.scheduler_tasks import RunningTask
from hn_luigi.web.verdict import Standing, standing_of


@dataclass(frozen=True)
class AssetView:
    """How an asset stands."""

    status: AssetStatus
    running: RunningTask | None

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
        return standing_of(self.status, is_running=self.running is not None)

    @property
    def freshness(self) -> str:
        """``PASS``, ``WARN``, ``FAIL`` or ``UNKNOWN``; empty without a policy."""
        return self.status.lag.freshness.name if self.task.freshness else ""

    @property
    def error(self) -> str:
        """Of the last failed attempt, if nothing was made since."""
        return self.status.failure.error if self.status.failure else ""


@dataclass(frozen=True)
class GraphView:
    """Assets that hang together, and how each stands."""

    graph: Graph
    assets: Mapping[Asset, AssetView]
    """Upstream first."""

    @property
    def is_running(self) -> bool:
        """Whether one of them is being made."""
        return any(asset.running for asset in self.assets.values())


def graph_views(running: Sequence[RunningTask]) -> list[GraphView]:
    """How the watched assets stand, by what hangs together."""
    assets = watched()
    views = {s.asset: AssetView(s, running_of(s.asset, running)) for s in status_of(assets)}
    return [GraphView(g, {asset: views[asset] for asset in g.assets}) for g in graphs(assets)]


def graph_of(folders: Sequence[str]) -> Graph | None:
    """The watched assets that hang together with those in ``folders``; None if they don't."""
    for graph in graphs(watched()):
        if {*folders} <= {asset.folder for asset in graph.assets}:
            return graph
    return None


def running_of(asset: Asset, running: Sequence[RunningTask]) -> RunningTask | None:
    """The task under way that makes ``asset``, for its window and under its root."""
    return next((task for task in running if asset.is_made_by(task.task_id)), None)
