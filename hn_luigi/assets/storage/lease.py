"""A lock in an object store: an object there that its holder renews, and others watch.

Whoever creates the object holds the lock, and renews it by replacing it under the condition that
it is still his own. Whoever finds it unchanged for as long as it says takes it over under the same
condition, so that of several one does. How long that has been is told by the store's own clock,
which dates its answers and its objects, or by the newcomer's from when he first saw it; clocks of
two machines are never compared. The holder stops believing in it before that time is over, by his
own clock, until a renewal succeeds.

What is left is a holder that is paused between his look at the lock and a write. So what the lock
guards is written on condition of what was there when the lock was taken (``guard.py``).
"""

from __future__ import annotations

import json
import os
import random
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256

from hn_luigi.assets.errors import BackendUnavailable, LockLost, StorageError
from hn_luigi.assets.storage.client import SECONDS_TO_ANSWER, client_for
from hn_luigi.assets.storage.conditional import Version
from hn_luigi.assets.window import CLOCKS_DIFFER

SECONDS = 30.0
"""For how long a lock counts as held after its last renewal: a killed holder's is taken over then.

A renewal every third of it costs 6 requests a minute, and two may fail before it is lost.
"""
_BELIEVED = 2 / 3
_MOST_SECONDS = 300.0
"""More than an object may say of itself, since a stranger's would else lock an asset for ever."""
_CLOCKS_DIFFER = CLOCKS_DIFFER.total_seconds()
_SECONDS_ABANDONED = 3600.0
_SECONDS_TO_END = 3.0
_SECONDS_TO_LOOK = 0.1
"""Until a waiter looks again at first, which doubles: two runs of one graph wait for each other's
steps, of which one may take a second and another an hour."""
_MOST_IN_VAIN, _SECONDS_IN_VAIN = 30, 0.2
"""How often in a row it may be refused where nothing is, and how long to wait in between.

Others may have come and gone, or SeaweedFS, which has folders, has one of that name: then it was
asked again and again, for ever.
"""


@contextmanager
def hold(
    url: str, *, wait: bool = True, home: str = "", seconds: float = SECONDS
) -> Iterator[Lease]:
    """Hold the lock at ``url``.

    Args:
        url: of the object, in a store that honours conditions.
        wait: whether to wait while another holds it.
        home: where else this lock is held just now, as ``home_of`` says, so that another holder
            from there must be dead; empty if nowhere.
        seconds: how long it counts as held after each renewal.

    Raises:
        BlockingIOError: another holds it, and ``wait`` is false.
        BackendUnavailable: the store refuses or doesn't answer.
    """
    lease, holder = Lease(url, home, seconds), os.getpid()
    try:
        lease.acquire(wait=wait)
        yield lease
    finally:
        if os.getpid() == holder:  # and none that was forked meanwhile, and unwinds, too
            lease.release()


def is_held(url: str, *, home: str = "") -> bool:
    """Whether somebody holds the lock at ``url``, by one look; ``home`` as for ``hold``."""
    found = client_for(url).version(url)
    return found is not None and _may_live(found, home, _Holder.of(found).seconds + 1)


def remove_if_abandoned(url: str, *, home: str) -> None:
    """Remove the lock at ``url`` of one who is dead; ``home`` as for ``hold``."""
    client = client_for(url)
    found = client.version(url)
    # Elsewhere not sooner than after an hour, since who is taking it over just now would lose it:
    # he finds out before he publishes, but has done his work in vain.
    if found is not None and not _may_live(found, home, _SECONDS_ABANDONED):
        client.remove([url])


def _may_live(found: Version, home: str, seconds: float) -> bool:
    return found.age <= seconds and not (home and _Holder.of(found).home == home)


def home_of(folder: str) -> str:
    """What no other folder on any machine, nor this one after a restart, has; empty if unknown."""
    # Of containers on one machine, each with a /tmp of its own, the devices differ; of machines
    # that were copied, with all inodes, what the kernel draws when it starts.
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            boot = file.read().strip()
        found = os.stat(folder)
    except OSError:
        return ""
    return sha256(f"{boot} {found.st_dev} {found.st_ino}".encode()).hexdigest()[:16]


class Lease:
    """One process' hold on the lock at ``url``, from ``acquire`` to ``release``."""

    def __init__(self, url: str, home: str, seconds: float) -> None:
        self._url, self._home, self._seconds = url, home, seconds
        self._owner = secrets.token_hex(8)
        self._renewals = self._in_vain = 0
        self._tag = ""
        self._believed_until = 0.0
        self._is_lost = False
        self._writing = threading.Lock()
        self._ended = threading.Event()
        self._keeper: threading.Thread | None = None

    def acquire(self, *, wait: bool) -> None:
        """Take it; raises BlockingIOError if it is busy and not to ``wait``."""
        found = None
        while not self._write(found):
            found = self._when_free(wait=wait)
            if found is None and self._in_vain >= _MOST_IN_VAIN:
                raise BackendUnavailable(
                    f"can't write {self._url}: its store refuses it as if something were there, "
                    "and nothing is; remove what lies below that name, and run again"
                )
        self._keeper = threading.Thread(target=self._keep, name="lease", daemon=True)
        self._keeper.start()

    def require(self) -> None:
        """Raise LockLost if another may hold it by now."""
        if _now() >= self._believed_until:
            self._renew()  # nobody may have come, while this process was paused or held up
        if self._is_lost:
            raise LockLost(
                f"another process holds {self._url} by now, since this one was paused, or cut off "
                f"from the store, for more than {self._seconds:g} s; it publishes nothing"
            )

    def release(self) -> None:
        """Let go, so that the next need not wait."""
        self._ended.set()
        if self._keeper is not None:
            self._keeper.join(_SECONDS_TO_END)
            if self._keeper.is_alive():  # its store doesn't answer, nor would it now
                return
        # No store removes on condition (tried: SeaweedFS 4.48, moto, Azurite), so only while nobody
        # else can have taken it. A removal that the network keeps for so long, and then delivers,
        # takes away another's: that one finds out, and of the two that may then be at work the
        # record takes one.
        left = self._believed_until - _now()
        if self._tag and not self._is_lost and left > 0:
            with suppress(StorageError):
                client_for(self._url).remove([self._url], seconds=min(left, SECONDS_TO_ANSWER))

    def _when_free(self, *, wait: bool) -> Version | None:
        """What is there once it is nobody's; None if there is nothing any more."""
        tag, since, pause = "", _now(), _SECONDS_TO_LOOK
        if self._in_vain:
            time.sleep(random.uniform(0, _SECONDS_IN_VAIN))
        self._in_vain += 1
        while (found := client_for(self._url).version(self._url)) is not None:
            holder = _Holder.of(found)
            self._in_vain = 0
            # Its own where the answer to a write got lost.
            if holder.owner == self._owner or (self._home and holder.home == self._home):
                return found
            if found.tag != tag:
                tag, since = found.tag, _now()
            # Of a store that is several machines, or has a proxy in front, one may date the answer
            # and another the object: nginx writes a Date of its own. A clock of theirs that was
            # 31 s ahead would have every newcomer take a living holder's lock at once.
            if max(found.age - _CLOCKS_DIFFER, _now() - since) > holder.seconds:
                return found
            if not wait:
                raise BlockingIOError(f"{self._url} is held by another process")
            time.sleep(random.uniform(0.5, 1) * pause)
            pause = min(2 * pause, holder.seconds / 20)
        return None

    def _keep(self) -> None:
        pause = self._seconds / 3
        while not (self._ended.wait(pause) or self._is_lost):
            try:
                self._renew()
                pause = self._seconds / 3
            except StorageError:
                pause = self._seconds / 10  # until it succeeds, or another has taken over

    def _renew(self) -> None:
        with self._writing:
            if self._is_lost or self._write(Version(b"", self._tag, 0)):
                return
            found = client_for(self._url).version(self._url)
            if found is None or _Holder.of(found).owner != self._owner or not self._write(found):
                self._is_lost = True

    def _write(self, found: Version | None) -> bool:
        """Write it over ``found``, or where nothing is; whether that is what was there."""
        begun, client = _now(), client_for(self._url)
        self._renewals += 1  # a tag may be that of the bytes, which so differ each time
        data = _Holder(self._owner, self._home, self._seconds).to_json(self._renewals)
        if found is None:
            tag = client.create(self._url, data)
        else:
            tag = client.replace(self._url, data, found.tag)
        if tag is None:
            return False
        self._tag, self._believed_until = tag, begun + _BELIEVED * self._seconds
        return True


@dataclass(frozen=True)
class _Holder:
    """What the object at a lock says of who holds it."""

    owner: str
    home: str
    seconds: float

    @classmethod
    def of(cls, version: Version) -> _Holder:
        try:
            told = json.loads(version.data)
            holder = cls(str(told["owner"]), str(told["home"]), float(told["seconds"]))
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
            return _NOBODY
        return holder if holder.seconds <= _MOST_SECONDS else _NOBODY  # nor is NaN

    def to_json(self, renewals: int) -> bytes:
        # No name of a machine or a user: others may read the bucket.
        return json.dumps({**vars(self), "renewals": renewals}).encode()


_NOBODY = _Holder("", "", SECONDS)
"""Who has left what is no lock of ours, and renews nothing."""


def _now() -> float:
    """Seconds on a clock that goes on while the machine sleeps, as the others' do."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if _SLEEPS else time.monotonic()


_SLEEPS = hasattr(time, "CLOCK_BOOTTIME")
"""Linux's monotonic clock stands still while the machine does; macOS has no other."""
