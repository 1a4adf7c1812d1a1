"""Answers to those who may not ask: sent before what they ask for is read, and the end of it."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from tornado.httputil import HTTPMessageDelegate, HTTPServerRequest
from tornado.iostream import IOStream, StreamClosedError

from hn_luigi.web.headers import careful

if TYPE_CHECKING:
    from tornado.http1connection import HTTP1Connection

_SECONDS_TO_LISTEN = 2
"""How long a refused client may go on sending what is thrown away, so that it reads the answer."""
_MOST_TO_LISTEN = 1 << 20
"""Bytes of that; they are dropped as they come."""


@dataclass(frozen=True)
class Refusal:
    """An answer without a look at what was asked for."""

    status: int
    text: str
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0
    """Seconds to keep it back."""


class Refused(HTTPMessageDelegate):
    """Answers at once, and takes the connection from Tornado, which would read the body first."""

    def __init__(self, request: HTTPServerRequest, answer: Refusal) -> None:
        self._request = request
        self._answer = answer

    async def headers_received(self, start_line: Any, headers: Any) -> None:
        """Answer, and see that it is read."""
        # Detached, since Tornado would read the body before it let a handler answer, and keep the
        # connection for the next request.
        stream = cast("HTTP1Connection", self._request.connection).detach()
        has_body = not {"Content-Length", "Transfer-Encoding"}.isdisjoint(headers)
        try:
            await asyncio.sleep(self._answer.delay)
            async with asyncio.timeout(_SECONDS_TO_LISTEN):
                await stream.write(self._bytes())
                if has_body:
                    await _hear_out(stream)
        except (OSError, StreamClosedError, TimeoutError):
            pass
        finally:
            stream.close()

    def _bytes(self) -> bytes:
        answer, phrase = self._answer, HTTPStatus(self._answer.status).phrase
        body = f"{answer.text}\n".encode()
        headers = {
            **careful(),
            "Cache-Control": "no-store",
            "Connection": "close",
            "Content-Length": str(len(body)),
            "Content-Type": "text/plain; charset=utf-8",
            **answer.headers,
        }
        lines = [f"HTTP/1.1 {answer.status} {phrase}", *(f"{n}: {v}" for n, v in headers.items())]
        shown = b"" if self._request.method == "HEAD" else body
        return "\r\n".join([*lines, "", ""]).encode() + shown


async def _hear_out(stream: IOStream) -> None:
    """Let the client send some of what it was about to, or the kernel would cut it off.

    To close a connection with something left to read is a reset (RFC 9112, 9.6), which takes an
    answer from the other side that wasn't read yet.
    """
    with suppress(OSError):
        stream.socket.shutdown(socket.SHUT_WR)
    heard = 0
    while heard < _MOST_TO_LISTEN:
        heard += len(await stream.read_bytes(1 << 16, partial=True))
