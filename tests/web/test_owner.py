"""Whose the server is: its own user's without a token, others' with it alone."""

from __future__ import annotations

import base64
import os
import pty
import re
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from luigi.rpc import RemoteScheduler, RPCError

from hn_luigi import peer
from hn_luigi.assets.secrets import scheduler_token as tokens
from hn_luigi.cli import main
from hn_luigi.web import guesses
from hn_luigi.web.guard import Guard

from ..limits import largest_file, patience
from ..processes import REPOSITORY, wait_until
from .client import Client, data, send
from .test_guard import basic as basic_header
from .users import STRANGER, stranger

ADD = data(worker="evil", task_id="Evil")
ASK = """
import base64, json, os, socket, sys
port, head = int(sys.argv[1]), sys.argv[2].encode().decode("unicode_escape").encode()
with socket.create_connection(("127.0.0.1", port), timeout=60) as s:
    s.sendall(head)
    said = b""
    while part := s.recv(65536):
        said += part
print(said.decode())
"""
GO_AT_ONCE = """
import socket, struct, sys
port, head = int(sys.argv[1]), sys.argv[2].encode().decode("unicode_escape").encode()
for number in range(200):
    s = socket.create_connection(("127.0.0.1", port), timeout=60)
    s.sendall(head)
    if number % 2:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()
"""
pytestmark = pytest.mark.skipif(
    peer.way_here() is None, reason="the kernel doesn't tell whose a connection is here"
)


def request(method, path, *headers):
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", *headers]
    return "\\r\\n".join([*lines, "", ""])


def basic(token):
    given = base64.b64encode(f"luigi:{token}".encode()).decode()
    return f"Authorization: Basic {given}"


class TestAnotherUser:
    @pytest.fixture
    def ask(self):
        return stranger()

    @pytest.mark.parametrize("path", ["/assets", "/", "/metrics", f"/api/add_task?{ADD}"])
    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_is_told_what_it_takes(self, server, ask, method, path):
        said = ask(ASK, server.port, request(method, path))
        assert said.startswith("HTTP/1.1 401 ")
        for remedy in (".luigid/token", "HN_LUIGI_TOKEN", "?token=TOKEN", "scheduler_url"):
            assert remedy in said
        assert not server.scheduler.task_list("", "")
        assert server.get("/assets").status == 200  # this user goes on, without one

    def test_who_sends_and_goes_at_once_is_nobody(self, server, ask):
        """The kernel says root of one who is gone, which this user is."""
        ask(GO_AT_ONCE, server.port, request("GET", f"/api/add_task?{ADD}"))
        assert server.get("/assets").status == 200
        assert not server.scheduler.task_list("", "")

    def test_is_let_in_by_the_token(self, serve, ask):
        server = serve()
        said = ask(ASK, server.port, request("GET", f"/api/add_task?{ADD}", basic(server.secret)))
        assert said.startswith("HTTP/1.1 200 ")
        assert "Evil" in server.scheduler.task_list("", "")

    def test_can_t_lock_this_user_out(self, server, ask):
        for _ in range(6):
            ask(ASK, server.port, request("GET", "/assets", basic("a wrong one")))
        assert server.get("/assets").status == 200

    def test_can_t_use_up_the_guesses_of_this_user_s_workers(self, serve, ask):
        """Where everybody needs the token, too."""
        server = serve("a token that is told to all")
        for _ in range(guesses.FREE):
            ask(ASK, server.port, request("GET", "/assets", basic("a wrong one")))
        assert server.http.request_callback._guesses._at.keys() == {f"user {STRANGER}"}

    def test_can_t_use_a_cookie_that_a_browser_sent_to_a_port_of_theirs(self, serve, ask):
        server = serve("a token that is told to all")
        cookie = server.get(f"/assets?token={quote(server.secret)}").cookie
        assert server.get("/assets", Cookie=cookie).status == 200
        said = ask(ASK, server.port, request("GET", "/assets", f"Cookie: {cookie}"))
        assert said.startswith("HTTP/1.1 401 ")


class TestThisUser:
    def test_needs_the_token_through_a_proxy(self, server):
        """One of this user's own asks for anybody."""
        for name in ("Forwarded", "Via", "X-Forwarded-For", "X-Real-IP"):
            assert server.get("/assets", **{name: "192.0.2.1"}).status == 401

    def test_needs_it_where_it_can_t_be_told(self, serve, monkeypatch, caplog):
        monkeypatch.setattr(peer, "ways", lambda: ())
        server = serve()
        assert server.get("/assets").status == 401
        assert "everybody needs the token" in caplog.text

    def test_is_known_by_proc_where_netlink_is_refused(self, serve, monkeypatch):
        monkeypatch.setattr(peer, "ways", lambda: (peer.by_proc,))
        assert serve().get("/assets").status == 200

    def test_is_known_by_ipv6(self, serve):
        try:
            server = serve(host="::1")
        except OSError:
            pytest.skip("this machine has no IPv6")
        head = f"GET /assets HTTP/1.1\r\nHost: [::1]:{server.port}\r\nConnection: close\r\n\r\n"
        assert send(server.port, head.encode(), "::1").status == 200


class TestALink:
    @pytest.fixture
    def server(self, serve, monkeypatch):
        monkeypatch.setattr(peer, "ways", lambda: ())
        return serve()

    def test_is_followed_once_and_leaves_a_cookie(self, server):
        answer = server.get(f"/assets?feed=new&token={server.secret}&window=latest")
        assert (answer.status, answer.headers["Location"]) == (
            303,
            "/assets?feed=new&window=latest",
        )
        (cookie,) = answer.headers.get_all("Set-Cookie")
        assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
        assert str(server.port) in cookie.partition("=")[0]
        assert server.secret not in cookie
        assert server.get("/assets", Cookie=answer.cookie).status == 200
        assert server.get("/assets", Cookie=answer.cookie[:-1]).status == 401

    def test_leads_to_no_other_host(self, server):
        for path in ("//evil.example/", "/\\evil.example/", "///evil.example"):
            answer = server.get(f"{path}?token={server.secret}")
            assert re.match("/[^/\\\\]", answer.headers["Location"])

    def test_of_a_server_without_a_token_would_lead_nowhere(self, server):
        server.http.request_callback._token = b""
        for headers in ({}, basic_header("")):
            assert server.ask("GET", "/assets?token=", headers).status == 401

    def test_with_a_wrong_token_leads_nowhere(self, server):
        for given in ("", "wrong", server.secret[:-1]):
            assert server.get(f"/assets?token={given}").status == 401

    def test_is_of_no_use_to_a_page_elsewhere(self, server):
        answer = server.get(f"/api/task_list?token={server.secret}")
        assert answer.status == 401
        cookie = server.get(f"/assets?token={server.secret}").cookie
        elsewhere = {"Cookie": cookie, "Origin": "http://evil.example"}
        assert server.ask("POST", f"/api/add_task?{ADD}", elsewhere).status == 403
        assert not server.scheduler.task_list("", "")


class TestAWorker:
    @pytest.fixture(autouse=True)
    def here(self, tmp_path, monkeypatch, settings):
        monkeypatch.chdir(tmp_path)
        monkeypatch.delenv("HN_LUIGI_TOKEN", raising=False)
        settings("core", rpc_retry_attempts=3, rpc_retry_wait=0)

    @pytest.fixture
    def server(self, serve, monkeypatch):
        """One that can't tell whose a connection is."""
        monkeypatch.setattr(peer, "ways", lambda: ())
        return serve()

    @pytest.fixture
    def add(self, server):
        opened = []

        def run():
            opened.append(RemoteScheduler(f"http://127.0.0.1:{server.port}"))
            opened[-1].add_task(worker="w", task_id="Mine", status="PENDING", family="Mine")
            return opened[-1].get_work(worker="w")["task_id"] == "Mine"

        yield run
        for remote in opened:
            remote.close()

    def keep(self, folder, token, mode=0o600):
        (folder / ".luigid").mkdir()
        (folder / ".luigid/token").write_text(token + "\n")
        (folder / ".luigid/token").chmod(mode)

    def test_finds_the_token_below_the_folder_it_runs_in(self, server, add, tmp_path):
        self.keep(tmp_path, server.secret)
        assert add()

    def test_tells_no_other_machine_that_token(self, server, tmp_path, monkeypatch):
        self.keep(tmp_path, server.secret)
        assert tokens.known("http://localhost:8082/api/ping") == server.secret
        for host in ("127.0.0.1.evil.example", "localhost@evil.example", "192.0.2.1", "[::2]"):
            assert tokens.known(f"http://{host}:8082/api/ping") == ""
        monkeypatch.setenv("HN_LUIGI_TOKEN", "of that machine's")
        assert tokens.known("http://192.0.2.1:8082/api/ping") == "of that machine's"

    def test_takes_it_from_the_environment(self, server, add, monkeypatch):
        monkeypatch.setenv("HN_LUIGI_TOKEN", server.secret)
        assert add()

    def test_is_told_where_it_finds_none(self, server, add, caplog):
        with pytest.raises(RPCError):
            add()
        assert "HN_LUIGI_TOKEN" in caplog.text
        assert "Retrying" not in caplog.text  # which takes a minute, and brings no token

    def test_is_told_by_hn_luigi_run_in_a_line(self, server, root, capfd, monkeypatch):
        monkeypatch.setenv("HN_LUIGI_TOKEN", "another one, or of another server")
        with pytest.raises(SystemExit) as end:
            main(["run", "--scheduler-url", f"http://127.0.0.1:{server.port}"])
        assert end.value.code == 40
        told, *_, last = capfd.readouterr().err.splitlines()
        assert told.startswith("ERROR: This server asks for its token")
        assert last == (
            f"hn-luigi: the scheduler at 127.0.0.1:{server.port} asks for its token: "
            "set HN_LUIGI_TOKEN to what its server has"
        )
        assert not root.exists()

    def test_gives_none_that_others_may_have_put_there(self, server, add, tmp_path, caplog):
        self.keep(tmp_path, server.secret, 0o644)
        with pytest.raises(RPCError):
            add()
        assert "open to other users" in caplog.text


class TestTheTokenFile:
    def test_is_made_once_for_its_user_alone(self, tmp_path):
        path = tmp_path / "token"
        made = tokens.made(str(path))
        assert len(made) >= 32
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert tokens.made(str(path)) == made == tokens.kept(str(path))

    def test_is_one_for_servers_that_begin_at_once(self, tmp_path):
        together = threading.Barrier(8)

        def begin(_):
            together.wait()
            return tokens.made(str(tmp_path / "token"))

        with ThreadPoolExecutor(8) as servers:
            (made,) = set(servers.map(begin, range(8)))
        assert tokens.kept(str(tmp_path / "token")) == made
        assert os.listdir(tmp_path) == ["token"]

    def test_isn_t_begun_on_a_full_disk(self, tmp_path):
        with largest_file(10), pytest.raises(OSError):
            tokens.made(str(tmp_path / "token"))
        assert os.listdir(tmp_path) == []
        assert tokens.made(str(tmp_path / "token"))

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda path: path.chmod(0o640),
            lambda path: path.chmod(0o604),
            lambda path: path.write_text("short"),
            lambda path: path.write_text(""),
            lambda path: (path.rename(path.with_suffix(".x")), path.symlink_to("token.x")),
            lambda path: (path.unlink(), os.mkfifo(path, 0o600)),
            lambda path: (path.unlink(), path.mkdir(0o700)),
        ],
    )
    def test_that_may_be_known_to_others_is_not_used(self, tmp_path, capfd, monkeypatch, spoil):
        monkeypatch.delenv("HN_LUIGI_TOKEN", raising=False)
        path = tmp_path / "token"
        tokens.made(str(path))
        spoil(path)
        with pytest.raises((tokens.TokenUnsafe, OSError)):
            tokens.kept(str(path))
        with pytest.raises(SystemExit) as ended:
            main(["serve", "--port", "0", "--state", str(tmp_path / "state")])
        (line,) = capfd.readouterr().err.splitlines()
        assert ended.value.code == 2
        assert str(path) in line

    def test_of_another_user_is_not_used(self, tmp_path):
        if os.geteuid() != 0:
            pytest.skip("takes root, to give a file away")
        path = tmp_path / "token"
        tokens.made(str(path))
        os.chown(path, 12345, 12345)
        with pytest.raises(tokens.TokenUnsafe, match="not this user's own"):
            tokens.kept(str(path))

    @pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
    def test_s_stand_in_of_the_environment_has_a_least_length(self, capfd, monkeypatch, host):
        monkeypatch.setenv("HN_LUIGI_TOKEN", "hunter2")
        with pytest.raises(SystemExit) as ended:
            main(["serve", "--port", "0", "--address", host, "--state", "/dev/null/state"])
        (line,) = capfd.readouterr().err.splitlines()
        assert ended.value.code == 2
        assert "HN_LUIGI_TOKEN has 7 characters" in line
        assert "hunter2" not in line


@contextmanager
def serving(folder, root, *, stdout=subprocess.PIPE, **variables):
    """``hn-luigi serve`` as a person starts it."""
    (folder / "luigi.cfg").write_text(f"[storage]\nroot = {root}\n")
    env = {name: value for name, value in os.environ.items() if name != "HN_LUIGI_TOKEN"}
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "hn_luigi.cli", "serve", "--port", "0"],
            cwd=folder,
            env={**env, "PYTHONPATH": str(REPOSITORY), **variables},
            stdout=stdout,
            stderr=log,
            text=True,
        )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_cookie_outlives_the_server_and_can_t_be_made_of_a_token_that_is_guessed(tmp_path, root):
    """Cookies are looked at as often as they come."""
    chosen, values = "correct horse battery", []
    for _ in range(2):
        with serving(tmp_path, root, HN_LUIGI_TOKEN=chosen):
            said = r"The assets: http://127\.0\.0\.1:(\d+)/"
            port = int(wait_until(lambda: re.search(said, (tmp_path / "log").read_text()))[1])
            client, name = Client(port), f"hn_luigi_{port}"
            values.append(client.get(f"/assets?token={quote(chosen)}").cookie.partition("=")[2])
            assert client.get("/assets", Cookie=f"{name}={values[0]}").status == 200
            for uid in (os.geteuid(), None):
                asks = SimpleNamespace(server_connection=SimpleNamespace(uid=uid))
                forged = Guard(None, chosen)._cookies_value(asks)
                assert client.get("/assets", Cookie=f"{name}={forged}").status == 401
    assert values[0] == values[1]


def test_a_server_says_on_a_terminal_where_it_is_and_how_others_get_there(tmp_path, root):
    seen, terminal = pty.openpty()
    with (
        open(seen) as shown,
        open(terminal, "w") as stdout,
        serving(tmp_path, root, stdout=stdout) as started,
    ):
        _, mine, others = (shown.readline() for _ in range(3))
        port = int(re.search(r"http://127\.0\.0\.1:(\d+)/assets$", mine)[1])
        token = re.search(rf"http://127\.0\.0\.1:{port}/assets\?token=(\S+)$", others)[1]
        assert token == (tmp_path / ".luigid/token").read_text().strip()
        client = Client(port)
        assert client.get("/assets").status == 200
        ask = stranger()
        assert ask(ASK, port, request("GET", "/assets")).startswith("HTTP/1.1 401 ")
        assert ask(ASK, port, request("GET", "/assets", basic(token))).startswith("HTTP/1.1 200 ")
        started.terminate()
        assert started.wait(patience()) == 0
    assert token not in (tmp_path / "log").read_text()


def test_a_server_whose_output_may_be_kept_says_where_the_token_is_and_not_what(tmp_path, root):
    """Whoever reads a container's log, which is written from a pipe, may do nothing by it."""
    with serving(tmp_path, root) as started:
        said = [started.stdout.readline() for _ in range(3)]
    assert said[2].endswith(": the token in .luigid/token\n")
    assert (tmp_path / ".luigid/token").read_text().strip() not in "".join(said)
