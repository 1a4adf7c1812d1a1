"""Whose connection it is, asked of the kernel in both ways, and when it must not say."""

from __future__ import annotations

import os
import socket
import struct
import sys
import threading
from contextlib import ExitStack

import pytest

from hn_luigi import peer
from hn_luigi.peer import Told, owner_of, way_here, ways

from .processes import wait_until
from .web.users import STRANGER, stranger

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
RESET = struct.pack("ii", 1, 0)  # SO_LINGER, by which a socket's close is a reset


@pytest.fixture(params=ways(), ids=lambda way: way.__name__)
def ask(request):
    if way_here((request.param,)) is None:
        pytest.skip("the kernel can't be asked so here")
    return request.param


@pytest.fixture
def stack():
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def listen(stack):
    def run(host="127.0.0.1", **options):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            return stack.enter_context(socket.create_server((host, 0), family=family, **options))
        except OSError:
            pytest.skip(f"this machine has no {host}")

    return run


@pytest.fixture
def meet(stack):
    """A connection as its client and its server have it."""

    def run(listening, host=None, source=None):
        address = (host or listening.getsockname()[0], listening.getsockname()[1])
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        client = stack.enter_context(socket.socket(family))
        if source is not None:
            # Of another connection from there the kernel may still wait for what is late.
            client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            client.bind(source)
        client.connect(address)
        return client, stack.enter_context(listening.accept()[0])

    return run


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_of_this_user_it_says_so(ask, listen, meet, host):
    _, accepted = meet(listen(host))
    assert owner_of(accepted, ask) == os.geteuid()


def test_of_ipv4_in_ipv6_s_clothes_too(ask, listen, meet, stack):
    _, accepted = meet(listen("::", dualstack_ipv6=True), "127.0.0.1")
    assert accepted.getpeername()[0] == "::ffff:127.0.0.1"
    assert owner_of(accepted, ask) == os.geteuid()

    listening = listen()
    client = stack.enter_context(socket.socket(socket.AF_INET6))
    client.connect(("::ffff:127.0.0.1", listening.getsockname()[1]))
    assert owner_of(stack.enter_context(listening.accept()[0]), ask) == os.geteuid()


def test_of_another_user_it_says_who(ask, listen, stack):
    listening = listen()
    code = "import socket, sys; s = socket.create_connection(('127.0.0.1', int(sys.argv[1])))\n"
    connect = stranger()
    port = listening.getsockname()[1]
    thread = threading.Thread(target=connect, args=(code + "s.recv(1)", port))
    thread.start()
    accepted = stack.enter_context(listening.accept()[0])
    try:
        assert owner_of(accepted, ask) == STRANGER
    finally:
        accepted.close()
        thread.join()


def test_of_who_is_gone_it_says_nothing(ask, listen, meet):
    """The kernel says user 0, which is root, of such."""
    client, accepted = meet(listen())
    client.sendall(b"do it")
    client.close()
    assert owner_of(accepted, ask) is None
    assert accepted.recv(9) == b"do it"


def test_of_who_was_reset_while_another_has_the_port_it_says_nothing(ask, listen, meet):
    listening = listen()

    def come():
        client, accepted = meet(listening)
        source = client.getsockname()
        client.sendall(b"do it")
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        client.close()
        try:
            return accepted, meet(listening, source=source)[1]
        except OSError:  # something else on this machine was quicker to take the port
            return None

    accepted, later = wait_until(come)
    assert owner_of(later, ask) == os.geteuid()
    with pytest.raises(OSError, match="not connected"):
        accepted.getpeername()
    assert owner_of(accepted, ask) is None


def test_a_listener_s_user_isn_t_taken_for_a_client_s(ask, listen, meet):
    """Of a port that nobody has a connection from, the kernel names who listens there."""
    listening = listen()
    _, accepted = meet(listening)
    ends = peer._ends(accepted)
    told = ask(peer.Ends(ends.family, ends.our_address, ends.our_port, ends.address, 1))
    assert told is None or not peer._is_of(told, ends)


@pytest.mark.parametrize(
    "change",
    [{"state": 5}, {"inode": 0}, {"port": 1}, {"our_port": 1}, {"uid": peer._overflow_uid()}],
)
def test_all_has_to_be_right(listen, meet, change):
    _, accepted = meet(listen())
    ends = peer._ends(accepted)
    right = {"state": 1, "port": ends.port, "our_port": ends.our_port, "uid": 7, "inode": 9}
    assert owner_of(accepted, lambda _: Told(**right)) == 7
    assert owner_of(accepted, lambda _: Told(**{**right, **change})) is None
    assert owner_of(accepted, lambda _: None) is None


def test_what_is_told_before_a_reset_doesn_t_count_after_it(listen, meet):
    client, accepted = meet(listen())
    ends = peer._ends(accepted)

    def reset_meanwhile(_):
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        client.close()
        return Told(1, ends.port, ends.our_port, 7, 9)

    assert owner_of(accepted, reset_meanwhile) is None


class TestTheWayHere:
    def test_is_the_first_that_tells_right(self):
        def wrong(ends):
            return Told(1, ends.port, ends.our_port, os.geteuid() + 1, 9)

        def refused(ends):
            raise PermissionError("seccomp")

        assert way_here((refused, wrong, peer.by_proc)) is peer.by_proc
        assert way_here((refused, wrong)) is None
        assert way_here(()) is None
