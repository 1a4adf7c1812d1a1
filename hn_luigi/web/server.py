"""One Tornado process that is Luigi's central scheduler, as ``luigid`` is."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from collections.abc import Sequence
from contextlib import suppress

from luigi.scheduler import Scheduler
from luigi.server import app
from tornado.httpserver import HTTPServer
from tornado.ioloop import PeriodicCallback
from tornado.netutil import bind_sockets

from hn_luigi.web.watch import watch

ADDRESS = "127.0.0.1"
_SECONDS_TO_PRUNE = 60
_STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
_logger = logging.getLogger("hn_luigi")
_LOG_FORMAT = "%(asctime)s %(name)s[%(process)s] %(levelname)s: %(message)s"


def serve(port: int, state_path: str, *, watches: bool) -> None:
    """Serve on this machine alone until a signal says to stop, which is not raised.

    Args:
        port: 0 for any that is free.
        state_path: where the scheduler keeps what it knows for the next start, in a folder that
            is there.
        watches: whether to look after the assets, see ``watch``.

    Raises:
        OSError: the port is taken or not allowed.
    """
    sockets = bind_sockets(port, ADDRESS)
    logging.basicConfig(level=logging.INFO, format=_LOG_FORMAT)
    scheduler = Scheduler(state_path=state_path)
    scheduler.load()
    asyncio.run(_until_stopped(scheduler, sockets, watches=watches))
    scheduler.dump()


async def _until_stopped(
    scheduler: Scheduler, sockets: Sequence[socket.socket], *, watches: bool
) -> None:
    stopped = asyncio.Event()
    for number in _STOPPING:
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    HTTPServer(app(scheduler)).add_sockets(sockets)
    PeriodicCallback(scheduler.prune, _SECONDS_TO_PRUNE * 1000).start()
    _logger.info("The visualiser: http://%s:%s", *sockets[0].getsockname())
    watching = asyncio.create_task(watch()) if watches else None
    await stopped.wait()
    if watching:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
