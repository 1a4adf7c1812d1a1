"""Starts what is due, by the freshness policies of what is watched, as long as the server runs."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TypeVar

from hn_luigi.assets import AssetError
from hn_luigi.assets.operations import StorageError, forget_tasks, root_store, staging, window
from hn_luigi.formatting import plain
from hn_luigi.refresh import Due, LineFacts, PastRun, due, facts_of, pause, paused, resume, share
from hn_luigi.watchlist import watched_lines
from hn_luigi.web.asset_views import asked
from hn_luigi.web.kept_runs import REFRESH
from hn_luigi.web.run_job import DONE, NOTHING_TO_DO, RunRequest
from hn_luigi.web.runs import Run, Runs

SECONDS_TO_LOOK = 60
"""From one look at storage to the next, unless something is due or a run is over before."""
# asyncio counts no time in which the machine sleeps (CLOCK_MONOTONIC), and none by which its clock
# is set. To compare the clock now and again costs 0.01 % of a core.
_SECONDS_TO_COMPARE = 5
_JUMP = timedelta(seconds=2)
_MOST_PAST = 1_000
_LOCK = "here/_refresh"
_Value = TypeVar("_Value")
_logger = logging.getLogger("hn_luigi.refresh")


@dataclass(frozen=True)
class Plan:
    """What is known of a line of the watch list, and what comes next of it."""

    line: LineFacts
    next: Due
    run: Run | None = None
    """The run that makes it now."""


@dataclass(frozen=True)
class Refreshing:
    """How to do it."""

    parallel: int = 1
    """How many runs to have under way at a time."""
    time_limit: float = 540
    """Seconds after which one is ended."""


class Refresher:
    """Starts what is due by ``runs`` of this server, having asked storage in ``reader``."""

    def __init__(self, runs: Runs, reader: Executor, how: Refreshing) -> None:
        self.plans: Mapping[str, Plan] = {}
        """By the folder of the asset that a line names, as of the last look."""
        self.trouble = ""
        """What keeps all of it from being refreshed, in words."""
        self._runs, self._reader = runs, reader
        self._how = how
        self._share = share()
        self._under_way: dict[str, Run] = {}
        self._past: deque[PastRun] = deque(maxlen=_MOST_PAST)
        self._ends: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()

    async def refresh(self) -> None:
        """Start what is due, until cancelled."""
        self._past += await self._read(lambda: _failed_before(self._runs))
        with ExitStack() as stack:
            is_alone = False
            while True:
                self._news.clear()
                is_alone = is_alone or self._takes_over(stack)
                await self._look(starts=is_alone)
                await self._wait()

    async def pause(self, folder: str) -> None:
        """Start nothing of the line that names that asset; raises StorageError."""
        await self._read(lambda: pause(folder))
        self._news.set()

    async def resume(self, folder: str) -> None:
        """Start what is due of it again; raises StorageError."""
        await self._read(lambda: resume(folder))
        self._news.set()

    def _takes_over(self, stack: ExitStack) -> bool:
        """Whether no other server of this machine refreshes the same root, from now on."""
        try:
            stack.enter_context(staging.hold(root_store().root, _LOCK, wait=False))
        except BlockingIOError:
            self._complain(
                "another server on this machine refreshes what is stored here; this one takes over "
                "when that ends"
            )
            return False
        except StorageError as error:
            self._complain(str(error))
            return False
        self._complain("")
        return True

    def _complain(self, trouble: str) -> None:
        if trouble and trouble != self.trouble:
            _logger.warning("Nothing is refreshed: %s", trouble)
        self.trouble = trouble

    async def _look(self, *, starts: bool) -> None:
        """Find out what is due, and start it."""
        try:
            lines = await self._read(lambda: _look([*self._past]))
        except AssetError as error:
            self._complain(str(error))
            return
        if starts:
            self._complain("")
        now = window.now()
        plans = {
            line.root.folder: Plan(
                line, due(line, now, self._share), self._under_way.get(line.root.folder)
            )
            for line in lines
        }
        waiting = [folder for folder, plan in plans.items() if plan.next.is_now(now)]
        for folder in sorted(waiting, key=lambda each: plans[each].next.when or now):
            if starts and not plans[folder].run and len(self._under_way) < self._how.parallel:
                plans[folder] = await self._started(folder, plans[folder])
        self.plans = plans

    async def _started(self, folder: str, plan: Plan) -> Plan:
        what = plan.next
        name = window.name(what.start) if what.is_settling else None
        try:
            run = await self._runs.start(
                RunRequest((what.folder,), window=name),
                started_by=REFRESH,
                reason=what.why,
                limit=self._how.time_limit,
            )
        except AssetError as error:
            _logger.warning("%s: %s", plain(what.folder), error)
            return plan
        _logger.info("Run %s makes %s: %s", run.id, plain(what.folder), plain(what.why))
        self._under_way[folder] = run
        end = asyncio.create_task(self._note_end(folder, run))
        self._ends.add(end)
        end.add_done_callback(self._ends.discard)
        return replace(plan, run=run)

    async def _note_end(self, folder: str, run: Run) -> None:
        await run.over.wait()
        _logger.info("Run %s is over: %s", run.id, run.state)
        self._past.append(
            PastRun(
                run.id,
                run.request.make,
                run.began,
                run.kept.ended or window.now(),
                found_nothing_to_do=run.kept.code == NOTHING_TO_DO,
                succeeded=run.kept.code == DONE,
                window=run.request.window,
            )
        )
        del self._under_way[folder]
        self._news.set()

    async def _wait(self) -> None:
        """Until something is due, a run is over, the clock was set, or a minute has passed."""
        since, looked_at = time.monotonic(), window.now()
        planned = [plan.next.when for plan in self.plans.values()]
        soonest = min((when for when in planned if when and when > looked_at), default=None)
        while (passed := time.monotonic() - since) < SECONDS_TO_LOOK:
            now = window.now()
            if soonest and soonest <= now:
                return
            if abs(now - looked_at - timedelta(seconds=passed)) > _JUMP:
                return
            left = min(_SECONDS_TO_COMPARE, SECONDS_TO_LOOK - passed)
            if soonest:
                left = min(left, (soonest - now).total_seconds())
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._news.wait()
                    return

    async def _read(self, question: Callable[[], _Value]) -> _Value:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._reader, asked, question)


def _look(runs: Sequence[PastRun]) -> list[LineFacts]:
    """What is known of each line that can be read."""
    # Each look has objects of its own, of which Luigi forgets none.
    forget_tasks()
    lines, _ = watched_lines()
    since = paused()
    found = []
    for line in lines:
        with suppress(AssetError):
            found.append(asked(partial(facts_of, line, runs, since)))
    return found


def _failed_before(runs: Runs) -> list[PastRun]:
    """The runs that failed before the server was restarted."""
    return [
        PastRun(run.id, run.request.make, run.began, run.ended, window=run.request.window)
        for run in reversed(runs.kept)
        if run.started_by == REFRESH and run.ended and run.state in ("failed", "timed out")
    ]
