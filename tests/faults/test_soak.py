"""The real server for minutes on its own, with ``--soak`` alone: it takes as long as it is told."""

from __future__ import annotations

import json
import socket
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from hn_luigi.assets import window
from hn_luigi.replica import Faults

from .observed import broken, figures
from .soak import Soak
from .table import SEEN


class Hook:
    """A service of Apprise's that takes what is posted to it."""

    def __init__(self):
        self.taken = []
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                hook.taken.append((window.now(), told["message"]))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]


@pytest.fixture
def hook():
    hook = Hook()
    thread = threading.Thread(target=hook.server.serve_forever)
    thread.start()
    yield hook
    hook.server.shutdown()
    thread.join()
    hook.server.server_close()


@pytest.fixture
def soak(tmp_path, api, hook):
    api.faults = Faults(rate=0.1)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    soak = Soak(tmp_path, api, hook.port, port)
    yield soak
    soak.end(soak.kill()[1])


@pytest.mark.slow
def test_it_keeps_itself_fresh(soak, hook, pytestconfig, record_property):
    soak.lasts(timedelta(seconds=pytestconfig.option.soak))
    code = soak.stop()
    seen = soak.observed(hook.taken)
    for row in figures(seen):
        record_property(SEEN, row)
    promises = broken(seen)
    assert not promises, "\n".join([*promises, f"The log: {soak.log}"])
    assert code == 0, soak.log
