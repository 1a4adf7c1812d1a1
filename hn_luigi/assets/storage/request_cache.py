"""What object stores said is not asked again until the question at hand is answered.

A question such as ``complete()`` asks about the same objects from several sides, and each answer
is a request: of S3, a no-op of the shipped graph takes 9, and 15 without this. A folder is quick
enough to be asked every time.

Nothing outlives the question, since another machine may write meanwhile; fsspec's own cache of
listings does, so it is off (``backends.py``). It is ambient, a context variable, since between the
command that begins a question and the store that answers lie all rooms of the layer, and Luigi,
which calls ``complete()`` with no argument.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from hn_luigi.assets.storage.store import Stat


class RequestCache:
    """What object stores have said in answer to one question, by URL."""

    def __init__(self) -> None:
        self.stats: dict[str, Stat | None] = {}
        self.contents: dict[str, bytes | None] = {}
        self.listed: dict[tuple[str, str], frozenset[str]] = {}
        """Names by folder and the prefix that was asked for."""

    def clear(self) -> None:
        """Forget it all, since something was written."""
        self.stats.clear()
        self.contents.clear()
        self.listed.clear()

    def names(self, folder: str, prefix: str) -> set[str] | None:
        """The names directly below ``folder`` that begin so, None if that was not listed."""
        for (at, wider), names in self.listed.items():
            if at == folder and prefix.startswith(wider):
                return {name for name in names if name.startswith(prefix)}
        return None

    def is_known_missing(self, url: str) -> bool:
        """Whether a listing has shown that there is nothing at ``url``."""
        folder, _, name = url.rpartition("/")
        return any(
            at == folder and name.startswith(prefix) and name not in names
            for (at, prefix), names in self.listed.items()
        )


_cache: ContextVar[RequestCache | None] = ContextVar("request_cache", default=None)


@contextmanager
def cached_requests() -> Iterator[None]:
    """Remember what object stores say until the outermost such block ends."""
    if _cache.get() is not None:
        yield
        return
    token = _cache.set(RequestCache())
    try:
        yield
    finally:
        _cache.reset(token)


@contextmanager
def apart_from_cached_requests() -> Iterator[None]:
    """Within it nothing is remembered, and what is written makes nothing forgotten."""
    token = _cache.set(RequestCache())
    try:
        yield
    finally:
        _cache.reset(token)


def request_cache() -> RequestCache:
    """That of the question at hand; outside of one, an empty one that nobody keeps."""
    return _cache.get() or RequestCache()
