"""The connections to the server: whose they are, and that no client's keep others from theirs.

A connection that says nothing costs a file descriptor, of which a process has 1,024 as a rule;
without any, Tornado's accept fails at once, for ever, and logs it each time.
"""

from __future__ import annotations

import logging
import os
import resource
import socket
from collections import Counter
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPMessageDelegate
from tornado.iostream import IOStream
from tornado.routing import Router

from hn_luigi import peer

MOST_OF_A_CLIENT = 256
"""Connections: a worker has one for each of its processes, a browser six."""
SECONDS_TO_ASK = 60
"""For the headers of a request, from the end of the last one on: Tornado allows an hour. A worker
that waits for work asks every second."""
SECONDS_TO_SEND = 60
"""For the body of a request; Tornado waits for ever."""
_RESERVE = 64
"""File descriptors that connections leave to runs, pages and storage."""
_LARGEST_BUFFER = 1 << 20
"""Bytes that Tornado may hold of what a connection sends, 100 MB by default."""
_THIS_MACHINE = "this machine"

_logger = logging.getLogger("hn_luigi.web")


@dataclass(eq=False)
class Connection:
    """A connection that was accepted."""

    stream: IOStream
    address: str
    """Of the other end."""
    uid: int | None = None
    """The user who has the other end, None if that can't be told."""
    answering: bool = False
    """Whether it is being answered, having asked for something that it may."""

    @property
    def is_the_owners(self) -> bool:
        """Whether the user who runs this server has the other end."""
        return self.uid == os.geteuid()

    @property
    def client(self) -> str:
        """Who has the other end: a user of this machine, or a machine by its address."""
        if self.uid is not None:
            return f"user {self.uid}"
        return _network(self.address)


def _network(address: str) -> str:
    """What tells clients apart: of IPv6 the first half, since a customer has 2**64 of the rest."""
    ip = peer.unmapped(address)
    if ip.is_loopback:
        # Whoever asks may choose any of 2**24 addresses in 127.0.0.0/8.
        return _THIS_MACHINE
    if isinstance(ip, IPv4Address):
        return str(ip)
    return f"{IPv6Address(int(ip) >> 64 << 64)}/64"


class Server(HTTPServer):
    """Tornado's, where a client that has too many connections loses the one idle for longest.

    Args:
        router: who answers; a request's ``server_connection`` is a ``Connection``.
        ask: how to ask the kernel whose a connection is, see ``peer``; None where it doesn't tell.
    """

    def initialize(self, router: Router, *, ask: peer.Ask | None = None) -> None:  # type: ignore[override]
        """Begin with no connection."""
        super().initialize(
            router,
            idle_connection_timeout=SECONDS_TO_ASK,
            body_timeout=SECONDS_TO_SEND,
            max_buffer_size=_LARGEST_BUFFER,
        )
        self._ask = ask
        self._open: dict[IOStream, Connection] = {}  # those that asked last come last
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        most = 1 << 20 if most == resource.RLIM_INFINITY else most
        # The kernel gives the lowest number that is free, so that a connection's tells how many
        # descriptors are in use, whatever for: no count of ours would see those of a run's pipes.
        # Where there is no limit, a million is as good.
        self._highest = most - min(_RESERVE, most // 4)
        self._most = min(MOST_OF_A_CLIENT, max(8, self._highest // 2))

    def handle_stream(self, stream: IOStream, address: Any) -> None:
        """Take a new connection, if there is room or can be made."""
        connection = Connection(stream, str(address[0]), self._owner_of(stream.socket))
        if not self._make_room_for(connection):
            _logger.warning("%s has too many connections: refused a new one", connection.client)
            stream.close()
            return
        self._open[stream] = connection
        super().handle_stream(stream, address)

    def start_request(self, server_conn: Any, request_conn: Any) -> HTTPMessageDelegate:
        """Wait for a request by a connection."""
        connection = self._open.pop(server_conn.stream)
        connection.answering = False
        self._open[server_conn.stream] = connection
        return super().start_request(connection, request_conn)

    def on_close(self, server_conn: Any) -> None:
        """Forget a connection."""
        del self._open[server_conn.stream]
        super().on_close(server_conn)

    def _owner_of(self, connection: socket.socket) -> int | None:
        """Who has the other end, if that is on this machine."""
        if self._ask is None or not _is_within(connection):
            return None
        return peer.owner_of(connection, self._ask)

    def _make_room_for(self, connection: Connection) -> bool:
        alive = [other for other in self._open.values() if not other.stream.closed()]
        counts = Counter(other.client for other in alive)
        if counts[connection.client] >= self._most:
            return _end_one(alive, connection.client)
        if connection.stream.socket.fileno() >= self._highest:
            return any(_end_one(alive, client) for client, _ in counts.most_common())
        return True


def _is_within(connection: socket.socket) -> bool:
    """Whether both ends may be on this machine."""
    # Without asking the kernel, which takes up to 49 ms where netlink is refused, see ``peer``.
    try:
        theirs, ours = connection.getpeername()[0], connection.getsockname()[0]
    except OSError:
        return False
    return theirs == ours or _network(theirs) == _THIS_MACHINE


def _end_one(among: list[Connection], client: str) -> bool:
    """Close the connection of ``client`` that is idle for longest; whether there is one."""
    for connection in among:
        if connection.client == client and not connection.answering:
            _logger.warning("%s has too many connections: closed its oldest", client)
            connection.stream.close()
            return True
    return False
