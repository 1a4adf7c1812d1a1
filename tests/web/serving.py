"""The server in a thread of the tests, so that it costs no process."""

from __future__ import annotations

import asyncio
import json
import secrets
import threading
from collections.abc import Callable, Coroutine

from luigi.scheduler import Scheduler
from tornado.netutil import bind_sockets

from hn_luigi.web.reader import Reader
from hn_luigi.web.refresher import Refresher
from hn_luigi.web.run_job import RunRequest
from hn_luigi.web.runs import Run, Runs
from hn_luigi.web.server import Endpoint, http_server, router

from ..limits import patience
from .client import Client, data


class Server(Client):
    """The server, in a thread of its own, at a port that was free."""

    def __init__(
        self,
        token: str = "",
        host: str = "127.0.0.1",
        folder: str = "",
        parallel: int = 0,
        time_limit: float | None = None,
    ) -> None:
        self.token, self._address, self._folder = token, host, folder
        self._parallel, self._time_limit = parallel, time_limit
        self.secret = token or secrets.token_urlsafe()
        self.scheduler = Scheduler()
        self._is_up = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        assert self._is_up.wait(patience())
        super().__init__(self._port)

    async def _serve(self) -> None:
        (listening,) = bind_sockets(0, self._address)
        self._port = listening.getsockname()[1]
        address = f"http://127.0.0.1:{self._port}"
        self.runs = Runs(address, self.token, self._folder, time_limit=self._time_limit)
        endpoint = Endpoint(0, self._address, self.secret, trusts_owner=not self.token)
        reader, refresher = Reader(), None
        if self._parallel:
            refresher = Refresher(self.runs, reader, self._parallel)
        self.refresher = refresher
        served = router(self.scheduler, self.runs, reader, refresher)
        self.http = server = http_server(served, endpoint, self._port)
        server.add_socket(listening)
        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        self._is_up.set()
        lasting = [asyncio.create_task(refresher.refresh())] if refresher else []
        await self._stopped.wait()
        for task in lasting:
            task.cancel()
        for ended in await asyncio.gather(*lasting, return_exceptions=True):
            assert isinstance(ended, asyncio.CancelledError), ended
        server.stop()
        await server.close_all_connections()
        await self.runs.close()
        reader.shutdown()

    def start(self, request: RunRequest) -> Run:
        """Start a run as a press of a button does."""
        started = asyncio.run_coroutine_threadsafe(self.runs.press(request), self._loop)
        return started.result(patience())

    def look(self) -> None:
        """Have it look anew at what is due."""
        self._loop.call_soon_threadsafe(self.runs.news.set)

    def ask_refresher(
        self, what: Callable[[str], Coroutine[None, None, None]], folder: str
    ) -> None:
        """Have a line paused or resumed, as a button does."""
        asyncio.run_coroutine_threadsafe(what(folder), self._loop).result(patience())

    def tasks(self, status: str = "") -> dict[str, dict]:
        """What the scheduler knows of tasks, by id."""
        answer = self.ask("GET", "/api/task_list?" + data(status=status, upstream_status=""))
        return json.loads(answer.text)["response"]

    def stop(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopped.set)
            self._thread.join(patience())
            assert not self._thread.is_alive(), "it doesn't stop"
