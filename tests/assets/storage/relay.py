"""A relay between a client and a server on loopback, which counts requests and goes wrong.

It knows of HTTP only what a request line looks like, so that signed requests pass as they are.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from ...limits import patience

HOST = "127.0.0.1"
READ = 1 << 16
LONGEST_LINE = 1 << 13
REQUEST_LINE = re.compile(rb"(DELETE|GET|HEAD|PATCH|POST|PUT) (/\S*) HTTP/1\.[01]\r\n")


class Relay:
    """Passes everything on to a port, between ``with`` and its end, until told otherwise.

        with Relay(port) as relay:
            requests.get(f"{relay.url}/a", timeout=5)
            assert relay.requests == [("GET", "/a")]

    Each fault replaces the one before, and holds for open connections, too. With ``tls``, clients
    speak HTTPS to it.
    """

    def __init__(self, port: int, tls: ssl.SSLContext | None = None) -> None:
        self._to, self._tls = port, tls
        self._port = 0
        self._asked: list[tuple[str, str]] = []
        self._ends: set[asyncio.StreamWriter] = set()
        self._connections: set[asyncio.Task[None]] = set()
        self._listener: asyncio.Server | None = None
        self._silent = False
        self._left: int | None = None
        self._meanwhile: tuple[bytes, Callable[[], object]] | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="relay", daemon=True)

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://{HOST}:{self._port}"

    @property
    def requests(self) -> list[tuple[str, str]]:
        """Method and path, with its query, of each request so far; a copy."""
        return list(self._asked)

    def clear(self) -> None:
        """Forget the requests so far."""
        self._asked.clear()

    def refuse(self) -> None:
        """Nobody listens."""
        self._run(self._fault(listening=False))

    def hang(self) -> None:
        """Connections are accepted, and nothing is ever answered."""
        self._run(self._fault(silent=True))

    def cut_after(self, size: int) -> None:
        """Connections end as soon as clients have sent so many bytes from now on."""
        self._run(self._fault(left=size))

    def meanwhile(self, method: str, action: Callable[[], object]) -> None:
        """Before the next request of that method gets through, ``action`` is done, once."""
        self._meanwhile = method.encode(), action

    def restore(self) -> None:
        """All is well again; what hung is cut."""
        self._run(self._fault())

    def __enter__(self) -> Relay:
        self._thread.start()
        self.restore()
        return self

    def __exit__(self, *_: object) -> None:
        self.refuse()
        self._run(self._settle())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, todo: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(todo, self._loop).result(patience())

    async def _fault(
        self, *, listening: bool = True, silent: bool = False, left: int | None = None
    ) -> None:
        was_silent, self._silent, self._left = self._silent, silent, left
        if was_silent or not listening:
            for end in list(self._ends):
                drop(end)
        if listening and self._listener is None:
            self._listener = await asyncio.start_server(
                self._connect, HOST, self._port, ssl=self._tls
            )
            self._port = self._listener.sockets[0].getsockname()[1]
        if not listening and self._listener is not None:
            for listening_socket in self._listener.sockets:
                shut(listening_socket)
            self._listener.close()
            self._listener = None

    async def _settle(self) -> None:
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _connect(self, asked: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        connection = asyncio.current_task()
        self._connections.add(connection)
        ends = {client}
        try:
            answered, server = await asyncio.open_connection(HOST, self._to)
            ends.add(server)
            self._ends |= ends
            for end in ends:
                end.transport.set_write_buffer_limits(0)  # drained means sent
            pumps = [
                asyncio.create_task(self._forward(asked, server)),
                asyncio.create_task(self._answer(answered, client)),
            ]
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            for end in ends:
                drop(end)
            await asyncio.gather(*pumps, return_exceptions=True)
        except OSError:
            pass  # the server is gone, and this connection with it
        finally:
            for end in ends:
                drop(end)
            self._ends -= ends
            self._connections.discard(connection)

    async def _forward(self, asked: asyncio.StreamReader, server: asyncio.StreamWriter) -> None:
        unread = b""  # of the last request line, which may come in pieces
        while self._left != 0 and (data := await asked.read(READ)):
            if self._left is not None:
                data = data[: self._left]
                self._left -= len(data)
            unread += data
            while line := REQUEST_LINE.search(unread):
                self._asked.append((line[1].decode(), line[2].decode()))
                unread = unread[line.end() :]
                if self._meanwhile is not None and self._meanwhile[0] == line[1]:
                    (_, action), self._meanwhile = self._meanwhile, None
                    await self._loop.run_in_executor(None, action)
            unread = unread[-LONGEST_LINE:]
            if not self._silent:
                server.write(data)
                await server.drain()

    async def _answer(self, answered: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        while data := await answered.read(READ):
            if not self._silent:
                client.write(data)
                await client.drain()


class Careless(Relay):
    """A relay in front of S3 that takes conditions out of requests, or has such requests fail."""

    takes_out = False
    passes = fails = 0

    async def _forward(self, asked: asyncio.StreamReader, server: asyncio.StreamWriter) -> None:
        while data := await asked.read(READ):
            if b"\r\nIf-None-Match: " in data or b"\r\nIf-Match: " in data:
                if self.takes_out:
                    data = data.replace(b"\r\nIf-", b"\r\nNo-")
                if self.passes:
                    self.passes -= 1
                elif self.fails:
                    self.fails -= 1
                    data = data.replace(b"PUT /", b"PUT /no-such-", 1)
            server.write(data)
            await server.drain()


def drop(end: asyncio.StreamWriter) -> None:
    if (one := end.get_extra_info("socket")) is not None:  # TLS has none once it is aborted
        shut(one)
    end.transport.abort()


def shut(one: asyncio.trsock.TransportSocket) -> None:
    """Ends a socket for forked processes, too, which hold it open otherwise."""
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
