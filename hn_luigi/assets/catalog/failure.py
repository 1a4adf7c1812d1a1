"""What storage remembers of attempts at an asset that failed: one small file each.

While the root can't be written, which may well be why they failed, they are noted on this machine.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from heapq import merge
from itertools import chain

from hn_luigi.assets import window
from hn_luigi.assets.catalog import document
from hn_luigi.assets.catalog.dataset import Dataset
from hn_luigi.assets.catalog.identity import is_of
from hn_luigi.assets.catalog.record import RECORD_VERSION, Unreadable, is_timestamp, parse
from hn_luigi.assets.errors import FileUnavailable, StorageError
from hn_luigi.assets.storage import FileKey, local_notes
from hn_luigi.assets.window import Timestamp, WindowName

_NAME = re.compile(r"[^.]+\.[\dT.-]+Z-\d+\.json")  # what others put there is theirs


@dataclass(frozen=True)
class Failure:
    """One failed attempt at an asset, stored as a JSON object with these keys."""

    asset: str
    window: WindowName
    failed_at: Timestamp
    error: str
    """Kind and message, shortened to 2,000 characters."""
    attempt: int = 1
    """Which attempt of a run it was, from 1."""
    retried: bool = False
    """Whether another attempt was to follow."""
    duration: float = 0.0
    """Seconds since the run of the step began."""
    code_version: str = ""
    check: str = ""
    """Name of the check that refused the output, of several with commas; empty if none did."""
    run: str = ""
    """Id of the run that it was part of, as in records."""
    started_by: str = ""
    """Who started that run, in a few words."""
    version: int = RECORD_VERSION

    def to_json(self) -> bytes:
        """The failure as it is stored."""
        return document.write(asdict(self))


def parse_failure(data: bytes) -> Failure | Unreadable:
    """The failure in ``data``; never raises."""
    return parse(Failure, data)


@dataclass(frozen=True)
class StoredFailure:
    """A failed attempt by its place, whose name alone tells its window and when it failed.

    So that of thousands of failures only the few that are shown are read.
    """

    dataset: Dataset
    """Under the root, or among this machine's notes on it."""
    key: FileKey

    @property
    def window(self) -> WindowName:
        """Name of the window that the attempt was at."""
        return _window(self._name)

    @property
    def failed_at(self) -> Timestamp | None:
        """When it failed; None for a name of another kind."""
        date, _, clock = _failed_at(self._name).rpartition("-")[0].partition("T")
        at = f"{date}T{clock[:2]}:{clock[2:4]}:{clock[4:]}"
        return at if is_timestamp(at) else None

    def load(self) -> Failure | Unreadable | None:
        """The failure, None if it is gone. What it says of itself has to fit its place."""
        try:
            failure = self.dataset.store.load(self.key, parse_failure)
        except FileUnavailable as error:
            return Unreadable(f"it can't be read ({error})")
        if not isinstance(failure, Failure):
            return failure
        is_here = is_of(failure.asset, self.dataset.folder, self.dataset.identity)
        if is_here and self.key == _key(self.dataset, failure):
            return failure
        return Unreadable(
            f"it is that of {failure.asset}, {failure.window}, at {failure.failed_at}"
        )

    @property
    def _name(self) -> str:
        return self.key.rpartition("/")[2]


def keep(dataset: Dataset, failure: Failure) -> None:
    """Store ``failure`` beside the others, or note it on this machine; raises StorageError."""
    key = _key(dataset, failure)
    with local_notes.instead(dataset.store.root, key, failure.to_json()):
        dataset.store.write(key, failure.to_json())


def settle(dataset: Dataset) -> None:
    """Store what was noted on this machine, now that the root can be written."""
    with suppress(StorageError):
        for store in local_notes.of(dataset.store.root):
            for key in failure_keys(replace(dataset, store=store)):
                dataset.store.write(key, store.read(key) or b"")
                store.remove(key)


def failures_of(dataset: Dataset) -> Iterator[Failure]:
    """The failed attempts, latest first; those that can't be read are left out."""
    for stored in stored_failures(dataset):
        failure = stored.load()
        if isinstance(failure, Failure):
            yield failure


def stored_failures(dataset: Dataset) -> Iterator[StoredFailure]:
    """The failed attempts, under the root and noted on this machine, latest first."""
    by_place = (_stored(place, reversed(_names(place).by_time)) for place in _places(dataset))
    return merge(*by_place, key=lambda stored: _failed_at(stored.key), reverse=True)


def newest_failures(dataset: Dataset, limit: int) -> list[StoredFailure]:
    """The ``limit`` failed attempts at the newest windows, in each place that holds some."""
    by_place = (_stored(place, _names(place).by_window[-limit:]) for place in _places(dataset))
    return list(chain.from_iterable(by_place))


def failures_at(dataset: Dataset, name: WindowName) -> list[StoredFailure]:
    """The failed attempts at the window called ``name``."""
    failures: list[StoredFailure] = []
    for place in _places(dataset):
        names = _names(place).by_window
        begin, end = _span(names, name)
        failures += _stored(place, names[begin:end])
    return failures


def last_failed(
    dataset: Dataset, first: WindowName, last: WindowName
) -> dict[WindowName, Timestamp | None]:
    """When the last attempt failed at each window from ``first`` to ``last`` that one failed at.

    By names alone: none is read, however many there are. None where a name doesn't tell.
    """
    found: dict[WindowName, Timestamp | None] = {}
    for place in _places(dataset):
        names = _names(place).by_window
        begin, end = _span(names, first)[0], _span(names, last)[1]
        for failure in _stored(place, names[begin:end]):
            times = filter(None, (found.get(failure.window), failure.failed_at))
            found[failure.window] = max(times, default=None)
    return found


def last_failed_at(dataset: Dataset, name: WindowName) -> Timestamp | None:
    """When the last attempt at the window called ``name`` failed, which takes one request."""
    names = dataset.store.names(_folder(dataset), f"{name}.")
    return max(filter(None, (each.failed_at for each in _stored(dataset, names))), default=None)


def first_failed(dataset: Dataset) -> WindowName | None:
    """The oldest window that an attempt failed at, None if none did."""
    names = (_names(place).by_window[:1] for place in _places(dataset))
    return min(map(_window, chain.from_iterable(names)), default=None)


def failed_windows_beside(dataset: Dataset, name: WindowName) -> list[WindowName]:
    """The windows before and after the one called ``name`` that attempts failed at, if any."""
    windows: list[WindowName] = []
    for place in _places(dataset):
        names = _names(place).by_window
        begin, end = _span(names, name)
        windows += map(_window, [*names[max(begin - 1, 0) : begin], *names[end : end + 1]])
    return windows


def _span(names: Sequence[str], name: WindowName) -> tuple[int, int]:
    """Where in ``names``, by window, those of the window called ``name`` begin and end."""
    return bisect_left(names, f"{name}."), bisect_left(names, f"{name}/")  # "/" is next to "."


def _places(dataset: Dataset) -> list[Dataset]:
    return [
        dataset,
        *(replace(dataset, store=store) for store in local_notes.of(dataset.store.root)),
    ]


def _stored(dataset: Dataset, names: Iterable[str]) -> Iterator[StoredFailure]:
    return (StoredFailure(dataset, FileKey(f"{_folder(dataset)}/{name}")) for name in names)


def failure_keys(dataset: Dataset) -> dict[FileKey, WindowName]:
    """The windows of all failed attempts under the root, by where those are in the store."""
    return {stored.key: stored.window for stored in _stored(dataset, _names(dataset).by_window)}


def _key(dataset: Dataset, failure: Failure) -> FileKey:
    at = failure.failed_at.replace(":", "")
    return FileKey(f"{_folder(dataset)}/{failure.window}.{at}-{failure.attempt}.json")


@dataclass(frozen=True)
class _Attempts:
    """The names of failed attempts, the oldest first."""

    by_window: Sequence[str]
    by_time: Sequence[str]


def _names(dataset: Dataset) -> _Attempts:
    return dataset.store.listed(_folder(dataset), _attempts)


def _attempts(names: Iterable[str]) -> _Attempts:
    """Those of ``names`` that are a failed attempt's."""
    ours = sorted(n for n in names if _NAME.fullmatch(n) and window.is_name(_window(n)))
    return _Attempts(ours, sorted(ours, key=_failed_at))


def _window(name: str) -> WindowName:
    return WindowName(name.partition(".")[0])


def _folder(dataset: Dataset) -> str:
    return f"_failures/{dataset.folder}"


def _failed_at(key: str) -> str:
    return key.rpartition("/")[2].partition(".")[2]
