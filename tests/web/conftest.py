"""A root whose stories' titles, addresses and settings try to leave the page, and servers of it."""

from __future__ import annotations

import importlib
import json
import shutil
import sys
from datetime import datetime

import luigi
import pytest
from luigi.configuration import LuigiConfigParser
from luigi.execution_summary import LuigiStatusCode
from luigi.setup_logging import InterfaceLogging
from luigi.task_register import Register

from awkward import AWKWARD
from hn_luigi import Digest, Wordcloud
from hn_luigi.assets import window
from hn_luigi.assets.catalog.failure import Failure, keep
from hn_luigi.assets.window import timestamp
from hn_luigi.replica import FrontPage, Replica, bundled_front_page

from .client import data
from .serving import Server

OLDER, NEWER = "2026-11-22T1210Z", "2026-11-22T1230Z"
LABEL = "<b onclick=alert(1)>SAMPLE</b>"
SCRIPT = "</title></script><script>alert(1)</script>"
HOSTILE = f"{SCRIPT} \"onload='x' {{{{ 7 * 7 }}}} {{% raw x %}}"
LONG = "Endless " * 1250  # 10,000 characters
BIDI = "Invoice \u202e\u2066fdp.exe"
STORIES = [
    {"title": "Rust in space", "url": "https://a.example/", "score": 9, "by": "bea"},
    {"title": "Ask HN: Rust or Zig?", "score": 50, "descendants": 3, "by": "Cy"},
    {"title": "AT&T moves from .NET to C++", "url": "http://b.example/?a=1&b=2", "score": 7},
    {"title": SCRIPT, "url": "javascript:alert(1)", "by": '"><script>alert(1)</script>'},
    {"title": '"><img src=x onerror=alert(1)>', "url": 'https://c.example/"onclick="alert(1)'},
    {"title": "{{ 7 * 7 }} {% raw open %} &lt;script&gt;", "url": " jaVaScript:alert(1)"},
    {"title": LONG, "url": "data:text/html,<script>alert(1)</script>"},
    {"title": BIDI, "url": "//evil.example/"},
    {"title": "[click](javascript:alert(1))", "url": "https://[half"},
    {"title": "<svg/onload=alert(1)> <a href='javascript:x'>y</a>", "url": "https:///nowhere"},
    {"title": "שלום 2026", "url": "https://www.bank.example@evil.example/", "by": "\u202exyz"},
]


def front_page() -> FrontPage:
    """``STORIES``, and behind them what is awkward about the bundled front page."""
    bundled = bundled_front_page()
    items = {n: {"id": n, "type": "story", **story} for n, story in enumerate(STORIES, start=1)}
    awkward = [bundled.lists["top"][rank - 1] for rank in AWKWARD]
    show = {"id": 99, "type": "story", "title": "Show HN: A quilt of tiny compilers"}
    return FrontPage({**items, **{id_: bundled.items[id_] for id_ in awkward}, 99: show})


@pytest.fixture(scope="session")
def made_once(tmp_path_factory):
    """A root with the whole graph of 12:10 and of 12:30, where ``LABEL`` was a setting."""
    root = tmp_path_factory.mktemp("made") / "data"
    registered = list(Register._reg)
    parser = LuigiConfigParser()
    with Replica(front_page()) as replica, pytest.MonkeyPatch.context() as patch:
        patch.setattr(LuigiConfigParser, "_instance", parser)
        patch.setattr(InterfaceLogging, "_configured", True)
        parser.set("worker", "no_install_shutdown_handler", "true")
        parser.set("storage", "root", str(root))
        parser.set("hackernews", "base_url", replica.base_url)
        parser.set("hackernews", "min_share", "0")
        for name, value in LOOK.items():
            parser.set("cloud", name, str(value))
        for hour, minute in ((12, 14), (12, 34)):
            moment = datetime(2026, 11, 22, hour, minute)
            patch.setattr(window, "now", lambda moment=moment: moment)
            result = luigi.build(
                [Wordcloud(), Digest()], local_scheduler=True, detailed_summary=True
            )
            assert result.status is LuigiStatusCode.SUCCESS, result.summary_text
    Register._reg = registered
    Register.clear_instance_cache()
    return root


LOOK = {"width": 400, "height": 200, "max_words": 60, "label": LABEL}


@pytest.fixture
def made(made_once, root, settings, clock):
    """The test's own copy of it, at 12:34:56, by settings under which it is current."""
    shutil.copytree(made_once, root)
    settings("cloud", **LOOK)
    settings("hackernews", min_share=0)
    return root


@pytest.fixture
def modules(tmp_path, monkeypatch):
    """Writes modules of a user's, where the watch list finds them, and imports them."""
    folder, written = tmp_path / "work", []
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", [*sys.path, str(folder)])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def write(name, text):
        (folder / f"{name}.py").write_text(text)
        importlib.invalidate_caches()
        written.append(name)
        return importlib.import_module(name)

    yield write
    for name in written:
        sys.modules.pop(name, None)


@pytest.fixture
def fail(clock):
    """Has an attempt at an asset fail now."""

    def run(asset, error="OSError: no net", **facts):
        at = timestamp(clock())
        keep(asset.dataset, Failure(asset.folder, asset.partition.window, at, error, **facts))

    return run


@pytest.fixture
def serve(root, tmp_path):
    """Starts servers, which end with the test; they keep their runs in one folder."""
    started = []

    def start(token="", host="127.0.0.1", folder=tmp_path / "state/runs", **how):
        started.append(Server(token, host, str(folder), **how))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def server(serve):
    """A server that takes no token."""
    return serve()


@pytest.fixture
def rewrite(made):
    """Has somebody else write into the record of the page of 12:30."""

    def run(change):
        path = made / f"_records/top/wordcloud/{NEWER}.json"
        record = json.loads(path.read_text())
        change(record)
        path.write_text(json.dumps(record))

    return run


@pytest.fixture
def call(server):
    """Calls the scheduler's API."""

    def run(method, **arguments):
        return server.ask("GET", f"/api/{method}?{data(**arguments)}")

    return run
