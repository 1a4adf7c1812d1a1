"""What storage remembers of attempts at an asset that failed: one small file each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from hn_luigi.assets import window
from hn_luigi.assets.identity import is_of
from hn_luigi.assets.records import RECORD_VERSION, Unreadable, is_timestamp, parse, to_json
from hn_luigi.assets.series import Series

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


def keep(series: Series, failure: Failure) -> None:
    """Store ``failure`` beside the others."""
    series.store.write(_key(series, failure), failure.to_json())


def failures_of(series: Series) -> Iterator[Failure]:
    """The failed attempts, latest first; those that can't be read are left out."""
    for key in keys_by_time(series):
        failure = load(series, key)
        if isinstance(failure, Failure):
            yield failure


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


def keys_by_time(series: Series) -> Iterator[str]:
    """Where the failed attempts are in the store, latest first."""
    names = series.store.listed(_folder(series), _attempts).by_time
    return (f"{_folder(series)}/{name}" for name in reversed(names))


def newest_keys(series: Series, limit: int) -> dict[str, str]:
    """The windows of the ``limit`` failed attempts at the newest ones, by where they are."""
    names = series.store.listed(_folder(series), _attempts).by_window
    return {f"{_folder(series)}/{name}": _window(name) for name in names[-limit:]}


def failure_keys(series: Series) -> dict[str, str]:
    """The windows of all failed attempts, by where those are in the store."""
    names = series.store.listed(_folder(series), _attempts).by_window
    return {f"{_folder(series)}/{name}": _window(name) for name in names}


def window_of(key: str) -> str:
    """The window that the failed attempt at ``key`` was at."""
    return _window(key.rpartition("/")[2])


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
