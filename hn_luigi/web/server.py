"""One Tornado process: Luigi's central scheduler, its visualiser, and the pages beside it."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import signal
import socket
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote

import luigi.server
from luigi.scheduler import Scheduler
from tornado.httpserver import HTTPServer
from tornado.ioloop import PeriodicCallback
from tornado.netutil import bind_sockets
from tornado.routing import AnyMatches, PathMatches, Rule, RuleRouter, URLSpec
from tornado.web import Application, RequestHandler

from hn_luigi.web import pages
from hn_luigi.web.guard import LOOPBACK, Guard
from hn_luigi.web.runs import Runs
from hn_luigi.web.watch import watch

_SECONDS_TO_PRUNE = 60
_STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
# The visualiser links to the assets, and asks no other host for its typeface.
_TABS = '<ul class="nav navbar-nav" id="topNavbar">'
_LINK = '<li><a href="/assets">Assets</a></li>'
_STYLE = "lib/AdminLTE/css/AdminLTE.min.css"
_LOG_FORMAT = "%(asctime)s %(name)s[%(process)s] %(levelname)s: %(message)s"
_logger = logging.getLogger("hn_luigi")


@dataclass(frozen=True)
class Place:
    """Where to serve, and what who asks has to know."""

    port: int
    """0 for any that is free."""
    host: str = "127.0.0.1"
    """Name or number of the interface to listen on."""
    token: str = ""
    """Has to be given wherever ``host`` is not of this machine's loopback."""

    @property
    def is_local(self) -> bool:
        """Whether it can be reached from this machine alone."""
        return self.host in LOOPBACK


def listen(place: Place) -> list[socket.socket]:
    """Sockets for ``serve``; raises OSError for a port that is taken, or no such interface."""
    return bind_sockets(place.port, place.host)


def serve(
    sockets: Sequence[socket.socket], place: Place, state_path: str, *, watches: bool
) -> None:
    """Serve until a signal says to stop, which is not raised.

    Args:
        sockets: where, as ``listen`` has them for ``place``.
        place: what they were asked for.
        state_path: where the scheduler keeps what it knows for the next start, in a folder that
            is there.
        watches: whether to look after the assets, see ``watch``.
    """
    logging.basicConfig(level=logging.INFO, format=_LOG_FORMAT)
    # By default, what was made less than 10 s ago is not made again, whoever asks for it.
    scheduler = Scheduler(state_path=state_path, stable_done_cooldown_secs=0)
    scheduler.load()
    try:
        asyncio.run(_until_stopped(scheduler, sockets, place, watches=watches))
    finally:
        scheduler.dump()


async def _until_stopped(
    scheduler: Scheduler, sockets: Sequence[socket.socket], place: Place, *, watches: bool
) -> None:
    stopped = asyncio.Event()
    for number in _STOPPING:
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    port = sockets[0].getsockname()[1]
    runs = Runs(_own_address(place, port))
    HTTPServer(Guard(router(scheduler, runs), place.token)).add_sockets(sockets)
    PeriodicCallback(scheduler.prune, _SECONDS_TO_PRUNE * 1000).start()
    _logger.info("The assets: http://%s:%s/assets", place.host, port)
    watching = asyncio.create_task(watch()) if watches else None
    await stopped.wait()
    if watching:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
    await runs.close()


def _own_address(place: Place, port: int) -> str:
    """Where a run on this machine finds the scheduler."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(place.host, place.host)  # noqa: S104
    host = f"[{host}]" if ":" in host else host
    secret = f"hn_luigi:{quote(place.token, safe='')}@" if place.token else ""
    return f"http://{secret}{host}:{port}"


def router(scheduler: Scheduler, runs: Runs) -> RuleRouter:
    """The pages under ``/assets``; all else is Luigi's own, with a link to them."""
    return RuleRouter(
        [
            Rule(PathMatches(r"/assets(/.*)?"), pages.application(scheduler, runs)),
            *_amended("index.html", "text/html", _TABS, f"{_TABS}{_LINK}"),
            *_amended(_STYLE, "text/css", r"@import url\([^)]*\);?", ""),
            Rule(AnyMatches(), luigi.server.app(scheduler)),
        ]
    )


def _amended(path: str, kind: str, pattern: str, replacement: str) -> Iterator[Rule]:
    """A rule that serves a file of the visualiser with all that ``pattern`` matches replaced."""
    folder = os.path.join(os.path.dirname(luigi.server.__file__), "static/visualiser")
    if not os.path.exists(os.path.join(folder, path)):
        return  # another Luigi's
    with open(os.path.join(folder, path), encoding="utf-8") as file:
        text = re.sub(pattern, replacement, file.read())
    application = Application([URLSpec(r".*", _Fixed, {"text": text, "kind": kind})])
    yield Rule(PathMatches(re.escape(f"/static/visualiser/{path}")), application)


class _Fixed(RequestHandler):
    def initialize(self, text: str, kind: str) -> None:
        self._text, self._kind = text, kind

    def get(self) -> None:
        self.set_header("Content-Type", f"{self._kind}; charset=utf-8")
        self.finish(self._text)
