"""The replica itself: a loopback server that can be started, stopped and made to fail.

It runs an asyncio loop in a thread of its own, so that the code under test keeps its thread
and its blocking calls. Tests and the command line use this same server.
"""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections import Counter, deque
from types import TracebackType
from typing import TYPE_CHECKING

from hn_luigi.replica.answers import DENIED, PREFLIGHT, answer_to, known_answers
from hn_luigi.replica.errors import AddressError
from hn_luigi.replica.faults import Faults
from hn_luigi.replica.front_page import FrontPage
from hn_luigi.replica.wire import send, send_faulty

if TYPE_CHECKING:
    from tornado.httputil import HTTPServerRequest

__all__ = ["Replica"]

HOST = "127.0.0.1"
BACKLOG = 1024
"""Connections that may wait to be taken in. Linux drops what is beyond, and tries again a second
later: with Python's 128, the last of 256 clients at once waited 1.03 s, and 4 ms with this."""

REMEMBERED_REQUESTS = 100_000
"""8 MB of paths. More than a test asks for; the bound is for a replica that runs for weeks."""


class Replica:
    """The Hacker News API on a loopback port, between ``start()`` and ``stop()``.

        with Replica(bundled_front_page(), faults=Faults(rate=0.1, times=1)) as replica:
            requests.get(f"{replica.base_url}/topstories.json", timeout=5)

    ``faults`` and ``front_page`` may be replaced while it runs.

    Args:
        front_page: what to serve.
        latency: seconds by which each answer is delayed; answers wait at the same time.
        faults: which requests go wrong.
        port: where to listen on 127.0.0.1; 0 picks a free port, kept for later starts.
    """

    def __init__(
        self,
        front_page: FrontPage,
        *,
        latency: float = 0.0,
        faults: Faults | None = None,
        port: int = 0,
    ) -> None:
        self.latency = latency
        self.front_page = front_page
        self.faults = faults if faults is not None else Faults()
        self._port = port
        self._asked: deque[str] = deque(maxlen=REMEMBERED_REQUESTS)
        self._asked_lock = threading.Lock()
        self._thread: threading.Thread | None = None

    @property
    def base_url(self) -> str:
        """``http://127.0.0.1:PORT/v0``; the port is known after the first start."""
        return f"http://{HOST}:{self._port}/v0"

    @property
    def requests(self) -> list[str]:
        """The paths asked so far, in order of arrival (the latest 100,000); a copy."""
        with self._asked_lock:
            return list(self._asked)

    @property
    def front_page(self) -> FrontPage:
        """What is served; a new page takes effect with the next request."""
        return self._front_page

    @front_page.setter
    def front_page(self, front_page: FrontPage) -> None:
        self._front_page = front_page
        self._known = known_answers(front_page)

    @property
    def faults(self) -> Faults:
        """Which requests go wrong; new faults count each path's requests from zero."""
        return self._faults[0]

    @faults.setter
    def faults(self, faults: Faults) -> None:
        # One assignment, because the server's thread may be between two requests.
        self._faults: tuple[Faults, Counter[str]] = (faults, Counter())

    def start(self) -> None:
        """Listen, and return when a client can connect; nothing happens if it already runs.

        Raises:
            AddressError: the port is taken, forbidden or no port.
        """
        if self._thread is not None:
            return
        listening = _listen(self._port)
        self._port = listening.getsockname()[1]
        ready = threading.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(listening, ready)),
            name=f"replica:{self._port}",
            daemon=True,
        )
        self._thread.start()
        ready.wait()

    def stop(self) -> None:
        """Close the listening socket and every connection; nothing happens if it is stopped."""
        if self._thread is not None:
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join()
            self._thread = None

    def __enter__(self) -> Replica:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    async def _serve(self, listening: socket.socket, ready: threading.Event) -> None:
        from tornado.httpserver import HTTPServer

        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        server = HTTPServer(self._receive)
        server.add_socket(listening)
        ready.set()
        await self._stopping.wait()
        server.stop()
        await server.close_all_connections()

    def _receive(self, request: HTTPServerRequest) -> None:
        """Decide on a request at once, and answer when its latency has passed."""
        from tornado.http1connection import HTTP1Connection

        path, method, connection = request.path, request.method or "GET", request.connection
        assert isinstance(connection, HTTP1Connection)
        with self._asked_lock:
            self._asked.append(path)
        faults, counts = self._faults
        before = counts[path]
        counts[path] += 1
        kind = faults.kind(path, before)
        if method in ("GET", "HEAD"):
            answer = answer_to(path, request.query, self._known)
        else:  # a write meets Firebase's rules, which allow none
            answer = PREFLIGHT if method == "OPTIONS" else DENIED

        def respond() -> None:
            if kind is None:
                send(connection, method, answer)
            else:
                wait = faults.retry_after
                send_faulty(connection, method, answer, kind, before=before, retry_after=wait)

        if self.latency > 0:
            self._loop.call_later(self.latency, respond)
        else:
            respond()


def _listen(port: int) -> socket.socket:
    remedy = "choose another port, or 0 for a free one"
    if not 0 <= port <= 65535:
        raise AddressError(f"cannot listen on {HOST}:{port}: ports go from 0 to 65535; {remedy}")
    try:
        listening = socket.create_server((HOST, port), backlog=BACKLOG)
    except OSError as error:
        # create_server's own text repeats the address.
        cause = os.strerror(error.errno or 0)
        raise AddressError(f"cannot listen on {HOST}:{port}: {cause}; {remedy}") from error
    listening.setblocking(False)
    return listening
