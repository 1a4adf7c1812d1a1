"""Who is told: a real mail server and a real web server on loopback; and a graph of one asset."""

from __future__ import annotations

import json
import socket
import threading
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from hn_luigi import StoryIds
from hn_luigi.assets.catalog.failure import Failure, keep
from hn_luigi.assets.window import timestamp
from hn_luigi.cli import main
from hn_luigi.replica import FrontPage

from ..limits import patience

TOKEN = "s3cr3tT0ken"


class Said(NamedTuple):
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str


@pytest.fixture
def say(capfd):
    """Runs ``hn-luigi`` with words, or those of a line; what libraries print is in it."""

    def run(line):
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(line.split() if isinstance(line, str) else line)
        out, err = capfd.readouterr()
        return Said(ended.value.code or 0, out, err)

    return run


@pytest.fixture
def one_asset(settings, replica, clock):
    """StoryIds alone is watched, and the API holds a story."""
    settings("assets", watch="hn_luigi StoryIds")
    replica.front_page = FrontPage({1: {"id": 1, "type": "story", "title": "Rust in space"}})
    return StoryIds


@pytest.fixture
def fail(clock):
    """Has tries of StoryIds fail now, or of another window; two in a row unless told."""

    def run(error="OSError: no\nnet", *, retried=False, attempt=3, as_of=None, tries=2):
        asset = StoryIds(as_of=as_of)
        at = timestamp(clock())
        for number in range(attempt, attempt + (1 if retried else tries)):
            failure = Failure(asset.folder, asset.partition.window, at, error, number, retried)
            keep(asset.dataset, failure)

    return run


class Web:
    """A web server that remembers what it was asked, and answers as it is told to."""

    def __init__(self):
        self.asked = []
        self.credentials = []
        self.status = 200
        self.go_on = threading.Event()  # it hangs while this is not set
        self.go_on.set()
        web = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                web.asked.append((self.command, self.path, body))
                web.credentials.append(self.headers.get("Authorization"))
                web.go_on.wait()
                self.send_response(302 if self.path == "/away" else web.status)
                if self.path == "/away":  # another host, as HTTP has it
                    self.send_header("Location", f"http://localhost:{web.port}/there")
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST = answer  # noqa: N815

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = False
        self.port = self.server.server_address[1]

    @property
    def messages(self):
        """The messages that Apprise posted as JSON."""
        return [json.loads(body) for kind, _, body in self.asked if kind == "POST"]

    @property
    def beats(self):
        return [path for kind, path, _ in self.asked if kind == "GET"]


@pytest.fixture
def web():
    web = Web()
    thread = threading.Thread(target=web.server.serve_forever, args=(0.01,))
    thread.start()
    yield web
    web.go_on.set()
    web.server.shutdown()
    thread.join()
    web.server.server_close()


@pytest.fixture
def hook(web, settings):
    """A channel: a service of Apprise's at ``web``, with a token in its URL."""
    settings("alerts", urls=f"json://user:{TOKEN}@127.0.0.1:{web.port}/{TOKEN}")
    return web


class MailServer:
    """What a mail server on loopback took."""

    def __init__(self):
        self.mails = []
        self.refused = ""

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address == self.refused:
            return f"550 no {TOKEN} here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        content = envelope.content.replace(b"\r\n", b"\n")
        self.mails.append(message_from_bytes(content, policy=default))
        return "250 OK"


def authenticate(server, session, envelope, mechanism, login):
    return AuthResult(success=login.password == TOKEN.encode(), handled=False)


@pytest.fixture
def mail(settings):
    """A channel: two receivers with a mail server that takes a login."""
    server = MailServer()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    controller = Controller(
        server,
        hostname="127.0.0.1",
        port=port,
        authenticator=authenticate,
        auth_require_tls=False,
        ready_timeout=patience(),
    )
    controller.start()
    settings("email", receiver="a@example.org, b@example.org", sender="luigi@example.org")
    settings("smtp", host="127.0.0.1", port=port)
    yield server
    controller.stop()


@pytest.fixture(autouse=True)
def no_urls(monkeypatch):
    """Whoever runs the tests is told nothing."""
    monkeypatch.delenv("HN_LUIGI_ALERT_URLS", raising=False)
