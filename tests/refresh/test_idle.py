"""What refreshing costs while there is nothing to do: no memory, no reading, few requests."""

from __future__ import annotations

import asyncio
import gc
import sys
import tracemalloc
import weakref
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from hn_luigi.assets import window
from hn_luigi.assets.storage import folder
from hn_luigi.refresh import pause
from hn_luigi.watchlist import watched_lines
from hn_luigi.web.kept_runs import KeptRun
from hn_luigi.web.refresher import _MOST_PAST, Refresher

from .idle import look, make, watcher

DAYS = 31
A_DAY = 2  # windows


@pytest.fixture
def watch(settings, monkeypatch):
    """Watches a total of so many sources, less one."""
    return watcher(settings, monkeypatch)


class Runs:
    """Starts runs that are over at once, in this process."""

    under_way = ()

    def __init__(self):
        self.count, self.news = 0, asyncio.Event()

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
    watch(2)
    clock.at = datetime(2026, 11, 1)
    runs = Runs()

    async def live(refresher):
        sizes = []
        for day in range(DAYS):
            for n in range(A_DAY):
                begin = datetime(2026, 11, 1) + timedelta(days=day + n / A_DAY)
                clock.at = begin + timedelta(seconds=31)
                for _ in range(2):  # one starts a run, and one finds that it is over
                    await refresher._look()
                    clock.advance(minutes=13)
            gc.collect()
            sizes.append(tracemalloc.get_traced_memory()[0])
        return sizes

    with ThreadPoolExecutor(1) as reader:
        refresher = Refresher(runs, reader)
        tracemalloc.start()
        try:
            sizes = asyncio.run(live(refresher))
        finally:
            tracemalloc.stop()
    assert runs.count == DAYS * A_DAY
    # By then as many runs are remembered as ever are.
    full = _MOST_PAST // A_DAY
    windows = (DAYS - full) * A_DAY
    # Bytes. The records of one take 10,000; over four months it was 115, but within one, what is
    # let go of late, or is of another test, makes up to 20,000 in all.
    assert sizes[-1] - sizes[full] < 2_000 * windows


def test_a_look_keeps_no_task_of_the_one_before(watch, clock):
    watch(2)
    (line,), _ = watched_lines()
    task = weakref.ref(line.root)
    del line
    clock.advance(minutes=1)
    watched_lines()
    gc.collect()
    assert task() is None


def test_a_second_look_opens_no_file_of_what_is_stored(watch, clock, root):
    watch(3)
    make()
    pause("another")
    look()
    opened = []
    is_on = [True]

    def note(event, arguments):
        if is_on[0] and event == "open" and str(arguments[0]).startswith(str(root)):
            opened.append(arguments[0])

    sys.addaudithook(note)
    look()
    is_on[0] = False
    assert opened == []
