"""Answers and faults as they go over the wire.

Below Tornado's request handlers, because half of the faults are things that a well-behaved
framework prevents: a body shorter than promised, a reset, no answer at all.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Mapping
from http.client import responses
from typing import TYPE_CHECKING

from hn_luigi.replica.answers import DENIED, LOGIN_PAGE, Answer

if TYPE_CHECKING:
    from tornado.http1connection import HTTP1Connection

__all__ = ["send", "send_faulty"]

CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "*",
}
"""Pages of any site may read the API: browsers' clients of Hacker News live by it."""
SERVER_ERRORS = (500, 502, 503, 504)


def send(connection: HTTP1Connection, method: str, answer: Answer, **extra: str) -> None:
    """Send a whole answer and keep the connection for the next request.

    Args:
        connection: where the request came from; it may be gone by now.
        method: the request's method: HEAD gets no body.
        answer: what to say.
        extra: further header fields, with ``_`` for ``-`` in their names.
    """
    body = b"" if method == "HEAD" else answer.body
    _write(connection, answer, body, {name.replace("_", "-"): extra[name] for name in extra})
    connection.finish()


def send_faulty(
    connection: HTTP1Connection,
    method: str,
    answer: Answer,
    kind: str,
    *,
    before: int = 0,
    retry_after: float = 1,
) -> None:
    """Let this request meet its fault.

    Args:
        connection: where the request came from; it may be gone by now.
        method: the request's method.
        answer: what it would have been told.
        kind: one of ``faults.ALL_KINDS``.
        before: how often the path was asked before: successive 5xx differ.
        retry_after: seconds, sent with a 429.
    """
    if kind == "5xx":
        send(connection, method, _plain(SERVER_ERRORS[before % len(SERVER_ERRORS)]))
    elif kind == "401":
        send(connection, method, DENIED)
    elif kind == "429":
        send(connection, method, _plain(429), Retry_After=f"{retry_after:g}")
    elif kind == "html":
        send(connection, method, LOGIN_PAGE)
    elif kind == "truncated":
        _truncate(connection, answer)
    elif kind == "reset":
        _reset(connection)
    else:
        # A stall is an answer that never comes: the connection stays open until the client
        # gives up or the server stops.
        assert kind == "stall", kind


def _plain(status: int) -> Answer:
    reason = responses[status]
    return Answer(f"{status}: {reason}\n".encode(), status, "text/plain")


def _write(
    connection: HTTP1Connection, answer: Answer, body: bytes, extra: Mapping[str, str]
) -> None:
    from tornado.httputil import HTTPHeaders, ResponseStartLine

    headers = HTTPHeaders(
        {
            "Content-Type": answer.content_type,
            "Content-Length": str(len(answer.body)),
            "Cache-Control": "no-cache",
            **CORS,
            **extra,
        }
    )
    line = ResponseStartLine("HTTP/1.1", answer.status, responses[answer.status])
    connection.write_headers(line, headers, body)


def _truncate(connection: HTTP1Connection, answer: Answer) -> None:
    # A stream that is closed after a write has handed the bytes to the kernel, unless its
    # buffer was full; then the client sees even less of the body, which is as good.
    _write(connection, answer, answer.body[: len(answer.body) // 2], {})
    connection.stream.close()


def _reset(connection: HTTP1Connection) -> None:
    """Close with RST instead of FIN: an abrupt end, as of a crashed process or a firewall."""
    stream = connection.stream
    if not stream.closed():
        linger = struct.pack("ii", 1, 0)
        stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        stream.close()
