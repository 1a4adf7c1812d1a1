"""A message to all channels at once, and the heartbeat, each within a deadline.

The heartbeat is a sign of life, for a service that notifies people when it stops coming. So what
this machine can't report any more, because it is off, offline, or no longer runs us, is noticed.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from hn_luigi import deadline
from hn_luigi.alerts.errors import ChannelError, cause_of
from hn_luigi.netrc import without_netrc
from hn_luigi.proxies import REMEDY, lacks_socks

HEARTBEAT = "the heartbeat of [alerts] heartbeat_url"


@dataclass(frozen=True)
class Message:
    """What people get."""

    subject: str
    body: str
    is_good: bool = False
    """Whether it only says that something is over."""


class Channel(Protocol):
    """A way to notify people."""

    @property
    def name(self) -> str:
        """What it is called in errors, without a secret."""

    def send(self, message: Message, seconds: float) -> None:
        """Send ``message`` in about so many seconds; raises ChannelError."""


def deliver(
    message: Message, channels: Sequence[Channel], *, seconds: float
) -> dict[str, str | None]:
    """What went wrong, by name of the channel, None where the message was accepted.

    All are called at once, so that one that hangs doesn't delay the others. Whether one that didn't
    answer within ``seconds`` accepted it can't be known; it counts as failed.
    """
    sends = {channel.name: partial(channel.send, message, seconds) for channel in channels}
    return within(seconds, sends)


def send_heartbeat(url: str, *, seconds: float) -> str | None:
    """Fetch ``url``; what went wrong, None for nothing."""
    return within(seconds, {HEARTBEAT: lambda: _fetch(url, seconds)})[HEARTBEAT]


def within(seconds: float, calls: Mapping[str, Callable[[], None]]) -> dict[str, str | None]:
    """Make all ``calls`` at once; what went wrong with each, None for nothing.

    They run in threads that are left behind if they hang, and what libraries log meanwhile is
    discarded: it may hold tokens.
    """
    with _silent():
        ends_at = time.monotonic() + seconds
        started = {name: deadline.start(call) for name, call in calls.items()}
        return {name: _outcome(name, done, ends_at, seconds) for name, done in started.items()}


def _outcome(name: str, done: Future[None], ends_at: float, seconds: float) -> str | None:
    try:
        done.result(max(0.0, ends_at - time.monotonic()))
    except TimeoutError:
        return f"{name}: no answer within {seconds:g} s; check that it works"
    except ChannelError as error:
        return str(error)
    except Exception as error:  # without its text, which may hold the address
        return f"{name}: {type(error).__name__}; check that it works and is set up correctly"
    return None


@contextmanager
def _silent() -> Iterator[None]:
    # All of logging, since what a service's library logs, and by which logger, can't be known: one
    # that isn't silenced would write a URL with its token into cron's mail.
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


def _fetch(url: str, seconds: float) -> None:
    import requests

    if lacks_socks(url):
        raise ChannelError(f"{HEARTBEAT}: {REMEDY}")
    try:
        # Not repeated where it fails: the next run sends one, and services wait for a grace time.
        with (
            without_netrc(),
            requests.get(
                url, timeout=seconds, stream=True, headers={"User-Agent": "hn_luigi"}
            ) as answer,
        ):
            status = answer.status_code
    except (requests.RequestException, OSError, ValueError) as error:
        raise ChannelError(
            f"{HEARTBEAT}: {cause_of(error)}; check that it can be reached"
        ) from error
    if not 200 <= status < 300:
        raise ChannelError(f"{HEARTBEAT}: the server answered {status}; check the address")
