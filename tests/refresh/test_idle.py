"""What refreshing costs while there is nothing to do: no memory, no reading, few requests."""

from __future__ import annotations

import asyncio
import gc
import sys
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from types import ModuleType, SimpleNamespace

import luigi
import pytest

from hn_luigi.assets import Asset, FreshnessPolicy, window
from hn_luigi.assets.operations import forget_tasks
from hn_luigi.assets.storage import folder
from hn_luigi.refresh import PastRun, facts_of, paused
from hn_luigi.watchlist import watched_lines
from hn_luigi.web.kept_runs import KeptRun
from hn_luigi.web.refresher import Refresher, Refreshing

DAYS = 31
A_WINDOW = timedelta(hours=4)


@pytest.fixture
def watch(settings, monkeypatch):
    """Watches a total of so many sources, less one."""
    monkeypatch.setitem(sys.modules, "idle_graph", ModuleType("idle_graph"))

    class Source(Asset):
        __module__ = "idle_graph"
        number = luigi.IntParameter(0)
        suffix = ".json"
        capture = True
        freshness = FreshnessPolicy(maximum_lag=timedelta(hours=8))

        def compute(self):
            return [1] * 100

    class Total(Asset):
        __module__ = "idle_graph"
        count = luigi.IntParameter()
        suffix = ".json"
        keeps_latest = True
        freshness = FreshnessPolicy(maximum_lag=timedelta(hours=8))

        def requires(self):
            return [self.clone(Source, number=number) for number in range(self.count - 1)]

        def compute(self, *parts):
            return sum(map(sum, parts))

    for kind in (Source, Total):
        setattr(sys.modules["idle_graph"], kind.__name__, kind)

    def watch(count):
        settings("assets", watch=f"idle_graph Total --count {count}", window_minutes=240)

    return watch


def make():
    """All that is watched."""
    forget_tasks()
    (line,), _ = watched_lines()
    for asset in line.assets:
        if not asset.complete():
            asset.run()


def look():
    """As the server does; what it has found."""
    forget_tasks()
    (line,), _ = watched_lines()
    return facts_of(line, [], paused())


class Runs:
    """Starts runs that are over at once, in this process."""

    kept = ()

    def __init__(self):
        self.count = 0

    async def start(self, request, **_):
        make()
        self.count += 1
        now, over = window.now(), asyncio.Event()
        over.set()
        kept = KeptRun(f"{self.count:012x}", request, now, ended=now, code=0)
        return SimpleNamespace(
            id=kept.id, request=request, began=now, kept=kept, state=kept.state, over=over
        )


def test_memory_does_not_grow_over_a_month(watch, clock, monkeypatch):
    """Each window is something new to know; what is over has to be forgotten."""
    monkeypatch.setattr(folder, "_NS_OF_A_TICK", 0)  # the clock of this month isn't the disk's
    watch(3)
    clock.at = datetime(2026, 11, 1)
    runs = Runs()

    async def live(refresher):
        sizes = []
        for day in range(DAYS):
            for n in range(timedelta(days=1) // A_WINDOW):
                clock.at = datetime(2026, 11, 1, 0, 0, 31) + timedelta(days=day) + n * A_WINDOW
                for _ in range(3):
                    await refresher._look(starts=True)
                    await asyncio.sleep(0)
                    clock.advance(minutes=13)
            gc.collect()
            sizes.append(tracemalloc.get_traced_memory()[0])
        return sizes

    with ThreadPoolExecutor(1) as reader:
        refresher = Refresher(runs, reader, Refreshing())
        tracemalloc.start()
        try:
            for n in range(refresher._past.maxlen):  # as after some days
                at = clock() - timedelta(seconds=n)
                refresher._past.append(PastRun(f"{n:012x}", (f"total{n}",), at, at))
            sizes = asyncio.run(live(refresher))
        finally:
            tracemalloc.stop()
    assert runs.count == DAYS * 6
    grown = sizes[-1] - sizes[2]
    assert grown < 100 * (DAYS - 3) * 6  # bytes a window; its records alone are 15,000


def test_a_second_look_opens_no_file_of_what_is_stored(watch, clock, root):
    watch(3)
    make()
    look()
    opened = []
    is_on = [True]

    def note(event, arguments):
        if is_on[0] and event == "open" and str(arguments[0]).startswith(str(root)):
            opened.append(arguments[0])

    sys.addaudithook(note)
    look()
    is_on[0] = False
    assert [path for path in opened if not path.endswith(".lock")] == []
