"""One Tornado process: Luigi's central scheduler, its visualiser, and the pages beside it."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass, field

from luigi.scheduler import Scheduler
from tornado.ioloop import PeriodicCallback
from tornado.netutil import bind_sockets
from tornado.routing import PathMatches, Router, Rule, RuleRouter, URLSpec
from tornado.web import Application

from hn_luigi import peer
from hn_luigi.assets.operations import scheduler_token
from hn_luigi.web import handlers, visualiser
from hn_luigi.web.alert_loop import ALERT, WITHOUT_HEARTBEAT, alert_regularly
from hn_luigi.web.call_ownership import TaskDescriptions, WorkerOwners
from hn_luigi.web.calls import Calls
from hn_luigi.web.connections import Server
from hn_luigi.web.guard import Guard
from hn_luigi.web.headers import with_policy
from hn_luigi.web.reader import Reader
from hn_luigi.web.refresher import Refresher
from hn_luigi.web.repeats import count_repeats
from hn_luigi.web.runs import Runs
from hn_luigi.web.server_state import make_private

# As luigid has it. A worker that died is noticed after [scheduler] worker_disconnect_delay and up
# to this; measured, another one took over its task after 25 s with 10 s there, retry_delay = 1 and
# prune_on_get_work, and after 1,057 s by Luigi's defaults (900 of them retry_delay).
_SECONDS_TO_PRUNE = 60
_STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
_LOG_FORMAT = "%(asctime)s %(name)s[%(process)s] %(levelname)s: %(message)s"
_logger = logging.getLogger("hn_luigi")


@dataclass(frozen=True)
class Endpoint:
    """Where to serve, and what clients have to give to be let in."""

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


def listen(endpoint: Endpoint) -> list[socket.socket]:
    """Sockets for ``serve``; raises OSError for a port that is taken, or no such interface."""
    return bind_sockets(endpoint.port, endpoint.host)


def serve(
    sockets: Sequence[socket.socket],
    endpoint: Endpoint,
    state_path: str,
    *,
    alerts: bool,
    time_limit: float,
    parallel: int = 0,
) -> None:
    """Serve until a signal says to stop.

    Args:
        sockets: where, as ``listen`` has them for ``endpoint``.
        endpoint: what they were asked for.
        state_path: where the scheduler keeps what it knows for the next start, in a folder that
            exists, and the pages what they know of their runs beside it, in ``runs``.
        alerts: whether to run ``hn-luigi alert`` now and again, see ``alert_loop``.
        time_limit: seconds after which a run is ended.
        parallel: how many runs of what is due to have under way at a time; 0 to refresh nothing.
    """
    logging.basicConfig(level=logging.INFO, format=_LOG_FORMAT)
    count_repeats()
    # Luigi's default of 10 s refuses to run a task again so soon after it was done: a button, or a
    # run after a change, would do nothing and call it a success.
    scheduler = Scheduler(state_path=state_path, stable_done_cooldown_secs=0)
    scheduler.load()
    run_folder = os.path.join(os.path.dirname(os.path.abspath(state_path)), "runs")
    try:
        port = sockets[0].getsockname()[1]
        address = _own_address(endpoint, port)
        runs = Runs(address, endpoint.token, run_folder, time_limit=time_limit)
        asyncio.run(_until_stopped(scheduler, sockets, endpoint, runs, alerts, parallel))
    finally:
        # Luigi makes the file with the umask's mode. What OSError comes of it, Luigi logs as well.
        with suppress(OSError):
            make_private(state_path)
        scheduler.dump()


async def _until_stopped(
    scheduler: Scheduler,
    sockets: Sequence[socket.socket],
    endpoint: Endpoint,
    runs: Runs,
    alerts: bool,
    parallel: int,
) -> None:
    stopped = asyncio.Event()
    for signal_number in _STOPPING:
        asyncio.get_running_loop().add_signal_handler(signal_number, stopped.set)
    port = sockets[0].getsockname()[1]
    # Storage that is slow must not hold up workers, whose calls the main thread answers: measured,
    # one takes 1.3 ms while ten people watch, and 1.5 ms alone.
    reader = Reader()
    refresher = Refresher(runs, reader, parallel) if parallel else None
    http_server(router(scheduler, runs, reader, refresher), endpoint, port).add_sockets(sockets)
    PeriodicCallback(scheduler.prune, _SECONDS_TO_PRUNE * 1000).start()
    _logger.info("The assets: http://%s:%s/assets", endpoint.host, port)
    command = ALERT if refresher else WITHOUT_HEARTBEAT
    lasting = [asyncio.create_task(alert_regularly(command))] if alerts else []
    if refresher:
        lasting.append(asyncio.create_task(refresher.refresh()))
    await stopped.wait()
    for task in lasting:
        task.cancel()
    await asyncio.gather(*lasting, return_exceptions=True)
    await runs.close()


def http_server(inner: Router, endpoint: Endpoint, port: int) -> Server:
    """A server at ``endpoint``, by that port, of what ``inner`` answers to those who may ask."""
    # The kernel is asked even if nobody is trusted: guesses at the token and idle connections are
    # counted by user, so that another user of this machine can't use up the owner's share.
    ask = peer.way_here()
    if endpoint.trusts_owner and ask is None:
        _logger.warning("This system can't tell whose a connection is: everybody needs the token")
    trusts_owner = endpoint.trusts_owner and ask is not None
    guard = Guard(
        inner, endpoint.token, cookie_key=endpoint.cookie_key, trusts_owner=trusts_owner, port=port
    )
    return Server(guard, ask=ask)


def _own_address(endpoint: Endpoint, port: int) -> str:
    """Where a run on this machine finds the scheduler."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(endpoint.host, endpoint.host)  # noqa: S104
    host = f"[{host}]" if ":" in host else host
    return f"http://{host}:{port}"


def router(
    scheduler: Scheduler, runs: Runs, reader: Executor, refresher: Refresher | None = None
) -> RuleRouter:
    """The pages at ``/``, ``/assets`` and ``/runs``, the API, and Luigi's visualiser."""
    # Luigi counts a worker as dead that was silent for that long, and has no public way to ask.
    owners = WorkerOwners(scheduler._config.worker_disconnect_delay)
    shared = {"scheduler": scheduler, "owners": owners, "descriptions": TaskDescriptions(scheduler)}
    calls = Application([URLSpec(r"/api/(.*)", Calls, shared)])
    pages = handlers.application(scheduler, runs, reader, refresher)
    return RuleRouter(
        [
            Rule(PathMatches(r"/((assets|runs|refresh)(/.*)?)?"), pages),
            Rule(PathMatches(r"/api/.*"), with_policy(calls)),
            *visualiser.rules(scheduler),
        ]
    )
