"""One client, with as many connections or bytes as it likes, takes the server from nobody."""

from __future__ import annotations

import os
import re
import resource
import socket
import subprocess
import sys
from contextlib import ExitStack

import psutil
import pytest

from hn_luigi.web import connections, guard
from hn_luigi.web.connections import Connection

from ..limits import patience
from ..processes import REPOSITORY, wait_until
from .client import data, send
from .users import stranger

FEW = 128  # file descriptors


@pytest.fixture
def stack():
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def connect(stack):
    def run(port, said=b""):
        connection = stack.enter_context(socket.create_connection(("127.0.0.1", port), patience()))
        connection.sendall(said)
        return connection

    return run


def is_cut_off(connection):
    """Once the server ends it; a hang fails."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


@pytest.mark.slow
class TestTooManyConnections:
    def test_of_a_client_cost_it_its_oldest(self, serve, connect, monkeypatch, caplog):
        monkeypatch.setattr(connections, "MOST_OF_A_CLIENT", 8)
        server = serve()
        opened = [connect(server.port) for _ in range(30)]
        assert server.get("/assets").status == 200
        for connection in opened[:22]:
            assert is_cut_off(connection)
        assert "too many connections" in caplog.text

    def test_don_t_end_what_is_being_answered(self, serve, connect, monkeypatch):
        """A body that is being sent counts as that, and a connection that idles doesn't."""
        monkeypatch.setattr(connections, "MOST_OF_A_CLIENT", 8)
        server = serve()
        body = data(task_str="x").encode()
        kind = "Content-Type: application/x-www-form-urlencoded"
        head = f"POST /api/task_search HTTP/1.1\r\nHost: 127.0.0.1\r\n{kind}\r\nConnection: close"
        slow = connect(server.port, f"{head}\r\nContent-Length: {len(body)}\r\n\r\n".encode())
        while not any(c.answering for c in list(server.http._open.values())):
            assert server.get("/assets/_static/icon.svg").status == 200
        for _ in range(30):
            connect(server.port)
        assert server.get("/assets").status == 200
        slow.sendall(body)
        assert slow.recv(1000).startswith(b"HTTP/1.1 200 ")

    def test_leave_descriptors_for_the_rest(self, connect, tmp_path, root):
        """With 128 of them, and eight times as many connections."""
        (tmp_path / "luigi.cfg").write_text(f"[storage]\nroot = {root}\n")

        def limit():
            resource.setrlimit(resource.RLIMIT_NOFILE, (FEW, FEW))

        with open(tmp_path / "log", "wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "hn_luigi.cli", "serve", "--port", "0"],
                cwd=tmp_path,
                env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
                stdout=log,
                stderr=log,
                preexec_fn=limit,
            )
        try:
            said = r"hn_luigi\[\d+\] INFO: The assets: http://127\.0\.0\.1:(\d+)/"
            port = int(wait_until(lambda: re.search(said, (tmp_path / "log").read_text()))[1])
            for _ in range(8 * FEW):
                connect(port)
            head = b"GET /assets/nope HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
            assert send(port, head).status == 404
            assert psutil.Process(process.pid).num_fds() < FEW
            assert (tmp_path / "log").stat().st_size < 20_000
        finally:
            process.kill()
            process.wait()

    def test_of_others_leave_this_user_s_alone(self, server, connect):
        ask = stranger()
        mine = connect(server.port)
        flood = (
            "import socket, sys\n"
            "port = int(sys.argv[1])\n"
            "all = [socket.create_connection(('127.0.0.1', port)) for _ in range(400)]\n"
            "all[0].settimeout(60); assert all[0].recv(1) == b''\n"
        )
        ask(flood, server.port)
        mine.sendall(b"GET /assets HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        assert mine.recv(100).startswith(b"HTTP/1.1 200 ")


class TestWhoTakesTheirTime:
    @pytest.fixture
    def server(self, serve, monkeypatch):
        monkeypatch.setattr(connections, "SECONDS_TO_ASK", 0.3)
        monkeypatch.setattr(connections, "SECONDS_TO_SEND", 0.3)
        return serve()

    @pytest.mark.parametrize(
        "said",
        [
            b"",
            b"GET /assets HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ",
            b"POST /x HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\nda",
            b"POST /x HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n",
        ],
    )
    def test_is_cut_off(self, server, connect, said):
        assert is_cut_off(connect(server.port, said))

    def test_is_cut_off_though_something_comes(self, server, connect):
        """A header a moment, for ever."""
        connection = connect(server.port, b"GET /assets HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        connection.settimeout(0.01)

        def drip():
            try:
                connection.sendall(b"X-Slow: y\r\n")
                return connection.recv(1) == b""
            except TimeoutError:
                return False
            except (BrokenPipeError, ConnectionResetError):
                return True

        wait_until(drip)


class TestABody:
    KIND = "Content-Type: application/x-www-form-urlencoded"

    def head(self, path, length, *more):
        lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", self.KIND, *more]
        return "\r\n".join([*lines, f"Content-Length: {length}", "", ""]).encode()

    @pytest.mark.parametrize(
        "path, length",
        [
            ("/api/add_task", guard.LARGEST_CALL + 1),
            ("/runs", guard.LARGEST_FORM + 1),
            ("/", guard.LARGEST_FORM + 1),
            ("/api/add_task", 10**30),
        ],
    )
    def test_beyond_its_route_s_size_is_refused_before_it_comes(self, server, path, length):
        assert send(server.port, self.head(path, length)).status == 413

    def test_that_tells_no_length_is_cut_off_at_it(self, server, connect):
        head = "POST /runs HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"
        connection = connect(server.port, head.encode())
        with pytest.raises(OSError):
            for _ in range(1000):
                connection.sendall(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")

    def test_of_who_may_not_ask_is_refused_before_it_comes(self, serve):
        server = serve("a token that nobody gives")
        assert send(server.port, self.head("/api/add_task", 95_000_000)).status == 401
        waits = self.head("/api/add_task", 95_000_000, "Expect: 100-continue")
        assert send(server.port, waits).status == 401

    def test_of_who_may_not_ask_is_heard_so_far_that_the_answer_is_read(self, serve):
        """As a worker's library sends all before it reads anything."""
        server = serve("a token that nobody gives")
        body = b"x" * 300_000
        answer = send(server.port, self.head("/api/add_task", len(body)) + body)
        assert answer.status == 401

    def test_of_a_graph_of_thousands_is_taken(self, server):
        deps = [f"Part_{number:05}_" + "x" * 60 for number in range(5_000)]
        body = data(worker="w", task_id="All", family="All", deps=deps).encode()
        head = self.head("/api/add_task", len(body), "Connection: close")
        assert send(server.port, head + body).status == 200
        assert "All" in server.scheduler.task_list("", "")


class TestAClient:
    @pytest.mark.parametrize(
        "address, uid, client",
        [
            ("127.0.0.1", 1000, "user 1000"),
            ("127.0.0.1", None, "this machine"),
            ("127.9.8.7", None, "this machine"),
            ("::ffff:127.9.8.7", None, "this machine"),
            ("192.0.2.7", None, "192.0.2.7"),
            ("2001:db8:1:2:3::4", None, "2001:db8:1:2::/64"),
            ("::ffff:192.0.2.7", None, "192.0.2.7"),
            ("::1", None, "this machine"),
            ("fe80::1%eth0", None, "fe80::/64"),
        ],
    )
    def test_is_a_user_or_a_machine(self, address, uid, client):
        assert Connection(None, address, uid).client == client
