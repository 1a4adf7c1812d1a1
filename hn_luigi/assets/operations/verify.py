"""Whether stored outputs are still the bytes that their records name."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import sleep
from typing import Final, Literal, TypeAlias

from hn_luigi.assets import window
from hn_luigi.assets.catalog.dataset import Dataset
from hn_luigi.assets.catalog.partition import Partition, data_version_of, stem
from hn_luigi.assets.catalog.record import Record, Unreadable
from hn_luigi.assets.errors import FileUnavailable
from hn_luigi.assets.operations.stored_assets import KnownAsset
from hn_luigi.assets.storage import apart_from_cached_requests
from hn_luigi.assets.window import WindowName
from hn_luigi.assets.window_length import NO_WINDOW

LATEST_COPY: Final = "latest"
SECONDS_TO_PUBLISH = 0.5
"""How long a run may take from output to record: a few flushes to disk."""
# An object store lets each read wait: 400 outputs of 100 kB at 20 ms each took 8.2 s by one thread,
# 1.4 s by 8 and 0.3 s by 32. But each thread holds a whole output, which may fill much of memory,
# and on a disk more threads than two gain nothing.
_AT_ONCE = 8
# Handing over each output alone costs a third of the whole on a disk, where hashing is quick.
_IN_A_ROW = 16


_Place: TypeAlias = tuple[Dataset, WindowName | Literal["latest"]]
"""A dataset, and which of its outputs."""


@dataclass(frozen=True)
class Problem:
    """A stored output that is not what was recorded, or can't be read."""

    asset: str
    """Folder of the asset below the root."""
    window: WindowName | Literal["latest"]
    """Name of the window, or ``latest``."""
    problem: str
    """In words."""

    @property
    def key(self) -> str:
        """What names the output in storage, without suffix."""
        name = self.window
        return f"{self.asset}/{name if name == LATEST_COPY else stem(self.asset, name)}"


@dataclass(frozen=True)
class Verification:
    """The result of a look at outputs."""

    matching: int
    """Windows whose output matches its record."""
    problems: tuple[Problem, ...]
    left_out: int = 0
    """Windows that were not looked at, since only some were to be."""

    @property
    def looked_at(self) -> int:
        """How many windows were."""
        return self.matching + sum(problem.window != LATEST_COPY for problem in self.problems)


def verify_outputs(
    assets: Sequence[KnownAsset],
    *,
    since: datetime | None = None,
    share: float = 1.0,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Verification:
    """Hash the outputs of windows of ``assets``, and their copies called latest; only looks.

    What looks wrong is looked at once more, since a run may just be publishing it.

    Args:
        assets: whose outputs, all of them unless the next two leave some out.
        since: take the windows that began in that minute, UTC, or later, and what has none.
        share: take that share of them, above 0: those whose turn it is today, see ``has_turn``.
        progress: is told how many of how many outputs are hashed.

    Raises:
        StorageError: a folder under the root can't be listed.
    """
    places, left_out = _chosen(assets, begin=window.name(since) if since else "", share=share)
    with apart_from_cached_requests():
        suspects = _suspects(places, progress)
        if suspects:
            sleep(SECONDS_TO_PUBLISH)
        again = [(dataset, name, _problem(dataset, name)) for dataset, name in suspects]
    problems = tuple(
        Problem(dataset.folder, name, problem) for dataset, name, problem in again if problem
    )
    windows = sum(name != LATEST_COPY for _, name in places)
    matching = windows - sum(p.window != LATEST_COPY for p in problems)
    return Verification(matching, problems, left_out)


def _chosen(assets: Sequence[KnownAsset], *, begin: str, share: float) -> tuple[list[_Place], int]:
    """The outputs to look at, each by its dataset and name, and how many windows are left out."""
    places: list[_Place] = []
    today, left_out = window.now(), 0
    for asset in assets:
        dataset = asset.dataset
        names = dataset.stored() | dataset.recorded()
        taken = sorted(
            name
            for name in names
            if (name >= begin or dataset.length == NO_WINDOW)
            and has_turn(f"{dataset.folder}/{name}", share, today)
        )
        left_out += len(names) - len(taken)
        places += [(dataset, name) for name in taken]
        places += [(dataset, LATEST_COPY)] if asset.keeps_latest else []
    return places, left_out


def _suspects(places: Sequence[_Place], progress: Callable[[int, int], None]) -> list[_Place]:
    """Those of ``places`` with a problem at a first look."""
    from multiprocessing.pool import ThreadPool  # only here, since few commands need it

    suspects = []
    # Its threads are daemons, unlike those of concurrent.futures, which are waited for at exit: a
    # store that doesn't answer would keep Ctrl-C from ending it.
    with ThreadPool(_AT_ONCE) as pool:
        problems_in_turn = pool.imap(lambda place: _problem(*place), places, _IN_A_ROW)
        for done, (place, problem) in enumerate(zip(places, problems_in_turn, strict=True), 1):
            if problem is not None:
                suspects.append(place)
            progress(done, len(places))
    return suspects


def has_turn(key: str, share: float, at: datetime) -> bool:
    """Whether what ``key`` names is among the ``share`` of all that is looked at on a day.

    Nothing is drawn at random: each key has a place on a circle, by its hash, along which the days
    move by ``share``. So a second look on the same day takes the same, and 1 / ``share`` days in a
    row, rounded up, take all; with random samples a twentieth a day would still leave a third
    unseen after 20 days.
    """
    if share >= 1:
        return True
    place = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) / 2**64
    return (place - at.toordinal() * share) % 1 < share


def _problem(dataset: Dataset, name: WindowName | Literal["latest"]) -> str | None:
    try:
        return (
            _latest_problem(dataset)
            if name == LATEST_COPY
            else _partition_problem(dataset.partition(name))
        )
    except FileUnavailable as error:
        return str(error)


def _partition_problem(partition: Partition) -> str | None:
    data, record = partition.read(), partition.record()
    if isinstance(record, Unreadable):
        return record.reason
    if data is None:
        return "its output is missing, though it is recorded" if record else None
    if record is None:
        return "it has no record"
    if data_version_of(data) != record.data_version:
        return "its output was modified outside hn_luigi"
    return None


def _latest_problem(dataset: Dataset) -> str | None:
    """Latest may also be what the newest window held before that was changed or removed."""
    newest = dataset.newest()
    if newest is None:
        return None
    latest = dataset.store.read(dataset.latest_key)
    if (misplaced := dataset.misplaced_latest_key) is not None:
        where = dataset.store.path(misplaced)
        return f"readers of the folder take {where} for one more window: the next run moves it"
    if latest is None:
        return "it is missing"
    now = window.name(window.now())
    recorded = [
        dataset.partition(name).record() for name in dataset.recorded() if newest <= name <= now
    ]
    versions = {record.data_version for record in recorded if isinstance(record, Record)}
    versions.add(data_version_of(dataset.partition(newest).read() or b""))
    return None if data_version_of(latest) in versions else f"it is not the output of {newest}"
