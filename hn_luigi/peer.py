"""Whose connection is it? The kernel knows which user has the other end of one on this machine.

Linux tells by a netlink socket (``sock_diag(7)``), in 5 to 19 µs however many sockets there are,
and where that is refused, as a container's seccomp profile may, by ``/proc/self/net/tcp``, in 2 ms
at 10 sockets and 49 ms at 20,000. Other systems, macOS among them, don't tell. No package is needed
for the query, which is 30 lines; psutil reads /proc as well, and all of it.

An answer holds for the moment it was given, and a client may be gone by then. Hence all the
conditions of ``_is_of`` and ``owner_of``.
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

_ESTABLISHED = 1  # tcp_states.h
_SOCK_DIAG = 20  # SOCK_DIAG_BY_FAMILY
_NETLINK_SOCK_DIAG = 4
_REQUEST = 1  # NLM_F_REQUEST, of one socket
_ANY_COOKIE = 0xFFFFFFFF  # INET_DIAG_NOCOOKIE
_HEADER = struct.Struct("=IHHII")  # length, type, flags, sequence, port
_QUERY = struct.Struct("=BBBBI")  # family, protocol, extensions, -, states
_PORTS = struct.Struct("!HH")
_SOCKET = struct.Struct("!HH16s16s")  # ports and addresses of this end and the other
_REST = struct.Struct("=III")  # interface, cookie
_SECONDS = 1  # the kernel answers within the call


@dataclass(frozen=True)
class Ends:
    """A connection as its other side has it."""

    family: int
    address: bytes
    """Of the other side, packed."""
    port: int
    our_address: bytes
    our_port: int


@dataclass(frozen=True)
class Told:
    """What the kernel says of a socket."""

    state: int
    port: int
    our_port: int
    uid: int
    inode: int


Ask = Callable[[Ends], Told | None]
"""Asks the kernel; None where it knows no such socket. Raises OSError where it can't be asked."""


def owner_of(connection: socket.socket, ask: Ask) -> int | None:
    """The user who has the other end of ``connection``, None if that can't be told."""
    try:
        ends = _ends(connection)
        told = ask(ends)
        # Read afterwards: had the other end reset the connection before the look-up, another user
        # might have its port by now, and would be credited with bytes that aren't theirs.
        still = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
    except (OSError, ValueError):
        return None
    if told is None or still != _ESTABLISHED:
        return None
    return told.uid if _is_of(told, ends) else None


def _is_of(told: Told, ends: Ends) -> bool:
    # Each was seen on Linux: a client that sends and closes at once (FIN_WAIT2, TIME_WAIT) is user
    # 0, who is root, with inode 0; for a port with a listener alone the kernel tells of that, by
    # other ports; and all of another user namespace are one overflow user, who may be this
    # server's own.
    return (
        told.state == _ESTABLISHED
        and (told.port, told.our_port) == (ends.port, ends.our_port)
        and told.inode != 0
        and told.uid != _overflow_uid()
    )


def _overflow_uid() -> int:
    """Whom the kernel names for all users whom this user namespace has no number for."""
    try:
        with open("/proc/sys/kernel/overflowuid", encoding="ascii") as file:
            return int(file.read())
    except (OSError, ValueError):
        return 65534


def _ends(connection: socket.socket) -> Ends:
    """Raises OSError where the other side is gone, ValueError for no connection of TCP's."""
    address, port = connection.getpeername()[:2]
    our_address, our_port = connection.getsockname()[:2]
    theirs, ours = unmapped(address), unmapped(our_address)
    family = socket.AF_INET if theirs.version == 4 else socket.AF_INET6
    return Ends(family, theirs.packed, port, ours.packed, our_port)


def unmapped(address: str) -> IPv4Address | IPv6Address:
    """The address without its zone, as IPv4 where IPv6 only wraps it."""
    ip = ip_address(address.partition("%")[0])
    mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
    return mapped or ip


def by_netlink(ends: Ends) -> Told | None:
    """Ask by ``sock_diag(7)``."""
    length = _HEADER.size + _QUERY.size + _SOCKET.size + _REST.size
    asked = b"".join(
        (
            _HEADER.pack(length, _SOCK_DIAG, _REQUEST, 1, 0),
            _QUERY.pack(ends.family, socket.IPPROTO_TCP, 0, 0, _ANY_COOKIE),
            _SOCKET.pack(ends.port, ends.our_port, ends.address, ends.our_address),
            _REST.pack(0, _ANY_COOKIE, _ANY_COOKIE),
        )
    )
    kind = socket.SOCK_DGRAM | socket.SOCK_CLOEXEC
    with socket.socket(socket.AF_NETLINK, kind, _NETLINK_SOCK_DIAG) as kernel:
        kernel.settimeout(_SECONDS)
        kernel.sendto(asked, (0, 0))
        answer, sender = kernel.recvfrom(4096)
    if sender[0] != 0 or _HEADER.unpack_from(answer)[1] != _SOCK_DIAG:
        return None
    return _read(answer[_HEADER.size :])


def _read(message: bytes) -> Told:
    """``struct inet_diag_msg``: family, state, timer, retransmissions, socket, four numbers."""
    port, our_port = _PORTS.unpack_from(message, 4)
    uid, inode = struct.unpack_from("=II", message, 4 + 48 + 12)
    return Told(message[1], port, our_port, uid, inode)


def by_proc(ends: Ends) -> Told | None:
    """Ask by ``/proc/self/net``, whose tables of IPv6 hold IPv4's connections of such sockets."""
    if ends.family == socket.AF_INET6:
        return _listed("/proc/self/net/tcp6", ends.address, ends.our_address, ends)
    wrap = b"\0" * 10 + b"\xff\xff"
    return _listed("/proc/self/net/tcp", ends.address, ends.our_address, ends) or _listed(
        "/proc/self/net/tcp6", wrap + ends.address, wrap + ends.our_address, ends
    )


def _listed(path: str, address: bytes, our_address: bytes, ends: Ends) -> Told | None:
    this = f"{_words(address)}:{ends.port:04X}", f"{_words(our_address)}:{ends.our_port:04X}"
    try:
        with open(path, encoding="ascii") as table:
            next(table, None)
            for line in table:
                fields = line.split()
                if (fields[1], fields[2]) == this:
                    state, uid, inode = int(fields[3], 16), int(fields[7]), int(fields[9])
                    return Told(state, ends.port, ends.our_port, uid, inode)
    except FileNotFoundError:
        if path.endswith("tcp"):
            raise
    return None  # there is no table for IPv6 where the kernel has none


def _words(address: bytes) -> str:
    """As the kernel prints it: 32 bits at a time, in this machine's order of bytes."""
    return "".join(f"{word:08X}" for (word,) in struct.iter_unpack("=I", address))


def ways() -> tuple[Ask, ...]:
    """All ways to ask the kernel, the best first."""
    return (by_netlink, by_proc)


def way_here(among: tuple[Ask, ...] | None = None) -> Ask | None:
    """The first way that tells right whose a connection of our own is; None where none does."""
    with ExitStack() as stack, suppress(OSError, AttributeError):
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        stack.enter_context(socket.create_connection(listening.getsockname(), timeout=_SECONDS))
        accepted = stack.enter_context(listening.accept()[0])
        for ask in ways() if among is None else among:
            with suppress(OSError, AttributeError):  # no netlink, or no TCP_INFO: another system
                if owner_of(accepted, ask) == os.geteuid():
                    return ask
    return None
