"""One Tornado process: Luigi's central scheduler, its visualiser, and the pages beside it."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import signal
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import luigi.server
from luigi.scheduler import Scheduler
from luigi.task_history import NopHistory
from tornado.ioloop import PeriodicCallback
from tornado.netutil import bind_sockets
from tornado.routing import AnyMatches, PathMatches, Router, Rule, RuleRouter, URLSpec
from tornado.web import Application, RequestHandler

from hn_luigi.assets.operations import scheduler_token
from hn_luigi.web import handlers, peer
from hn_luigi.web.alert_loop import watch
from hn_luigi.web.calls import Calls, Described, Workers
from hn_luigi.web.connections import Server
from hn_luigi.web.guard import Guard
from hn_luigi.web.headers import NOTHING, StaticFiles, careful_transform, visualiser_policy
from hn_luigi.web.repeats import count_repeats
from hn_luigi.web.runs import Runs
from hn_luigi.web.server_state import make_private

_SECONDS_TO_PRUNE = 60
_STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
# The visualiser links to the assets, and asks no other host for its typeface.
_TABS = '<ul class="nav navbar-nav" id="topNavbar">'
_LINK = '<li><a href="/assets">Assets</a></li>'
_FILES = os.path.join(os.path.dirname(luigi.server.__file__), "static")
_STYLE = "lib/AdminLTE/css/AdminLTE.min.css"
_NO_HISTORY = (
    "This scheduler keeps no history of tasks. That of an asset is on its page, see /assets, and "
    "shown by hn-luigi history.\n"
)
_NOT_IN_HISTORY = (
    "The history of tasks has nothing of that kind, or can't be read: the server's log tells.\n"
)
_LOG_FORMAT = "%(asctime)s %(name)s[%(process)s] %(levelname)s: %(message)s"
_logger = logging.getLogger("hn_luigi")


@dataclass(frozen=True)
class Place:
    """Where to serve, and what clients have to give."""

    port: int
    """0 for any that is free."""
    host: str = "127.0.0.1"
    """Name or number of the interface to listen on."""
    token: str = field(default="", repr=False)
    """What they have to give."""
    cookie_key: str = field(default="", repr=False)
    """What cookies are made with, if ``token`` might be guessed."""
    trusts_owner: bool = False
    """Whether the user who runs the server needn't, where the kernel tells whose a connection is;
    for a ``host`` of loopback alone."""

    @property
    def is_local(self) -> bool:
        """Whether it can be reached from this machine alone."""
        return self.host in scheduler_token.LOOPBACK


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
    count_repeats()
    # By default, what was made less than 10 s ago is not made again, whoever asks for it.
    scheduler = Scheduler(state_path=state_path, stable_done_cooldown_secs=0)
    scheduler.load()
    try:
        asyncio.run(_until_stopped(scheduler, sockets, place, watches=watches))
    finally:
        with suppress(OSError):  # which Luigi logs as well
            make_private(state_path)
        scheduler.dump()


async def _until_stopped(
    scheduler: Scheduler, sockets: Sequence[socket.socket], place: Place, *, watches: bool
) -> None:
    stopped = asyncio.Event()
    for number in _STOPPING:
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    port = sockets[0].getsockname()[1]
    runs = Runs(_own_address(place, port), place.token)
    http_server(router(scheduler, runs), place, port).add_sockets(sockets)
    PeriodicCallback(scheduler.prune, _SECONDS_TO_PRUNE * 1000).start()
    _logger.info("The assets: http://%s:%s/assets", place.host, port)
    watching = asyncio.create_task(watch()) if watches else None
    await stopped.wait()
    if watching:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
    await runs.close()


def http_server(inner: Router, place: Place, port: int) -> Server:
    """Serves what ``inner`` answers, at ``place`` by that port, to those who may ask."""
    # Also where nobody is trusted: who guesses or floods is told from this user's workers by it.
    ask = peer.way_here()
    if place.trusts_owner and ask is None:
        _logger.warning("This system doesn't tell whose a connection is: everybody needs the token")
    trusts_owner = place.trusts_owner and ask is not None
    guard = Guard(
        inner, place.token, cookie_key=place.cookie_key, trusts_owner=trusts_owner, port=port
    )
    return Server(guard, ask=ask)


def _own_address(place: Place, port: int) -> str:
    """Where a run on this machine finds the scheduler."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(place.host, place.host)  # noqa: S104
    host = f"[{host}]" if ":" in host else host
    return f"http://{host}:{port}"


def router(scheduler: Scheduler, runs: Runs) -> RuleRouter:
    """The pages under ``/assets``; all else is Luigi's own, with a link to them."""
    page = _file("index.html")
    policy = visualiser_policy(page)
    style = re.sub(r"@import url\([^)]*\);?", "", _file(_STYLE))
    # A worker that is silent for that long counts as dead.
    workers = Workers(scheduler._config.worker_disconnect_delay)
    shared = {"scheduler": scheduler, "workers": workers, "described": Described(scheduler)}
    calls = URLSpec(r"/api/(.*)", Calls, shared)
    rules = [
        Rule(PathMatches(r"/assets(/.*)?"), handlers.application(scheduler, runs)),
        Rule(PathMatches(r"/api/.*"), _careful(Application([calls]), NOTHING)),
        _amended("index.html", "text/html", page.replace(_TABS, f"{_TABS}{_LINK}"), policy),
        _amended(_STYLE, "text/css", style, policy),
    ]
    if isinstance(scheduler.task_history, NopHistory):  # Luigi's handlers take another for granted
        told = URLSpec(r".*", _Fixed, {"text": _NO_HISTORY, "kind": "text/plain", "status": 404})
        history = _careful(Application([told]), NOTHING)
        rules.append(Rule(PathMatches(r"/(history|tasklist)(/.*)?"), history))
    static = Application([URLSpec(r"/static/(.*)", StaticFiles, {"path": _FILES})])
    rules.append(Rule(PathMatches(r"/static/.*"), _careful(static, policy)))
    rules.append(Rule(AnyMatches(), _careful(_without_errors(luigi.server.app(scheduler)), policy)))
    return RuleRouter(rules)


def _careful(application: Application, policy: str) -> Application:
    application.add_transform(careful_transform(policy))
    return application


def _without_errors(application: Application) -> Application:
    """``application``, Luigi's, whose pages of a history fail at what is not in it."""
    for rule in application.wildcard_router.rules:
        if issubclass(rule.target, luigi.server.BaseTaskHistoryHandler):
            rule.target = type(rule.target.__name__, (_Explained, rule.target), {})
    return application


class _Explained(RequestHandler):
    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Of what is asked for by a name or number, that it isn't there."""
        if status_code == 500:
            self.set_status(404 if self.path_args else 503)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(_NOT_IN_HISTORY)


def _file(path: str) -> str:
    """A file of the visualiser, empty where Luigi has none of that name."""
    with (
        suppress(FileNotFoundError),
        open(os.path.join(_FILES, "visualiser", path), encoding="utf-8") as file,
    ):
        return file.read()
    return ""


def _amended(path: str, kind: str, text: str, policy: str) -> Rule:
    """A rule that serves ``text`` in place of a file of the visualiser."""
    application = Application([URLSpec(r".*", _Fixed, {"text": text, "kind": kind})])
    matches = PathMatches(re.escape(f"/static/visualiser/{path}"))
    return Rule(matches, _careful(application, policy))


class _Fixed(RequestHandler):
    def initialize(self, text: str, kind: str, status: int = 200) -> None:
        self._text, self._kind, self._status = text, kind, status

    def get(self) -> None:
        self.set_status(self._status)
        self.set_header("Content-Type", f"{self._kind}; charset=utf-8")
        self.finish(self._text)

    head = get
