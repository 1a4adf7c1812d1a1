"""Assets as many as a test wants, all watched, and a look at them as the server has it."""

from __future__ import annotations

import sys
from datetime import timedelta
from types import ModuleType

import luigi

from hn_luigi.assets import Asset, FreshnessPolicy
from hn_luigi.refresh import facts_of, paused
from hn_luigi.watchlist import watched_lines


def watcher(settings, monkeypatch):
    """Watches a total of so many sources, less one, in windows of twelve hours."""
    monkeypatch.setitem(sys.modules, "idle_graph", ModuleType("idle_graph"))

    class Source(Asset):
        __module__ = "idle_graph"
        number = luigi.IntParameter(0)
        suffix = ".json"
        capture = True
        freshness = FreshnessPolicy(maximum_lag=timedelta(days=1))

        def compute(self):
            return [1] * 100

    class Total(Asset):
        __module__ = "idle_graph"
        count = luigi.IntParameter()
        suffix = ".json"
        keeps_latest = True
        freshness = FreshnessPolicy(maximum_lag=timedelta(days=1))

        def requires(self):
            return [self.clone(Source, number=number) for number in range(self.count - 1)]

        def compute(self, *parts):
            return sum(map(sum, parts))

    for kind in (Source, Total):
        setattr(sys.modules["idle_graph"], kind.__name__, kind)

    def watch(count):
        settings("assets", watch=f"idle_graph Total --count {count}", window_minutes=720)

    return watch


def make():
    """All that is watched."""
    (line,), _ = watched_lines()
    for asset in line.assets:
        if not asset.complete():
            asset.run()


def look():
    """As the server does; what it has found."""
    (line,), _ = watched_lines()
    return facts_of(line, [], paused())
