"""One window of one asset as it lies in a store: output, record, lock, and the latest copy."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from hn_luigi.assets import window
from hn_luigi.assets.errors import StorageError
from hn_luigi.assets.provenance import Record, Unreadable, parse_record
from hn_luigi.assets.storage import Folder, Stat


@dataclass(frozen=True)
class Slot:
    """The place of the window called ``window`` of the asset in ``folder`` of ``store``."""

    store: Folder
    folder: str
    window: str
    suffix: str

    @property
    def key(self) -> str:
        """What names it in the store, without suffix."""
        return f"{self.folder}/{self.window}"

    @property
    def output_key(self) -> str:
        """Where its output is."""
        return self.key + self.suffix

    @property
    def latest_key(self) -> str:
        """Where the copy of the newest window's output is, if the asset keeps one."""
        return f"{self.folder}/latest{self.suffix}"

    @property
    def record_key(self) -> str:
        """Where its record is."""
        return f"_records/{self.key}.json"

    def stat(self) -> Stat | None:
        """What tells whether the output has changed, None if there is none."""
        return self.store.stat(self.output_key)

    def read(self) -> bytes | None:
        """The output's bytes, None if there is none."""
        return self.store.read(self.output_key)

    def record(self) -> Record | Unreadable | None:
        """The record of its materialization, None if there is none."""
        stat = self.store.stat(self.record_key)
        return None if stat is None else _read_record(self.store, self.record_key, stat)

    def write_record(self, record: Record) -> None:
        """Commit a materialization."""
        self.store.write(self.record_key, record.to_json())

    def windows(self) -> set[str]:
        """Names of all windows of this asset whose output is stored; they sort by time."""
        return _windows(self.store.names(self.folder), self.suffix)

    def lacks_latest(self) -> bool:
        """Whether it is the newest window, and the latest copy is missing or of another size."""
        own, latest = self.stat(), self.store.stat(self.latest_key)
        if own is None or (latest is not None and latest.size == own.size):
            return False
        return self.window == max(self._begun(self.windows()))

    def publish_latest(self) -> None:
        """Copy the newest window's output to latest, which only moves forward.

        A window whose output is gone still counts as made while its record is there.
        """
        with self.store.lock(f"{self.folder}/latest"):
            windows = self._begun(self.windows())
            recorded = _windows(self.store.names(f"_records/{self.folder}"), ".json")
            newest = max(windows | self._begun(recorded))
            if self.window != newest and self.store.stat(self.latest_key):
                return
            data = self.store.read(f"{self.folder}/{max(windows)}{self.suffix}")
            if data is not None:
                self.store.write(self.latest_key, data)

    def _begun(self, windows: set[str]) -> set[str]:
        """Without those in the future, which a clock that was wrong once may have left."""
        now = window.name(window.now())
        return {name for name in windows if name <= now} | {self.window}

    def sweep(self) -> None:
        """Remove what killed processes left of this asset's windows."""
        self.store.sweep(self.folder)
        self.store.sweep(f"_records/{self.folder}")


def digest(data: bytes) -> str:
    """The data version of ``data``: its SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


@lru_cache(maxsize=10_000)
def _read_record(store: Folder, key: str, _stat: Stat) -> Record | Unreadable | None:
    """Reading is cached by what ``stat`` says; a verdict never is."""
    try:
        data = store.read(key)
    except StorageError as error:
        return Unreadable(f"its record is unreadable ({error})")
    return None if data is None else parse_record(data)


def _windows(names: list[str], suffix: str) -> set[str]:
    """The windows that files of these names and that suffix are of; other files are not ours."""
    found = {name.removesuffix(suffix) for name in names if name.endswith(suffix)}
    return {name for name in found if window.is_name(name)}
