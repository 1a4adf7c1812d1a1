"""What storage remembers of attempts at an asset that failed: one small file each.

While the root can't be written, which may well be why they failed, they are noted on this machine.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from heapq import merge
from itertools import chain

from hn_luigi.assets import window
from hn_luigi.assets.catalog.dataset import Dataset
from hn_luigi.assets.catalog.identity import is_of
from hn_luigi.assets.catalog.record import RECORD_VERSION, Unreadable, is_timestamp, parse, to_json
from hn_luigi.assets.errors import StorageError
from hn_luigi.assets.storage import local_notes

_NAME = re.compile(r"[^.]+\.[\dT.-]+Z-\d+\.json")  # what others put there is theirs


@dataclass(frozen=True)
class Failure:
    """One failed attempt at an asset, stored as a JSON object with these keys."""

    asset: str
    window: str
    failed_at: str
    error: str
    """Kind and message, shortened to 2,000 characters."""
    attempt: int = 1
    """Which attempt of a run it was, from 1."""
    retried: bool = False
    """Whether another attempt was to follow."""
    duration: float = 0.0
    """Seconds since the run of the step began."""
    code_version: str = ""
    version: int = RECORD_VERSION

    def to_json(self) -> bytes:
        """The failure as it is stored."""
        return to_json(self)


def parse_failure(data: bytes) -> Failure | Unreadable:
    """The failure in ``data``; never raises."""
    return parse(Failure, data)


@dataclass(frozen=True)
class Kept:
    """Where a failed attempt at a window is kept."""

    dataset: Dataset
    key: str
    window: str


def keep(dataset: Dataset, failure: Failure) -> None:
    """Store ``failure`` beside the others, or note it on this machine; raises StorageError."""
    key = _key(dataset, failure)
    try:
        dataset.store.write(key, failure.to_json())
    except StorageError as error:
        try:
            local_notes.write(dataset.store.root, key, failure.to_json())
        except StorageError:
            raise error from None


def settle(dataset: Dataset) -> None:
    """Store what was noted on this machine, now that the root can be written."""
    with suppress(StorageError):
        for store in local_notes.of(dataset.store.root):
            for key in failure_keys(replace(dataset, store=store)):
                dataset.store.write(key, store.read(key) or b"")
                store.remove(key)


def failures_of(dataset: Dataset) -> Iterator[Failure]:
    """The failed attempts, latest first; those that can't be read are left out."""
    for kept in by_time(dataset):
        failure = load(kept.dataset, kept.key)
        if isinstance(failure, Failure):
            yield failure


def by_time(dataset: Dataset) -> Iterator[Kept]:
    """The failed attempts, under the root and noted on this machine, latest first."""
    found = (reversed(_kept(place, _names(place).by_time)) for place in _places(dataset))
    return merge(*found, key=lambda kept: _failed_at(kept.key), reverse=True)


def newest(dataset: Dataset, limit: int) -> list[Kept]:
    """The ``limit`` failed attempts at the newest windows, in each place that holds some."""
    found = (_kept(place, _names(place).by_window[-limit:]) for place in _places(dataset))
    return list(chain.from_iterable(found))


def at(dataset: Dataset, name: str) -> list[Kept]:
    """The failed attempts at the window called ``name``."""
    found: list[Kept] = []
    for place in _places(dataset):
        names = _names(place).by_window
        begin, end = _span(names, name)
        found += _kept(place, names[begin:end])
    return found


def failed_windows_beside(dataset: Dataset, name: str) -> list[str]:
    """The windows before and after the one called ``name`` that attempts failed at, if any."""
    found: list[str] = []
    for place in _places(dataset):
        names = _names(place).by_window
        begin, end = _span(names, name)
        found += map(_window, [*names[max(begin - 1, 0) : begin], *names[end : end + 1]])
    return found


def _span(names: Sequence[str], name: str) -> tuple[int, int]:
    """Where in ``names``, by window, those of the window called ``name`` begin and end."""
    return bisect_left(names, f"{name}."), bisect_left(names, f"{name}/")  # "/" is next to "."


def _places(dataset: Dataset) -> list[Dataset]:
    return [
        dataset,
        *(replace(dataset, store=store) for store in local_notes.of(dataset.store.root)),
    ]


def _kept(dataset: Dataset, names: Iterable[str]) -> list[Kept]:
    return [Kept(dataset, f"{_folder(dataset)}/{name}", _window(name)) for name in names]


def load(dataset: Dataset, key: str) -> Failure | Unreadable | None:
    """The failed attempt at ``key``, None if it is gone; raises StorageError.

    What it says of itself has to fit its place.
    """
    failure = dataset.store.load(key, parse_failure)
    if not isinstance(failure, Failure):
        return failure
    is_here = is_of(failure.asset, dataset.folder, dataset.identity)
    if is_here and key == _key(dataset, failure):
        return failure
    return Unreadable(f"it is that of {failure.asset}, {failure.window}, at {failure.failed_at}")


def failure_keys(dataset: Dataset) -> dict[str, str]:
    """The windows of all failed attempts under the root, by where those are in the store."""
    return {f"{_folder(dataset)}/{name}": _window(name) for name in _names(dataset).by_window}


def failed_at(key: str) -> str | None:
    """When the attempt at ``key`` failed, by its name; None for a name of another kind."""
    date, _, clock = _failed_at(key).rpartition("-")[0].partition("T")
    at = f"{date}T{clock[:2]}:{clock[2:4]}:{clock[4:]}"
    return at if is_timestamp(at) else None


def _key(dataset: Dataset, failure: Failure) -> str:
    at = failure.failed_at.replace(":", "")
    return f"{_folder(dataset)}/{failure.window}.{at}-{failure.attempt}.json"


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


def _window(name: str) -> str:
    return name.partition(".")[0]


def _folder(dataset: Dataset) -> str:
    return f"_failures/{dataset.folder}"


def _failed_at(key: str) -> str:
    return key.rpartition("/")[2].partition(".")[2]
