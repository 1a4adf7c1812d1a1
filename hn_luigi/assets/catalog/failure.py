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
from hn_luigi.assets.catalog.dataset import Series
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

    series: Series
    key: str
    window: str


def keep(series: Series, failure: Failure) -> None:
    """Store ``failure`` beside the others, or note it on this machine; raises StorageError."""
    key = _key(series, failure)
    try:
        series.store.write(key, failure.to_json())
    except StorageError as error:
        try:
            local_notes.write(series.store.root, key, failure.to_json())
        except StorageError:
            raise error from None


def settle(series: Series) -> None:
    """Store what was noted on this machine, now that the root can be written."""
    with suppress(StorageError):
        for store in local_notes.of(series.store.root):
            for key in failure_keys(replace(series, store=store)):
                series.store.write(key, store.read(key) or b"")
                store.remove(key)


def failures_of(series: Series) -> Iterator[Failure]:
    """The failed attempts, latest first; those that can't be read are left out."""
    for kept in by_time(series):
        failure = load(kept.series, kept.key)
        if isinstance(failure, Failure):
            yield failure


def by_time(series: Series) -> Iterator[Kept]:
    """The failed attempts, under the root and noted on this machine, latest first."""
    found = (reversed(_kept(place, _names(place).by_time)) for place in _places(series))
    return merge(*found, key=lambda kept: _failed_at(kept.key), reverse=True)


def newest(series: Series, limit: int) -> list[Kept]:
    """The ``limit`` failed attempts at the newest windows, in each place that holds some."""
    found = (_kept(place, _names(place).by_window[-limit:]) for place in _places(series))
    return list(chain.from_iterable(found))


def at(series: Series, name: str) -> list[Kept]:
    """The failed attempts at the window called ``name``."""
    found: list[Kept] = []
    for place in _places(series):
        names = _names(place).by_window
        begin, end = _span(names, name)
        found += _kept(place, names[begin:end])
    return found


def beside(series: Series, name: str) -> list[str]:
    """The windows before and after the one called ``name`` that attempts failed at, if any."""
    found: list[str] = []
    for place in _places(series):
        names = _names(place).by_window
        begin, end = _span(names, name)
        found += map(_window, [*names[max(begin - 1, 0) : begin], *names[end : end + 1]])
    return found


def _span(names: Sequence[str], name: str) -> tuple[int, int]:
    """Where in ``names``, by window, those of the window called ``name`` begin and end."""
    return bisect_left(names, f"{name}."), bisect_left(names, f"{name}/")  # "/" is next to "."


def _places(series: Series) -> list[Series]:
    return [series, *(replace(series, store=store) for store in local_notes.of(series.store.root))]


def _kept(series: Series, names: Iterable[str]) -> list[Kept]:
    return [Kept(series, f"{_folder(series)}/{name}", _window(name)) for name in names]


def load(series: Series, key: str) -> Failure | Unreadable | None:
    """The failed attempt at ``key``, None if it is gone; raises StorageError.

    What it says of itself has to fit its place.
    """
    failure = series.store.load(key, parse_failure)
    if not isinstance(failure, Failure):
        return failure
    is_here = is_of(failure.asset, series.folder, series.identity)
    if is_here and key == _key(series, failure):
        return failure
    return Unreadable(f"it is that of {failure.asset}, {failure.window}, at {failure.failed_at}")


def failure_keys(series: Series) -> dict[str, str]:
    """The windows of all failed attempts under the root, by where those are in the store."""
    return {f"{_folder(series)}/{name}": _window(name) for name in _names(series).by_window}


def failed_at(key: str) -> str | None:
    """When the attempt at ``key`` failed, by its name; None for a name of another kind."""
    date, _, clock = _failed_at(key).rpartition("-")[0].partition("T")
    at = f"{date}T{clock[:2]}:{clock[2:4]}:{clock[4:]}"
    return at if is_timestamp(at) else None


def _key(series: Series, failure: Failure) -> str:
    at = failure.failed_at.replace(":", "")
    return f"{_folder(series)}/{failure.window}.{at}-{failure.attempt}.json"


@dataclass(frozen=True)
class _Attempts:
    """The names of failed attempts, the oldest first."""

    by_window: Sequence[str]
    by_time: Sequence[str]


def _names(series: Series) -> _Attempts:
    return series.store.listed(_folder(series), _attempts)


def _attempts(names: Iterable[str]) -> _Attempts:
    """Those of ``names`` that are a failed attempt's."""
    ours = sorted(n for n in names if _NAME.fullmatch(n) and window.is_name(_window(n)))
    return _Attempts(ours, sorted(ours, key=_failed_at))


def _window(name: str) -> str:
    return name.partition(".")[0]


def _folder(series: Series) -> str:
    return f"_failures/{series.folder}"


def _failed_at(key: str) -> str:
    return key.rpartition("/")[2].partition(".")[2]
