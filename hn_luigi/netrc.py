"""Requests that send no password of ``~/.netrc``.

requests adds what that file holds for a host, or for every host by ``default``, to whatever it
fetches, and asks again at each redirect (``Session.rebuild_auth``). A channel's address holds all
that is meant for it. ``trust_env = False`` would lose the environment's proxies and certificates
too, and Apprise, which calls ``requests.post`` and its like, takes no session.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

_ASKED_NOT_TO: ContextVar[bool] = ContextVar("without_netrc", default=False)


@contextmanager
def without_netrc() -> Iterator[None]:
    """Within it, and only in this thread, requests finds no ``~/.netrc``."""
    _guard()
    before = _ASKED_NOT_TO.set(True)
    try:
        yield
    finally:
        _ASKED_NOT_TO.reset(before)


@cache
def _guard() -> None:
    from requests import sessions

    found = sessions.get_netrc_auth

    def get_netrc_auth(url: str | bytes, raise_errors: bool = False) -> tuple[str, str] | None:
        return None if _ASKED_NOT_TO.get() else found(url, raise_errors)

    sessions.get_netrc_auth = get_netrc_auth
