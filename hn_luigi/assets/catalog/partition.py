"""One window of one asset as it lies in a store: its output, and the record of its making."""

from __future__ import annotations

import hashlib
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from hn_luigi.assets import window
from hn_luigi.assets.catalog.identity import Identity, is_of
from hn_luigi.assets.catalog.record import DataVersion, Key, Record, Unreadable, parse_record
from hn_luigi.assets.errors import FileUnavailable
from hn_luigi.assets.storage import FileKey, Stat, Store
from hn_luigi.assets.window import WindowName
from hn_luigi.assets.window_length import ALWAYS


@dataclass(frozen=True)
class Partition:
    """The place of the window called ``window`` of the asset in ``folder`` of ``store``."""

    store: Store
    folder: str
    window: WindowName
    suffix: str
    identity: Identity | None = field(default=None, compare=False)
    """Whose place it is, where that is known."""

    @property
    def key(self) -> Key:
        """What names it in the store, without suffix."""
        return key_of_window(self.folder, self.window)

    @property
    def output_key(self) -> FileKey:
        """Where its output is."""
        return FileKey(self.key + self.suffix)

    @property
    def record_key(self) -> FileKey:
        """Where its record is."""
        return FileKey(f"_records/{self.key}.json")

    def stat(self) -> Stat | None:
        """What tells whether the output has changed, None if there is none."""
        return self.store.stat(self.output_key)

    def read(self) -> bytes | None:
        """The output's bytes, None if there is none."""
        return self.store.read(self.output_key)

    def version(self) -> DataVersion | None:
        """The data version of the output, None if there is none.

        It is hashed only where size and time are not those that its record holds.
        """
        stat, record = self.stat(), self.record()
        if stat is None:
            return None
        if isinstance(record, Record) and _is_as_recorded(stat, record):
            return record.data_version
        return data_version_of(self.read() or b"")

    def version_by_size(self) -> DataVersion | None:
        """``version``, but that an output of the recorded size is taken for the recorded one.

        In a root that was copied each output has another time than is recorded: to look at the
        windows of a page, as many would be hashed again and again.
        """
        stat, record = self.stat(), self.record()
        if stat is not None and isinstance(record, Record) and stat.size == record.size:
            return record.data_version
        return self.version()

    def version_of_bytes(self) -> DataVersion | None:
        """The data version of the output by its bytes, whatever its record says."""
        data = self.read()
        return None if data is None else data_version_of(data)

    def record(self) -> Record | Unreadable | None:
        """The record of its materialization, None if there is none.

        What a record says of itself has to fit the place: one that was copied here from another
        window is unreadable.
        """
        try:
            record = self.store.load(self.record_key, parse_record)
        except FileUnavailable as error:
            return Unreadable(f"its record is unreadable ({error})")
        return self._placed(record) if isinstance(record, Record) else record

    def lock(self, *, wait: bool = True) -> AbstractContextManager[None]:
        """Hold its lock; raises BlockingIOError if busy and not to ``wait``."""
        return self.store.lock(self.key, wait=wait, guards=self.record_key)

    def require_lock(self) -> None:
        """Raise LockLost if another process may hold the lock by now."""
        self.store.require_guarded(self.record_key)

    def write_record(self, record: Record) -> None:
        """Commit a materialization, under its lock; raises LockLost."""
        self.store.write_guarded(self.record_key, record.to_json())

    def _placed(self, record: Record) -> Record | Unreadable:
        identity = self.identity
        objection = identity and identity.objection_to(record)
        is_here = is_of(record.asset, self.folder, identity, record.parameters)
        if record.window == self.window and objection and (is_here or not objection.of_other_class):
            return objection
        if record.window != self.window or not is_here:
            of = f"{record.asset}, {record.window}"
            return Unreadable(f"its record is unreadable (it is that of {of})")
        return record


def key_of_window(folder: str, name: WindowName) -> Key:
    """What names the window called ``name`` of the asset in ``folder``, in whatever store."""
    return Key(f"{folder}/{stem(folder, name)}")


def stem(folder: str, name: WindowName) -> str:
    """What the file of the window called ``name`` is called: as it, or as its asset without one."""
    return folder.rpartition("/")[2] if name == window.name(ALWAYS) else name


def data_version_of(data: bytes) -> DataVersion:
    """The data version of ``data``: its SHA-256 in hex."""
    return DataVersion(hashlib.sha256(data).hexdigest())


def _is_as_recorded(stat: Stat, record: Record) -> bool:
    return (stat.size, stat.fingerprint) == (record.size, record.fingerprint)
