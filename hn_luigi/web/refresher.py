"""Starts what is due, by the freshness policies of what is watched, as long as the server runs."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from hn_luigi.assets import AssetError
from hn_luigi.assets.operations import in_words, masked, root_store, staging, window
from hn_luigi.formatting import plain
from hn_luigi.refresh import Due, LineFacts, Need, PastRun, pause, paused, resume
from hn_luigi.watchlist import watched_lines
from hn_luigi.web.asset_views import asked
from hn_luigi.web.kept_runs import REFRESH, KeptRun
from hn_luigi.web.refresh_plans import Plan, Planner
from hn_luigi.web.run_job import DONE, NOTHING_TO_DO, RunRequest
from hn_luigi.web.runs import Run, Runs

SECONDS_TO_LOOK = 60
"""From one look at storage to the next, unless something is due or a run is over before."""
# asyncio counts no time in which the machine sleeps (CLOCK_MONOTONIC), and none by which its clock
# is set. To compare the clock now and again costs 0.01 % of a core.
_SECONDS_TO_COMPARE = 5
_JUMP = timedelta(seconds=2)
_SOON = timedelta(seconds=1)
_MOST_PAST = 30
"""Runs over that are remembered of each asset: after ten tries, waits grow no more."""
_LOCK = "here/_refresh"
_BUSY = (
    "another server on this machine refreshes what is stored here; this one takes over when that "
    "ends"
)
_WELL = (DONE, NOTHING_TO_DO)
_Value = TypeVar("_Value")
_logger = logging.getLogger("hn_luigi.refresh")


class Refresher:
    """Starts what is due by ``runs`` of this server, having asked storage in ``reader``.

    It has so many runs under way at a time as ``parallel`` says.
    """

    def __init__(self, runs: Runs, reader: Executor, parallel: int = 1) -> None:
        self.plans: Mapping[str, Plan] = {}
        """By the folder of the asset that a line names, as of the last look."""
        self.trouble = ""
        """What keeps all of it from being refreshed, in words."""
        self.troubles: Mapping[str, str] = {}
        """What keeps a line from being refreshed, in words, by the line."""
        self._runs, self._reader = runs, reader
        self._parallel, self._planner = parallel, Planner()
        self._under_way: dict[str, Run] = {}
        self._last: dict[str, Run] = {}
        self._past = defaultdict[Sequence[str], deque[PastRun]](partial(deque, maxlen=_MOST_PAST))
        self._said: dict[str, str] = {}
        self._lock: ExitStack | None = None

    async def refresh(self) -> None:
        """Start what is due, until cancelled; whatever goes wrong is tried again."""
        try:
            with suppress(AssetError):
                for run in await self._read(lambda: _failed_before(self._runs)):
                    self._past[run.make].append(run)
            while True:
                self._runs.news.clear()
                began = window.now()
                try:
                    began = await self._look()
                except Exception as error:  # or the server would go on without, and nobody know
                    said = f"what is due can't be told: {masked(in_words(error))}"
                    if said != self.trouble:  # once, and not with every look
                        _logger.exception("What is due can't be told")
                    self._complain(said)
                await self._wait(began)
        finally:
            if self._lock:
                self._lock.close()

    async def pause(self, folder: str) -> None:
        """Start nothing of the line that names that asset; raises StorageError."""
        await self._read(lambda: pause(folder))
        self._runs.news.set()

    async def resume(self, folder: str) -> None:
        """Start what is due of it again; raises StorageError."""
        await self._read(lambda: resume(folder))
        self._runs.news.set()

    async def _look(self) -> datetime:
        """Find out what is due, and start it; until when what it found counts as known."""
        self._note_ends()
        trouble = await self._trouble()
        known: list[tuple[LineFacts, str]] = []
        try:
            lines, broken, since = await self._read(lambda: (*watched_lines(), paused()))
        except AssetError as error:
            self._complain(str(error))
            return window.now()
        troubles = {line.line: line.why for line in broken}
        for line in lines:
            past = [run for runs in self._past.values() for run in runs]
            own = {run.id for run in past} | {run.id for run in self._under_way.values()}
            ask = partial(self._planner.facts, line, past, own, since, self._being_made())
            try:
                known.append(await self._read(ask))
            except AssetError as error:
                troubles[line.text] = str(error)
        now = window.now()
        plans = {
            folder: replace(plan, run=self._under_way.get(folder))
            for folder, plan in self._planner.plans(known, now).items()
        }
        self._complain(trouble)
        self.plans, self.troubles = plans, troubles
        self._forget_vain(plans)
        if not trouble:
            await self._start(plans, troubles, now)
        self._tell(plans, troubles)
        return now

    async def _trouble(self) -> str:
        """Why nothing may be started, in words: one server of a machine refreshes a root."""
        try:
            self._lock = self._lock or await self._read(_hold)
        except AssetError as error:
            return str(error)
        return "" if self._lock else _BUSY

    async def _start(self, plans: dict[str, Plan], troubles: dict[str, str], now: datetime) -> None:
        """Start what is due of ``plans``."""
        waiting = [folder for folder, plan in plans.items() if plan.next.is_now(now)]
        for folder in sorted(waiting, key=lambda each: self._turn_of(each, plans[each])):
            plan = plans[folder]
            if self._runs.news.is_set():
                return  # a run is over or a line paused since they were made: they are made anew
            if plan.line.root.length.floor(now) != plan.line.root.start:
                # To tell took until the next window, as where the machine slept.
                plans[folder] = replace(plan, next=replace(plan.next, when=now + _SOON))
                continue
            is_busy = any(asset.folder in self._being_made() for asset in plan.line.assets)
            if not plan.run and not is_busy and len(self._under_way) < self._parallel:
                try:
                    plans[folder] = replace(plan, run=await self._started(folder, plan.next))
                except AssetError as error:
                    troubles[plan.line.line] = str(error)

    def _turn_of(self, folder: str, plan: Plan) -> tuple[bool, datetime, datetime]:
        """By what lines that are due take turns, the smallest first.

        One that hangs until its time limit, or fails again and again, comes after those that do
        well. Of these the one whose window is over first, then whose last run is longest ago.
        """
        last = self._last.get(folder)
        fails = last is not None and last.kept.code not in _WELL
        return fails, plan.next.length.end(plan.next.start), last.began if last else datetime.min

    async def _started(self, folder: str, what: Due) -> Run:
        name = window.name(what.start) if what.is_settling else None
        run = self._under_way[folder] = await self._runs.start(
            RunRequest((what.folder,), window=name),
            started_by=REFRESH,
            reason=what.why,
        )
        _logger.info("Run %s makes %s: %s", run.id, plain(what.folder), plain(what.why))
        return run

    def _note_ends(self) -> None:
        """Take note of the runs that are over."""
        for folder, run in [*self._under_way.items()]:
            if run.over.is_set():
                _logger.info("Run %s is over: %s", run.id, run.state)
                self._past[run.request.make].append(_past_run(run.kept))
                self._last[folder] = self._under_way.pop(folder)

    def _forget_vain(self, plans: Mapping[str, Plan]) -> None:
        """Forget that runs found nothing to do, of what looks current to this server as well.

        Somebody else was just quicker. Kept, it would hold back all later runs of what has no
        window, which may be stale again in a year.
        """
        assets = [asset for plan in plans.values() for asset in plan.line.assets]
        current = {asset.folder for asset in assets if asset.need is Need.NOTHING}
        for make, runs in self._past.items():
            if current.issuperset(make):
                for run in [run for run in runs if run.found_nothing_to_do and not run.window]:
                    runs.remove(run)

    def _being_made(self) -> frozenset[str]:
        """Of what runs of this server make the present windows, before they hold its locks."""
        requests = [run.request for run in self._runs.under_way if run.request.window is None]
        return frozenset(folder for each in requests for folder in (*each.make, *each.remake))

    def _tell(self, plans: Mapping[str, Plan], troubles: Mapping[str, str]) -> None:
        """Log what is new of each line."""
        said = {plan.line.line: plan.news for plan in plans.values()} | {**troubles}
        for line, words in said.items():
            if words and words != self._said.get(line):
                level = logging.WARNING if line in troubles else logging.INFO
                _logger.log(level, "%s: %s", plain(line), words)
        self._said = said

    def _complain(self, trouble: str) -> None:
        if trouble and trouble != self.trouble:
            _logger.warning("Nothing is refreshed: %s", trouble)
        self.trouble = trouble

    async def _wait(self, known_at: datetime) -> None:
        """Until something is due, a run is over, the clock was set, or a minute has passed.

        Args:
            known_at: what was due by then is started, or can't be.
        """
        since, at = time.monotonic(), window.now()
        planned = [plan.next.when for plan in self.plans.values()]
        soonest = min((when for when in planned if when and when > known_at), default=None)
        while (passed := time.monotonic() - since) < SECONDS_TO_LOOK:
            now = window.now()
            if soonest and soonest <= now:
                return
            if abs(now - at - timedelta(seconds=passed)) > _JUMP:
                return
            left = min(_SECONDS_TO_COMPARE, SECONDS_TO_LOOK - passed)
            if soonest:
                left = min(left, (soonest - now).total_seconds())
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._runs.news.wait()
                    return

    async def _read(self, question: Callable[[], _Value]) -> _Value:
        """The answer to ``question``, which asks storage; raises AssetError."""
        loop = asyncio.get_running_loop()
        answer = loop.run_in_executor(self._reader, asked, question)
        try:
            if not (await asyncio.wait([answer], timeout=SECONDS_TO_LOOK))[0]:
                self._complain("what is stored, or a class that is watched, doesn't answer")
            return await answer
        finally:
            answer.cancel()


def _hold() -> ExitStack | None:
    """What holds the lock by which one server of this machine refreshes a root; None if it is held.

    Raises:
        StorageError: there is no place for locks.
    """
    with ExitStack() as stack:
        try:
            stack.enter_context(staging.hold(root_store().root, _LOCK, wait=False))
        except BlockingIOError:
            return None
        return stack.pop_all()


def _past_run(run: KeptRun) -> PastRun:
    return PastRun(
        run.id,
        run.request.make,
        run.began,
        run.ended or window.now(),
        found_nothing_to_do=run.code == NOTHING_TO_DO,
        succeeded=run.code == DONE,
        window=run.request.window,
    )


def _failed_before(runs: Runs) -> list[PastRun]:
    """The runs that failed before the server was restarted."""
    failed = [run for run in runs.kept if run.ended and run.state in ("failed", "timed out")]
    own = [run for run in failed if run.started_by == REFRESH]
    return [_past_run(run) for run in sorted(own, key=lambda run: run.began)]
