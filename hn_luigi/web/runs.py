"""The runs that were started from a page: one at a time, each with its log."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO

from hn_luigi.assets import AssetError
from hn_luigi.assets.operations import overrides_for_child, scheduler_token, window
from hn_luigi.web.run_job import DONE, NOTHING_TO_DO, SCHEDULER, RunRequest

_KEPT = 20  # whose logs, a file descriptor each, are kept
# Bytes of a log's end that are shown. The page loads again every second while the run is under way.
_LONGEST_LOG = 200_000
# A worker that is told to stop takes leave of the scheduler; one that waits for an answer can't.
_SECONDS_TO_END = 5
_ENDS = {DONE: "done", NOTHING_TO_DO: "nothing to do"}


@dataclass
class Run:
    """A run, under way or over."""

    number: int
    request: RunRequest
    log: IO[bytes]
    began: datetime
    process: asyncio.subprocess.Process = field(repr=False)
    ended: datetime | None = None
    code: int | None = None
    """Its exit code, None while it is under way."""

    @property
    def state(self) -> str:
        """``running``, ``done``, ``nothing to do`` or ``failed``."""
        return "running" if self.code is None else _ENDS.get(self.code, "failed")

    def text(self) -> str:
        """The end of its log."""
        size = os.fstat(self.log.fileno()).st_size
        start = max(0, size - _LONGEST_LOG)
        return os.pread(self.log.fileno(), size - start, start).decode(errors="replace")

    def last_words(self) -> str:
        """How it ended: the last line of its log, unless something else ended it."""
        if self.code is not None and self.code < 0:
            return f"It was killed by signal {-self.code}."
        return next((line for line in reversed(self.text().splitlines()) if line.strip()), "")


class Runs:
    """Starts runs through the scheduler at an address, and remembers the last of them."""

    def __init__(self, scheduler: str, token: str = "") -> None:
        self._scheduler = scheduler
        self._token = token
        self._runs: dict[int, Run] = {}
        self._ends: set[asyncio.Task[None]] = set()
        self._starting = asyncio.Lock()

    def __getitem__(self, number: int) -> Run:
        """The run of that number; raises KeyError."""
        return self._runs[number]

    @property
    def current(self) -> Run | None:
        """The run that is under way."""
        return next((run for run in self._runs.values() if run.code is None), None)

    @property
    def last(self) -> list[Run]:
        """The last runs, newest first."""
        return list(self._runs.values())[::-1]

    async def start(self, request: RunRequest) -> Run:
        """Start a run, if none is under way; else that one, so that two presses start one.

        Raises:
            AssetError: this machine can't: no memory, no place for its log, its Python is gone.
        """
        async with self._starting:
            if self.current:
                return self.current
            number = max(self._runs, default=0) + 1
            try:
                log, process = await self._spawned(request)
            except OSError as error:
                raise AssetError(f"The run can't be started: {error.strerror or error}") from error
            run = self._runs[number] = Run(number, request, log, window.now(), process)
        end = asyncio.create_task(self._note_end(run))
        self._ends.add(end)
        end.add_done_callback(self._ends.discard)
        self._forget()
        return run

    async def _spawned(self, request: RunRequest) -> tuple[IO[bytes], asyncio.subprocess.Process]:
        with ExitStack() as stack:
            # A file without a name: nothing is left of it, even if the server is killed. A pipe
            # would have to be read, or the run would stop when it is full.
            log = stack.enter_context(tempfile.TemporaryFile())
            process = await asyncio.create_subprocess_exec(
                *request.command(),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment(),
                start_new_session=True,
            )
            stack.pop_all()
        return log, process

    def _environment(self) -> Mapping[str, str]:
        # The token isn't in the URL: a scheduler that is down has Luigi log that five times, and it
        # would be in the list of processes as an argument.
        told = {SCHEDULER: self._scheduler, scheduler_token.VARIABLE: self._token}
        return {**os.environ, **overrides_for_child(), **told, "PYTHONUNBUFFERED": "1"}

    async def _note_end(self, run: Run) -> None:
        run.code = await run.process.wait()
        run.ended = window.now()

    def _forget(self) -> None:
        for number in list(self._runs)[:-_KEPT]:
            self._runs.pop(number).log.close()

    async def close(self) -> None:
        """Ask what is under way to end, and see that it does."""
        if current := self.current:
            current.process.terminate()
            _, alive = await asyncio.wait(self._ends, timeout=_SECONDS_TO_END)
            if alive:
                current.process.kill()
                await asyncio.wait(alive)
        for run in self._runs.values():
            run.log.close()
