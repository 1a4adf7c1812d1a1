"""All windows of one asset as they lie in a store, and the copy called latest."""

from __future__ import annotations

import sys
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import cast

from hn_luigi.assets import window
from hn_luigi.assets.catalog import document
from hn_luigi.assets.catalog.identity import Identity
from hn_luigi.assets.catalog.partition import Partition, data_version_of, stem
from hn_luigi.assets.catalog.paths import is_table
from hn_luigi.assets.catalog.record import Record, Unreadable
from hn_luigi.assets.errors import FileUnavailable
from hn_luigi.assets.storage import (
    FileKey,
    Stat,
    Store,
    apart_from_cached_requests,
    cached_requests,
)
from hn_luigi.assets.window import WindowName
from hn_luigi.assets.window_length import ALWAYS, NO_WINDOW, WindowLength, of_minutes

KINDS = ("", "_latest/", "_records/", "_failures/")
"""What the folders of an asset begin with, the one of its outputs first."""


@dataclass(frozen=True)
class Dataset:
    """The windows of the asset in ``folder`` of ``store``; their names sort by time."""

    store: Store
    folder: str
    suffix: str
    identity: Identity | None = field(default=None, compare=False)
    """Whose output lies there, where that is known."""
    length: WindowLength = field(default=of_minutes(1), compare=False)
    """How long its windows are; others may lie there that were stored before that changed."""

    @property
    def latest_key(self) -> FileKey:
        """Where the copy of the newest window's output is, if the asset keeps one.

        Not beside the windows where these are read as one table, which would have it twice.
        """
        beside = self._latest_beside
        return FileKey(f"_latest/{beside}") if is_table(self.suffix) else beside

    @property
    def misplaced_latest_key(self) -> FileKey | None:
        """Where there still is such a copy that an older hn_luigi kept elsewhere."""
        if not is_table(self.suffix) or self.store.stat(self._latest_beside) is None:
            return None
        return self._latest_beside

    def partition(self, name: WindowName) -> Partition:
        """The place of the window called ``name``."""
        return Partition(self.store, self.folder, name, self.suffix, self.identity)

    def stored(self) -> set[WindowName]:
        """The windows whose output is stored."""
        return set(self._listed(self.folder, self.suffix))

    def recorded(self) -> set[WindowName]:
        """The windows that have a record."""
        return set(self.recorded_in_order())

    def recorded_in_order(self) -> Sequence[WindowName]:
        """The windows that have a record, oldest first."""
        return self._listed(self._records, ".json")

    def recorded_last(self, *, before: datetime | None = None) -> Iterator[WindowName]:
        """The windows whose record was written ``before`` that time, what was written last first.

        None of them in a store that doesn't tell when.
        """
        written = self.store.by_time(self._records)
        end = len(written)
        if before is not None:
            end = bisect_left(written, (int(before.replace(tzinfo=UTC).timestamp() * 10**9), ""))
        stems = (written[n][1].removesuffix(".json") for n in range(end - 1, -1, -1))
        return filter(window.is_name, stems)

    def stored_newest_first(self) -> Iterator[WindowName]:
        """The windows that have begun whose output is stored; few are looked for, if few taken."""
        return self._begun(self.folder, self.suffix)

    def newest(self) -> WindowName | None:
        """The newest window, those of the future left out, which a wrong clock may have left.

        A window whose output is gone counts while its record and a copy called latest are there.
        """
        newest = [*islice(self.stored_newest_first(), 1)]
        if self.store.stat(self.latest_key) or self.misplaced_latest_key:
            newest += islice(self._begun(self._records, ".json"), 1)
        return max(newest, default=None)

    def newest_made(self, *, before: WindowName | None = None) -> Record | None:
        """The record of the newest window, of those before another one, that is made and stored."""
        listed = None
        with cached_requests():
            for name in self.stored_newest_first():
                if before is not None and name >= before:
                    continue
                record = self.partition(name).record()
                if isinstance(record, Record):
                    return record
                if (day := window.day(name)) != listed:  # an object store lists them in one answer
                    files = [f"{other}.json" for other in window.names_on(day)]
                    self.store.cache_ahead(self._records, files, [])
                    listed = day
        return None

    def newest_record(self) -> Record | Unreadable | None:
        """The record of the newest window that has one.

        If none has, it is that of what lies there without windows, or with some where this has
        none: it may be another class's of the same name.
        """
        other = of_minutes(1) if self.length == NO_WINDOW else NO_WINDOW
        if self.length == NO_WINDOW and not self.store.names(self._records):
            return None  # most often there is nothing, which the other would look for three times
        for dataset in (self, replace(self, length=other)):
            name = next(dataset._begun(self._records, ".json"), None)
            if name is not None:
                return self.partition(name).record()
        return None

    def lacks_latest(self, partition: Partition) -> bool:
        """Whether the copy called latest is misplaced, or not the output stored in ``partition``.

        It is hashed only where size and time are not those that the record holds.
        """
        if self.misplaced_latest_key is not None:
            return True
        latest, record = self.store.stat(self.latest_key), partition.record()
        if latest is None or latest.size != (partition.stat() or latest).size:
            return True
        if isinstance(record, Record) and latest.fingerprint == record.latest_fingerprint:
            return False
        return data_version_of(self.store.read(self.latest_key) or b"") != partition.version()

    def publish_latest(self, name: WindowName) -> str | None:
        """Having made the window called ``name``, copy the newest one's output to latest.

        It only moves forward. One that an older hn_luigi left elsewhere goes once it is there.

        Returns:
            The fingerprint of the copy if it is of that window, else None.
        """
        with self.store.lock(f"{self.folder}/latest"):
            newest = max(self.newest() or name, name)
            is_there = self.store.stat(self.latest_key) is not None
            if name != newest and (is_there or self.partition(newest).stat() is None):
                return None
            copied = self._copy_to_latest(newest)
            while newer := self._stored_elsewhere_since(newest):
                newest, copied = newer, self._copy_to_latest(newer)
        return copied.fingerprint if name == newest else None

    def _stored_elsewhere_since(self, name: WindowName) -> WindowName | None:
        """A newer window than ``name``, which may come where the lock excludes not everybody."""
        if self.store.lock_is_global:
            return None
        newest = next(self.stored_newest_first(), name)
        return newest if newest > name else None

    def _copy_to_latest(self, name: WindowName) -> Stat:
        partition = self.partition(name)
        data = partition.read()
        if data is None:
            where = self.store.path(partition.output_key)
            raise FileUnavailable(f"{where} was removed before it was copied to latest: run again")
        stat = self.store.write(self.latest_key, data)
        if (misplaced := self.misplaced_latest_key) is not None:
            self.store.remove(misplaced)
        return stat

    @property
    def pruned_key(self) -> FileKey:
        """Where it is noted that old windows were removed."""
        return FileKey(f"{self._records}/_pruned.json")

    def pruned_before(self) -> WindowName | None:
        """The window before which old ones were removed, None if none ever were.

        From then on a window that is missing may be one that was there.
        """
        return self.store.load(self.pruned_key, _parse_pruned)

    def note_pruned(self, before: WindowName) -> None:
        """Note that windows before ``before`` are about to be removed."""
        if before > (self.pruned_before() or ""):
            # Of a bucket, what was listed just now is about to be asked for.
            with apart_from_cached_requests():
                self.store.write(self.pruned_key, document.write({"version": 1, "before": before}))

    def sweep(self) -> None:
        """Remove what killed processes left."""
        for kind in KINDS:
            self.store.sweep(kind + self.folder)

    @property
    def _records(self) -> str:
        return f"_records/{self.folder}"

    @property
    def _latest_beside(self) -> FileKey:
        return FileKey(f"{self.folder}/latest{self.suffix}")

    def _begun(self, folder: str, suffix: str) -> Iterator[WindowName]:
        """The windows that have begun of which a file is in ``folder``, newest first.

        Those of today and yesterday are asked for one by one: the newest most often is one,
        found at the first few of a day's 1,440 possible names (2.5 µs each), whatever the length
        of windows is and was, where to list a year of them takes a folder 40 ms and an object
        store 53 requests.
        """
        if self.length == NO_WINDOW:
            yield from self._listed(folder, suffix)
            return
        now = window.now()
        newest, days = window.name(now), [window.name(now - timedelta(days=n)) for n in range(2)]
        for day in map(window.day, days):
            names = [name for name in window.names_on(day) if name <= newest]
            files = self.store.there(folder, [name + suffix for name in reversed(names)])
            yield from (WindowName(file.removesuffix(suffix)) for file in files)
        listed = self._listed(folder, suffix)
        yield from reversed(listed[: bisect_left(listed, window.day(days[-1]))])

    def _listed(self, folder: str, suffix: str) -> Sequence[WindowName]:
        """The windows of which a file is in ``folder``, oldest first."""
        if self.length == NO_WINDOW:
            only = window.name(ALWAYS)
            key = FileKey(f"{folder}/{stem(folder, only)}{suffix}")
            return () if self.store.stat(key) is None else (only,)
        return self.store.listed(folder, _Windows(suffix))


def _parse_pruned(data: bytes) -> WindowName | None:
    """What is damaged says nothing."""
    with suppress(document.Damaged):
        before = document.read(data, newest=1).get("before")
        return before if isinstance(before, str) and window.is_name(before) else None
    return None


@dataclass(frozen=True)
class _Windows:
    """Makes names of files with ``suffix`` into the windows that they are of, oldest first."""

    suffix: str

    def __call__(self, names: Iterable[str]) -> tuple[WindowName, ...]:
        suffix = self.suffix
        stems = (name.removesuffix(suffix) for name in names if name.endswith(suffix))
        # An asset's windows are named again in its records, and by other assets.
        windows = tuple(sorted(map(sys.intern, filter(window.is_name, stems))))
        return cast(tuple[WindowName, ...], windows)
