"""One message to all channels at once, within a limit of time, whatever the channels do."""

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
from hn_luigi.alerts.errors import ChannelError


@dataclass(frozen=True)
class Message:
    """What people are told."""

    subject: str
    body: str
    is_good: bool = False
    """Whether it only tells that something is over."""


class Channel(Protocol):
    """A way to tell people."""

    @property
    def name(self) -> str:
        """What it is called in errors, without a secret."""

    def send(self, message: Message, seconds: float) -> None:
        """Send ``message`` in about so many seconds; raises ChannelError."""


def deliver(
    message: Message, channels: Sequence[Channel], *, seconds: float
) -> dict[str, str | None]:
    """What went wrong, by name of the channel, None where the message was taken.

    All are asked side by side, so that one that hangs costs the others nothing. Whether one that
    didn't answer within ``seconds`` took it can't be known; it counts as not.
    """
    sends = {each.name: partial(each.send, message, seconds) for each in channels}
    return within(seconds, sends)


def within(seconds: float, calls: Mapping[str, Callable[[], None]]) -> dict[str, str | None]:
    """Make all ``calls`` at once, and tell what went wrong with each, None for nothing.

    They run in threads that are left behind if they hang, and what libraries log meanwhile is
    shown to nobody: it may hold tokens.
    """
    with _silent():
        ends_at = time.monotonic() + seconds
        started = {name: deadline.start(call) for name, call in calls.items()}
        return {name: _outcome(name, done, ends_at, seconds) for name, done in started.items()}


def _outcome(name: str, done: Future[None], ends_at: float, seconds: float) -> str | None:
    try:
        done.result(max(0.0, ends_at - time.monotonic()))
    except TimeoutError:
        return f"{name}: no answer within {seconds:g} s; see that it works"
    except ChannelError as error:
        return str(error)
    except Exception as error:  # without its text, which may hold the address
        return f"{name}: {type(error).__name__}; see that it works and how it is set"
    return None


@contextmanager
def _silent() -> Iterator[None]:
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
