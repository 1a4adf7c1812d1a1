"""What a lease guards: an object that its holder writes only if nobody else has meanwhile.

A holder that is paused between its look at the lease and the write would otherwise write over what
the next one has made. So that write goes on condition of what was there when the lease was taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from hn_luigi.assets.errors import LockLost
from hn_luigi.assets.storage.client import client_for
from hn_luigi.assets.storage.lease import Lease


@dataclass
class Guarded:
    """What an object that a lease guards is: as when the lease was taken, or written since."""

    lease: Lease
    tag: str | None
    """None if it is not there."""
    data: bytes | None


_guards: dict[str, Guarded] = {}
"""By the URL of the object."""


@contextmanager
def guarding(url: str, lease: Lease) -> Iterator[None]:
    """Have ``lease``, which was just taken, guard the object at ``url`` while the block runs."""
    found = client_for(url).version(url)
    _guards[url] = Guarded(lease, found and found.tag, found and found.data)
    try:
        yield
    finally:
        del _guards[url]


def guarded(url: str) -> Guarded | None:
    """What the object at ``url`` is, without asking; None if no lease of this process guards it.

    While the lease holds nobody else writes there, and after that nothing is written that was made
    of what it says.
    """
    return _guards.get(url)


def require(url: str) -> None:
    """Raise LockLost if the lease that guards the object at ``url`` may be another's by now."""
    if found := _guards.get(url):
        found.lease.require()


def write(url: str, data: bytes) -> None:
    """Replace what is at ``url``; raises LockLost if another has written there meanwhile."""
    found, client = _guards.get(url), client_for(url)
    if found is None:
        client.write(url, data)
        return
    found.lease.require()
    old = found.tag
    tag = client.create(url, data) if old is None else client.replace(url, data, old)
    if tag is None:
        now = client.version(url)
        if now is None or now.data != data:  # else the answer to its own write had got lost
            raise LockLost(
                f"another process has written {url} meanwhile, since this one was paused, or "
                "cut off from the store; what that one has made counts"
            )
        tag = now.tag
    found.tag, found.data = tag, data
