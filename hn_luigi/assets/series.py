"""All windows of one asset as they lie in a store, and the copy called latest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hn_luigi.assets import window
from hn_luigi.assets.records import Record
from hn_luigi.assets.slot import Slot, digest
from hn_luigi.assets.storage import Folder


@dataclass(frozen=True)
class Series:
    """The windows of the asset in ``folder`` of ``store``; their names sort by time."""

    store: Folder
    folder: str
    suffix: str

    @property
    def latest_key(self) -> str:
        """Where the copy of the newest window's output is, if the asset keeps one."""
        return f"{self.folder}/latest{self.suffix}"

    def slot(self, name: str) -> Slot:
        """The place of the window called ``name``."""
        return Slot(self.store, self.folder, name, self.suffix)

    def stored(self) -> set[str]:
        """The windows whose output is stored."""
        return set(filter(window.is_name, self._stems_stored()))

    def recorded(self) -> set[str]:
        """The windows that have a record."""
        return set(filter(window.is_name, self._stems_recorded()))

    def newest(self) -> str | None:
        """The newest window, those of the future left out, which a wrong clock may have left.

        A window whose output is gone counts while its record and a copy called latest are there.
        """
        copied = self.store.stat(self.latest_key) is not None
        stems = self._stems_stored() | (self._stems_recorded() if copied else set())
        return next(_newest_first(stems), None)

    def newest_made(self) -> Record | None:
        """The record of the newest window that was made and is stored."""
        for name in _newest_first(self._stems_stored() & self._stems_recorded()):
            record = self.slot(name).record()
            if isinstance(record, Record):
                return record
        return None

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
            copied = self.store.write(self.latest_key, self.slot(newest).read() or b"")
        return copied.fingerprint if name == newest else None

    def sweep(self) -> None:
        """Remove what killed processes left."""
        for kind in ("", "_records/", "_failures/"):
            self.store.sweep(kind + self.folder)

    def _stems_stored(self) -> set[str]:
        return _stems(self.store.names(self.folder), self.suffix)

    def _stems_recorded(self) -> set[str]:
        return _stems(self.store.names(f"_records/{self.folder}"), ".json")


def _stems(names: Iterable[str], suffix: str) -> set[str]:
    """``names`` without that suffix: windows, and whatever else lies there."""
    return {name.removesuffix(suffix) for name in names if name.endswith(suffix)}


def _newest_first(stems: Iterable[str]) -> Iterator[str]:
    """The windows among ``stems`` that have begun; no more is parsed than is taken."""
    now = window.name(window.now())
    begun = sorted((stem for stem in stems if stem <= now), reverse=True)
    return filter(window.is_name, begun)
