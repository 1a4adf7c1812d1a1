"""All windows of one asset as they lie in a store, and the copy called latest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from hn_luigi.assets import window
from hn_luigi.assets.errors import StorageError
from hn_luigi.assets.identity import Identity
from hn_luigi.assets.records import Record, Unreadable
from hn_luigi.assets.slot import Slot, digest
from hn_luigi.assets.storage import Stat, Store


@dataclass(frozen=True)
class Series:
    """The windows of the asset in ``folder`` of ``store``; their names sort by time."""

    store: Store
    folder: str
    suffix: str
    identity: Identity | None = field(default=None, compare=False)
    """Whose output lies there, where that is known."""

    @property
    def latest_key(self) -> str:
        """Where the copy of the newest window's output is, if the asset keeps one."""
        return f"{self.folder}/latest{self.suffix}"

    def slot(self, name: str) -> Slot:
        """The place of the window called ``name``."""
        return Slot(self.store, self.folder, name, self.suffix, self.identity)

    def stored(self) -> set[str]:
        """The windows whose output is stored."""
        return set(filter(window.is_name, self._stored()))

    def recorded(self) -> set[str]:
        """The windows that have a record."""
        return set(filter(window.is_name, self._recorded()))

    def newest(self) -> str | None:
        """The newest window, those of the future left out, which a wrong clock may have left.

        A window whose output is gone counts while its record and a copy called latest are there.
        """
        copied = self.store.stat(self.latest_key) is not None

        def stems(prefix: str) -> set[str]:
            return self._stored(prefix) | (self._recorded(prefix) if copied else set())

        return next(_newest_first(stems), None)

    def newest_made(self) -> Record | None:
        """The record of the newest window that was made and is stored."""

        def stems(prefix: str) -> set[str]:
            stored = self._stored(prefix)
            return stored and stored & self._recorded(prefix)

        for name in _newest_first(stems):
            record = self.slot(name).record()
            if isinstance(record, Record):
                return record
        return None

    def newest_record(self) -> Record | Unreadable | None:
        """The record of the newest window that has one."""
        name = next(_newest_first(self._recorded), None)
        return None if name is None else self.slot(name).record()

    def lacks_latest(self, slot: Slot) -> bool:
        """Whether the copy called latest is not ``slot``'s output, which is stored.

        It is hashed only where size and time are not those that the record holds.
        """
        latest, record = self.store.stat(self.latest_key), slot.record()
        if latest is None or latest.size != (slot.stat() or latest).size:
            return True
        if isinstance(record, Record) and latest.fingerprint == record.latest_fingerprint:
            return False
        return digest(self.store.read(self.latest_key) or b"") != slot.version()

    def publish_latest(self, name: str) -> str | None:
        """Having made the window called ``name``, copy the newest one's output to latest.

        It only moves forward.

        Returns:
            The fingerprint of the copy if it is of that window, else None.
        """
        with self.store.lock(f"{self.folder}/latest"):
            newest = max(self.newest() or name, name)
            if name != newest and self.store.stat(self.latest_key) is not None:
                return None
            copied = self._copy_to_latest(newest)
            while newer := self._stored_elsewhere_since(newest):
                newest, copied = newer, self._copy_to_latest(newer)
        return copied.fingerprint if name == newest else None

    def _stored_elsewhere_since(self, name: str) -> str | None:
        """A newer window than ``name``, which may come where the lock excludes not everybody."""
        if self.store.excludes_everybody:
            return None
        newest = next(_newest_first(self._stored), name)
        return newest if newest > name else None

    def _copy_to_latest(self, name: str) -> Stat:
        slot = self.slot(name)
        data = slot.read()
        if data is None:
            where = self.store.path(slot.output_key)
            raise StorageError(f"{where} went while it was to be copied to latest: run again")
        return self.store.write(self.latest_key, data)

    def sweep(self) -> None:
        """Remove what killed processes left."""
        for kind in ("", "_records/", "_failures/"):
            self.store.sweep(kind + self.folder)

    def _stored(self, prefix: str = "") -> set[str]:
        return _stems(self.store.names(self.folder, prefix), self.suffix)

    def _recorded(self, prefix: str = "") -> set[str]:
        return _stems(self.store.names(f"_records/{self.folder}", prefix), ".json")


def _stems(names: Iterable[str], suffix: str) -> set[str]:
    """``names`` without that suffix: windows, and whatever else lies there."""
    return {name.removesuffix(suffix) for name in names if name.endswith(suffix)}


def _newest_first(stems: Callable[[str], set[str]]) -> Iterator[str]:
    """The windows that have begun among those that ``stems`` gives for the prefix of a name.

    It is first asked for those of today: the newest most often is one, and a store may have to
    list years otherwise.
    """
    now = window.name(window.now())
    today = window.day(now)
    for prefix in (today, ""):
        begun = (stem for stem in stems(prefix) if stem <= now)
        left = (stem for stem in begun if prefix or not stem.startswith(today))
        yield from filter(window.is_name, sorted(left, reverse=True))
