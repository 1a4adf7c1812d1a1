"""The runs that this server started, for a button or by itself, each with its log."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from hn_luigi.assets import AssetError
from hn_luigi.assets.operations import (
    RUN_VARIABLE,
    STARTED_BY_VARIABLE,
    new_run_id,
    overrides_for_child,
    scheduler_token,
    window,
)
from hn_luigi.line_times import WIDTH
from hn_luigi.web.kept_runs import OVERDUE, PAGE, KeptRun, RunFolder, RunLog
from hn_luigi.web.run_job import SCHEDULER, RunRequest

_KEPT = 20
"""Runs that are known though their notes can't be kept."""
_KEEPER = Path(__file__).with_name("run_keeper.py")
# A worker that is told to stop takes leave of the scheduler; one that waits for an answer can't.
_SECONDS_TO_END = 5
# The keeper of a run gives that twice, and ends; if not, somebody has stopped it (SIGSTOP).
_SECONDS_FOR_KEEPER = 20
_PIECE = 1 << 16
_MOST_PIECES = 16
"""Of what is left in the pipe when a run is over: 1 MB, more than it holds."""


@dataclass
class Run:
    """A run, under way or over."""

    kept: KeptRun
    log: RunLog
    process: asyncio.subprocess.Process = field(repr=False)
    """Its keeper, which ends as it does."""
    output: int = field(repr=False)
    """The end of a pipe that it prints into."""
    lifeline: int = field(default=-1, repr=False)
    """The end of a pipe that it lives as long as."""
    over: asyncio.Event = field(default_factory=asyncio.Event, repr=False)
    """Set once it has ended, and that is noted."""

    @property
    def id(self) -> str:
        """What it is called, in records as well."""
        return self.kept.id

    @property
    def request(self) -> RunRequest:
        """What was asked for."""
        return self.kept.request

    @property
    def began(self) -> datetime:
        """When it was started."""
        return self.kept.began

    @property
    def state(self) -> str:
        """``running``, or how it ended."""
        return self.kept.state

    def end(self) -> None:
        """Have it end; the kernel does as much when this process dies."""
        if self.lifeline >= 0:
            os.close(self.lifeline)
            self.lifeline = -1


class Runs:
    """Starts runs through the scheduler at an address, and remembers the last of them.

    Their notes and logs are in ``folder``, and outlive the server. One is ended after
    ``time_limit`` seconds, if there is such a limit: it would keep others from being started.
    """

    def __init__(
        self,
        scheduler: str,
        token: str = "",
        folder: str = "",
        *,
        time_limit: float | None = None,
    ) -> None:
        self._scheduler, self._time_limit = scheduler, time_limit
        self._token = token
        self._folder = RunFolder(folder)
        self._runs: dict[str, Run] = {}
        self._ends: set[asyncio.Task[None]] = set()
        self._starting = asyncio.Lock()
        self._is_closing = False
        self.news = asyncio.Event()
        """Set whenever one is over."""

    @property
    def under_way(self) -> list[Run]:
        """The runs that are under way, the oldest first."""
        return [run for run in [*self._runs.values()] if run.kept.is_under_way]

    @property
    def current(self) -> Run | None:
        """The first of them."""
        return next(iter(self.under_way), None)

    @property
    def kept(self) -> list[KeptRun]:
        """The last runs that were started here, or by another server of this folder; in any order.

        It reads files.
        """
        mine = [run.kept for run in [*self._runs.values()]]
        known = {run.id for run in mine}
        return [*mine, *(run for run in self._folder.runs() if run.id not in known)]

    def find(self, run_id: str) -> KeptRun | None:
        """The run of that id, None if none is kept."""
        run = self._runs.get(run_id)
        return run.kept if run else self._folder.run(run_id)

    def log_of(self, run_id: str) -> tuple[str, str]:
        """The end of the log of the run of that id, and what keeps it from being whole."""
        run = self._runs.get(run_id)
        trouble = run.log.trouble if run else ""
        beyond = run.log.beyond() if run else b""
        try:
            data = self._folder.text(run_id)
        except OSError as error:
            data, trouble = None, trouble or error.strerror or str(error)
        if data is None or trouble:
            return run.log.end() if run else "", trouble or "it was removed"
        return (data + beyond).decode(errors="replace"), ""

    async def press(self, request: RunRequest) -> Run:
        """Start a run for a button; two presses start one, the first.

        A run that makes just that by itself does for it as well.

        Raises:
            AssetError: this machine can't: no memory, its Python is gone; or the server is ending.
        """
        async with self._starting:
            for run in self.under_way:
                if run.kept.started_by == PAGE or run.request == request:
                    return run
            return await self._started(KeptRun(new_run_id(), request, window.now()))

    async def start(self, request: RunRequest, *, started_by: str, reason: str) -> Run:
        """Start a run; raises as ``press`` does."""
        now = window.now()
        kept = KeptRun(new_run_id(), request, now, started_by=started_by, reason=reason)
        async with self._starting:
            return await self._started(kept)

    async def _started(self, asked: KeptRun) -> Run:
        if self._is_closing:
            raise AssetError("The run can't be started: the server is ending")
        kept = replace(asked, is_under_way=True)
        log = self._folder.log_of(kept)
        try:
            run = self._runs[kept.id] = await self._spawned(kept, log)
        except BaseException as error:
            log.close()
            self._folder.remove(kept.id)
            # RuntimeError: asyncio (3.11) waits for each process by a thread, of which there are
            # too many; ValueError: what holds a NUL can't be told to a process.
            if not isinstance(error, OSError | RuntimeError | ValueError):
                raise
            said = getattr(error, "strerror", None) or error
            raise AssetError(f"The run can't be started: {said}") from error
        asyncio.get_running_loop().add_reader(run.output, _read, run)
        end = asyncio.create_task(self._note_end(run))
        self._ends.add(end)
        end.add_done_callback(self._ends.discard)
        for run_id in list(self._runs)[:-_KEPT]:
            if self._runs[run_id].over.is_set():
                del self._runs[run_id]
        return run

    async def _spawned(self, run: KeptRun, log: RunLog) -> Run:
        with ExitStack() as stack:
            # A pipe and no file, which would grow without bounds, and on a full disk fail what is
            # printed, and so the run. By hand: asyncio's own (3.11) is waited for until nobody has
            # it open, and a step may leave a process behind.
            output, writer = os.pipe()
            stack.callback(os.close, output)
            os.set_blocking(output, False)
            reader, lifeline = os.pipe()
            stack.callback(os.close, lifeline)
            try:
                process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-I", "-S", os.fspath(_KEEPER), str(_SECONDS_TO_END)),
                    *run.request.command(),
                    stdin=reader,
                    stdout=writer,
                    stderr=writer,
                    env=self._environment(run),
                    start_new_session=True,
                )
            finally:
                os.close(reader)
                os.close(writer)
            stack.pop_all()
        return Run(run, log, process, output, lifeline)

    def _environment(self, run: KeptRun) -> Mapping[str, str]:
        # The token isn't in the URL: a scheduler that is down has Luigi log that five times, and it
        # would be in the list of processes as an argument.
        told = {SCHEDULER: self._scheduler, scheduler_token.VARIABLE: self._token}
        named = {RUN_VARIABLE: run.id, STARTED_BY_VARIABLE: run.started_by}
        return {**os.environ, **overrides_for_child(), **told, **named, "PYTHONUNBUFFERED": "1"}

    async def _note_end(self, run: Run) -> None:
        code = None
        try:
            code = await _end_of(run, self._time_limit)
            for _ in range(_MOST_PIECES):
                if not _read(run):
                    break
        finally:
            asyncio.get_running_loop().remove_reader(run.output)
            os.close(run.output)
            # One that was told to end with the server has no end of its own.
            told = None if self._is_closing else code
            run.kept = replace(run.kept, code=told, ended=window.now(), is_under_way=False)
            if run.log.is_kept:
                with suppress(OSError):  # it will pass for one that ended with the server
                    self._folder.note(run.kept)
            run.log.close()
            run.over.set()
            self.news.set()

    async def close(self) -> None:
        """Have what is under way end, start nothing more, and see that all of it is over."""
        async with self._starting:
            self._is_closing = True
        for run in self.under_way:
            run.end()
        if self._ends:
            _, alive = await asyncio.wait(self._ends, timeout=_SECONDS_FOR_KEEPER)
            for run in self.under_way:
                _signal(run.process, signal.SIGKILL)
            if alive:
                await asyncio.wait(alive)


async def _end_of(run: Run, limit: float | None) -> int:
    """The exit code of ``run``, which is told to end after ``limit`` seconds, if there is one."""
    is_overdue = not await _is_over_within(limit, run.process)
    run.end()
    if is_overdue:
        await _is_over_within(_SECONDS_FOR_KEEPER, run.process)
    # Where the keeper was killed itself. It leads the group, whose number no other process gets
    # while one of it is there.
    _signal(run.process, signal.SIGKILL)
    code = await run.process.wait()
    return OVERDUE if is_overdue else code


async def _is_over_within(seconds: float | None, process: asyncio.subprocess.Process) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await process.wait()
            return True
    return False


def _signal(process: asyncio.subprocess.Process, number: int) -> None:
    """Signal ``process`` and all of its group."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _read(run: Run) -> bool:
    """Take what ``run`` has printed; whether there was anything."""
    try:
        data = os.read(run.output, _PIECE)
    except BlockingIOError:
        return False
    run.log.write(data)
    if not data:  # all have closed it: it would be ready for ever
        asyncio.get_running_loop().remove_reader(run.output)
    return bool(data)


def last_words(kept: KeptRun, log: str) -> str:
    """How a run ended: the last line of its ``log``, unless something else ended it."""
    if kept.code is not None and kept.code < 0:
        return f"It was killed by signal {-kept.code}."
    if kept.code == OVERDUE:
        return "It was ended at its time limit, [refresh] time_limit."
    if kept.state == "ended with the server":
        return "The server that had started it was stopped or killed, and so it was, too."
    lines = (line[WIDTH:] for line in reversed(log.splitlines()))
    return next((line for line in lines if line.strip()), "")
