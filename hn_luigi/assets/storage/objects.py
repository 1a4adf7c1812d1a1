"""A store in a bucket of an object store.

A file is one object, put in one request or completed in one: there are no staged objects, and so
nothing to sweep but locks of killed processes, and what they left on this machine.

A lock is one of this machine, which the kernel frees at once, and then a lease in the store, where
it honours conditions (``lease.py``). Where not, a central scheduler keeps machines apart; the last
writer wins, and where record and output disagree, the next run makes it again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from luigi.format import UTF8, Nop
from luigi.target import FileSystemTarget

from hn_luigi.assets.storage import guard, lease, probe, staging
from hn_luigi.assets.storage.backends import checked_url
from hn_luigi.assets.storage.client import SECONDS_TO_ANSWER, client_for
from hn_luigi.assets.storage.prefixes import common_start, prefixes
from hn_luigi.assets.storage.request_cache import cached_requests, request_cache
from hn_luigi.assets.storage.store import FileKey, Stat
from hn_luigi.assets.storage.target import StorageTarget

_LOCKS, _LOCK = "_locks", ".lock"

_MANY = 10
"""Small objects of a folder that are listed before they are read, which takes a request or two."""
_MOST_KEPT = 2_000

_Value = TypeVar("_Value")
_kept: dict[tuple[str, str], bytes] = {}
"""What such objects hold, by URL and entity tag: the page of an asset, whose windows are judged by
72 records of each of what it is made from, read 216 at each look."""


@dataclass(frozen=True)
class ObjectStore:
    """A store below the URL ``root``; its methods raise StorageError."""

    root: str

    # S3 removes 1,000 objects a request: the outputs of 250 windows and three failures of each.
    windows_per_request: ClassVar[int] = 250

    @classmethod
    def at(cls, url: str) -> ObjectStore:
        """The store below ``url``; raises UnknownScheme for what names none."""
        return cls(checked_url(url))

    @property
    def lock_is_global(self) -> bool:
        """Whether the store honours conditions, as it was found when it was first written to."""
        return not probe.is_shared(self.root) or probe.honours_conditions(self.root)

    @property
    def identity(self) -> str:
        """The URL."""
        return self.root

    def path(self, key: str) -> str:
        """The URL of the object at ``key``."""
        return f"{self.root}/{key}"

    def target(self, key: str, *, binary: bool) -> FileSystemTarget:
        """Luigi's view of the object at ``key``."""
        return StorageTarget(self.path(key), format=Nop if binary else UTF8)

    def require_reachable(self) -> None:
        """Raise unless the bucket is there and may be listed."""
        probe.require_reachable(self.root)

    def require_writable(self) -> None:
        """Raise unless objects can be written, listed and removed; asked once a process."""
        probe.require_writable(self.root)

    def stat(self, key: str) -> Stat | None:
        """What tells whether the object at ``key`` has changed, or None if there is none."""
        url, known = self.path(key), request_cache()
        if url not in known.stats:
            missing = known.is_known_missing(url)
            known.stats[url] = None if missing else client_for(self.root).stat(url)
        return known.stats[url]

    def read(self, key: str) -> bytes | None:
        """The bytes at ``key``, or None if there are none."""
        return client_for(self.root).read(self.path(key))

    def load(self, key: str, parse: Callable[[bytes], _Value]) -> _Value | None:
        """What ``parse`` makes of the few bytes at ``key``; within one question it is read once."""
        url, known = self.path(key), request_cache()
        if guarded := guard.guarded(url):
            known.contents[url] = guarded.data
        elif url not in known.contents:
            missing = known.is_known_missing(url)
            known.contents[url] = (
                None if missing else client_for(self.root).read(url, SECONDS_TO_ANSWER)
            )
            if known.contents[url] is None:
                known.stats[url] = None
        data = known.contents[url]
        return None if data is None else parse(data)

    def cache_ahead(self, folder: str, names: Iterable[str], loaded: Iterable[str]) -> None:
        """Within one question: list the former in one go, and read the latter side by side.

        Of many, those are read that have changed since they were read for an earlier question.
        """
        if len(asked := list(names)) > 1:
            self._list_all(folder, asked)
        known, by_folder = request_cache(), defaultdict[str, list[str]](list)
        for key in loaded:
            if self.path(key) not in known.contents:
                by_folder[key.rpartition("/")[0]].append(key)
        for at, keys in by_folder.items():
            if len(keys) > _MANY:
                self._list_all(at, [key.rpartition("/")[2] for key in keys])
        urls = [self.path(key) for keys in by_folder.values() for key in keys]
        there = [url for url in urls if not known.is_known_missing(url)]
        # By tags that were listed before they are read: one that changes in between has another.
        tags = {url: stat.fingerprint for url in there if (stat := known.stats.get(url))}
        kept = {url: _kept[url, tag] for url, tag in tags.items() if (url, tag) in _kept}
        read = client_for(self.root).read_all([url for url in there if url not in kept])
        known.contents.update(kept | read)
        _keep({(url, tags[url]): data for url, data in read.items() if url in tags and data})

    def write(self, key: str, data: bytes) -> Stat:
        """Replace what is at ``key`` by ``data`` in one step; if it fails, what was there stays."""
        request_cache().clear()
        return client_for(self.root).write(self.path(key), data)

    def names(self, key: str, prefix: str = "") -> list[str]:
        """The names of the objects directly below ``key`` that begin so; unordered."""
        folder, known = self.path(key), request_cache()
        found = known.names(folder, prefix)
        if found is None:
            stats = client_for(self.root).list(f"{folder}/{prefix}")
            by_name = {prefix + rest: stat for rest, stat in stats.items() if "/" not in rest}
            known.stats.update({f"{folder}/{name}": stat for name, stat in by_name.items()})
            known.listed[folder, prefix] = frozenset(by_name)
            found = set(by_name)
        return [n for n in found if not n.startswith(".") and known.stats[f"{folder}/{n}"]]

    def folders(self, key: str) -> list[str]:
        """The folders below ``key``, however deep, that hold objects, by their paths from there.

        Within one question it lists for ``names`` as well, of each of them.
        """
        below = f"{key}/" if key else ""
        known, by_folder = request_cache(), defaultdict[str, set[str]](set)
        for path, stat in client_for(self.root).list(self.path(below)).items():
            folder, _, name = path.rpartition("/")
            by_folder[folder].add(name)
            known.stats[self.path(below + path)] = stat
        for folder, names in by_folder.items():
            known.listed[self.path(below + folder), ""] = frozenset(names)
        return sorted(folder for folder, names in by_folder.items() if _holds_ours(folder, names))

    def there(self, key: str, names: Sequence[str]) -> Iterator[str]:
        """Those of ``names`` that are objects directly below ``key``, by one listing."""
        found = set(self.names(key, common_start(names))) if names else set()
        return (name for name in names if name in found)

    def stats(self, key: str, names: Sequence[str]) -> dict[str, Stat]:
        """What ``stat`` says of those of ``names`` that are objects directly below ``key``."""
        with cached_requests():  # or what was listed would be asked for one by one
            self._list_all(key, names)
            stats = ((name, self.stat(f"{key}/{name}")) for name in names)
            return {name: stat for name, stat in stats if stat is not None}

    def are_as(self, key: str, expected: Mapping[str, tuple[int, str] | None]) -> bool:
        """Whether each object directly below ``key`` has the size and fingerprint ``expected``."""
        found = self.stats(key, list(expected))
        now = {name: (stat.size, stat.fingerprint) for name, stat in found.items()}
        return all(now.get(name) == then for name, then in expected.items())

    def listed(self, key: str, parse: Callable[[Iterable[str]], _Value]) -> _Value:
        """What ``parse`` makes of ``names(key)``, which within one question are listed once."""
        return parse(self.names(key))

    def by_time(self, key: str) -> Sequence[tuple[int, str]]:
        """Nothing: each service has a name and a form of its own for when an object was written."""
        return ()

    def remove(self, *keys: str) -> None:
        """Remove the objects at ``keys`` in few requests."""
        known, nothing = request_cache(), object()
        urls = [self.path(key) for key in keys]
        there = [url for url in urls if known.stats.get(url, nothing) is not None]
        client_for(self.root).remove(there)
        known.stats.update(dict.fromkeys(there))
        known.contents.update(dict.fromkeys(there))

    def remove_folder(self, key: str) -> None:
        """Nothing: a folder is no more than what the names of its objects begin with."""

    def escapes_root(self, key: str) -> bool:
        """Never: an object store has no links."""
        return False

    def sweep(self, key: str) -> None:
        """Remove the locks that killed processes left, and on this machine their staged files."""
        for folder in staging.lock_folders(self.root):
            folder.sweep(key)
        staging.machine_folder().sweep(staging.STAGED)
        if not key or key.startswith("_"):
            return  # records and failures lie there, which no lock is called after
        for name in self.names(f"{_LOCKS}/{key}"):
            lock = f"{key}/{name.removesuffix(_LOCK)}"
            with suppress(BlockingIOError), staging.hold(self.root, lock, wait=False):
                lease.remove_if_abandoned(self.path(_lock_key(lock)), home=_home(self.root))

    def is_held(self, key: str) -> bool:
        """Whether a living process holds the lock named ``key``."""
        if any(folder.is_held(key) for folder in staging.lock_folders(self.root)):
            return True
        # Most often there are none, which within one question one listing tells.
        folder, _, name = _lock_key(key).rpartition("/")
        if name not in self.names(folder):
            return False
        return lease.is_held(self.path(_lock_key(key)), home=_home(self.root))

    @contextmanager
    def lock(self, key: str, *, wait: bool = True, guards: FileKey | None = None) -> Iterator[None]:
        """Hold the lock named ``key``: this machine's, and the store's if it honours conditions."""
        with staging.hold(self.root, key, wait=wait):
            if not self._has_leases():
                yield
                return
            url = self.path(_lock_key(key))
            with lease.hold(url, wait=wait, home=_home(self.root)) as held, ExitStack() as guarding:
                if guards is not None:
                    guarding.enter_context(guard.guarding(self.path(guards), held))
                yield

    def require_guarded(self, key: FileKey) -> None:
        """Raise LockLost if the lock that guards the object at ``key`` may be another's by now."""
        guard.require(self.path(key))

    def write_guarded(self, key: FileKey, data: bytes) -> None:
        """``write``, unless another has written there since the lock that guards it was taken."""
        request_cache().clear()
        guard.write(self.path(key), data)

    def _has_leases(self) -> bool:
        if not probe.is_shared(self.root):
            return False
        self.require_writable()
        return self.lock_is_global

    def _list_all(self, key: str, names: Sequence[str]) -> None:
        for prefix in prefixes(names):
            self.names(key, prefix)


def _lock_key(key: str) -> str:
    return f"{_LOCKS}/{key}{_LOCK}"


def _home(root: str) -> str:
    """What says of a lock that it is held in this machine's folder as well, or nowhere."""
    return lease.home_of(staging.lock_folders(root)[-1].root)


def _keep(contents: Mapping[tuple[str, str], bytes]) -> None:
    _kept.update(contents)
    for oldest in [*_kept][: max(len(_kept) - _MOST_KEPT, 0)]:
        del _kept[oldest]


def _holds_ours(folder: str, names: Iterable[str]) -> bool:
    has_files = any(name[:1] not in "_." for name in names)
    return has_files and all(part[:1] not in "_." for part in folder.split("/"))
