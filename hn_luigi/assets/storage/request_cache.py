"""One look at object stores: what they said once is not asked again until the look is over.

A question such as ``complete()`` asks about the same objects from several sides, and each answer
is a request. A folder is quick enough to be asked every time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from hn_luigi.assets.storage.store import Stat


class Seen:
    """What object stores have said during one look, by URL."""

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


_seen: ContextVar[Seen | None] = ContextVar("seen", default=None)


@contextmanager
def cached_requests() -> Iterator[None]:
    """Remember what object stores say until the outermost such block ends."""
    if _seen.get() is not None:
        yield
        return
    token = _seen.set(Seen())
    try:
        yield
    finally:
        _seen.reset(token)


def seen() -> Seen:
    """What was seen in this look; outside of one, something empty that nobody keeps."""
    return _seen.get() or Seen()
