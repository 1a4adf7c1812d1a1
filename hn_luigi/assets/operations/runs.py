"""The runs that made assets, put together from records and failed attempts.

Luigi (3.8.1) keeps no list of its runs, and has no hook for their begin. A record is of the last
making of its window: what is made again passes from one run to another.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import dropwhile, groupby, islice

from hn_luigi.assets import window
from hn_luigi.assets.catalog.dataset import Dataset
from hn_luigi.assets.catalog.failure import Failure, StoredFailure, stored_failures
from hn_luigi.assets.catalog.partition import Partition
from hn_luigi.assets.catalog.record import Record
from hn_luigi.assets.storage import cached_requests
from hn_luigi.assets.window import Timestamp, WindowName

_LONGEST = timedelta(hours=1)
"""How long after its begin a run is looked for that began just before a time."""


@dataclass(frozen=True)
class StepOfRun:
    """What one run did about one window of one asset."""

    dataset: Dataset
    window: WindowName
    made: Record | None
    """None where it failed, or what it made was made again since by another run."""
    failures: Sequence[Failure]
    """Its failed attempts, the oldest first."""
    is_made_since: bool = False
    """Whether another run has made it after the last of them."""

    @property
    def failed(self) -> bool:
        """Whether it gave up."""
        if self.made or not self.failures:
            return False
        return not (self.failures[-1].retried and self.is_made_since)

    @property
    def began(self) -> datetime:
        """When it began."""
        return min(begin for begin, _ in self._times())

    @property
    def ended(self) -> datetime:
        """When it ended."""
        return max(end for _, end in self._times())

    def _times(self) -> Iterator[tuple[datetime, datetime]]:
        events: list[Record | Failure] = [*self.failures, *filter(None, [self.made])]
        for found in events:
            at = found.created_at if isinstance(found, Record) else found.failed_at
            end = window.moment(at)
            yield end - timedelta(seconds=found.duration), end


@dataclass(frozen=True)
class RecordedRun:
    """A run, as far as storage tells of it."""

    id: str
    started_by: str
    steps: Sequence[StepOfRun]
    """In the order of their begins; at least one."""

    @property
    def began(self) -> datetime:
        """When the first step began."""
        return self.steps[0].began

    @property
    def ended(self) -> datetime:
        """When the last step ended."""
        return max(step.ended for step in self.steps)

    @property
    def failed(self) -> bool:
        """Whether a step gave up."""
        return any(step.failed for step in self.steps)


@dataclass(frozen=True)
class RecordedRuns:
    """Some of the runs that storage tells of."""

    runs: Sequence[RecordedRun]
    """The newest first."""
    has_older: bool
    """Whether there is more than was looked at."""
    has_unnamed: bool
    """Whether something is from before records told of runs."""


def recorded_runs(
    datasets: Iterable[Dataset], *, limit: int, before: datetime | None = None
) -> RecordedRuns:
    """The runs that made ``datasets`` last, or tried to, all of which began ``before`` that time.

    Of each dataset no more is read than the ``limit`` newest windows, the ``limit`` records that
    were written last, in which a backfill of old windows shows, and as many failed attempts; and
    of the hour after that time as much again, for what a run that began before it did then.
    """
    read = _Steps(before)
    with cached_requests():
        for dataset in datasets:
            read.add(dataset, limit)
    runs = [
        RecordedRun(run, read.started_by[run], sorted(steps, key=lambda step: step.began))
        for run, steps in read.by_run().items()
    ]
    runs = [run for run in runs if before is None or run.began < before]
    runs.sort(key=lambda run: (run.began, run.id), reverse=True)
    return RecordedRuns(runs, read.has_older, read.has_unnamed)


class _Steps:
    """What was read, by run."""

    def __init__(self, before: datetime | None) -> None:
        self.started_by: dict[str, str] = {}
        self.has_older = self.has_unnamed = False
        self._before = before
        self._until = None if before is None else before + _LONGEST
        self._found: dict[tuple[str, Dataset, WindowName], list[Record | Failure]] = {}
        self._made_at: dict[tuple[Dataset, WindowName], Timestamp] = {}

    def add(self, dataset: Dataset, limit: int) -> None:
        """Read the newest of ``dataset``."""
        failures = [*self._failed(dataset, limit)]
        names = [*self._recorded(dataset, limit), *(failure.window for failure in failures)]
        partitions = [dataset.partition(name) for name in dict.fromkeys(names)]
        here = [failure.key for failure in failures if failure.dataset == dataset]
        dataset.store.cache_ahead(dataset.folder, [], [*(p.record_key for p in partitions), *here])
        sources: list[Partition | StoredFailure] = [*partitions, *failures]
        for source in sources:
            found = source.record() if isinstance(source, Partition) else source.load()
            if isinstance(found, Record):
                self._made_at[dataset, found.window] = found.created_at
                self._note(dataset, found)
            elif isinstance(found, Failure):
                self._note(dataset, found)

    def _note(self, dataset: Dataset, found: Record | Failure) -> None:
        if not found.run:
            self.has_unnamed = True
            return
        self.started_by.setdefault(found.run, found.started_by)
        self._found.setdefault((found.run, dataset, found.window), []).append(found)

    def _recorded(self, dataset: Dataset, limit: int) -> list[WindowName]:
        names = dataset.recorded_in_order()
        if self._before is not None:
            # The window that is open at that time may have been made before it.
            limit += 1
            names = names[: bisect_right(names, window.name(self._before))]
        written = list(islice(dataset.recorded_last(before=self._before), limit + 1))
        self.has_older |= len(names) > limit or len(written) > limit
        after = islice(dataset.recorded_last(before=self._until), limit) if self._until else ()
        return [*names[-limit:], *written[:limit], *after]

    def _failed(self, dataset: Dataset, limit: int) -> Iterator[StoredFailure]:
        def is_from(at: datetime | None, failure: StoredFailure) -> bool:
            return at is not None and (failure.failed_at or "") >= window.timestamp(at)

        listed = dropwhile(partial(is_from, self._until), stored_failures(dataset))
        for is_after, failures in groupby(listed, key=partial(is_from, self._before)):
            found = list(islice(failures, limit + 1))
            self.has_older |= len(found) > limit and not is_after
            yield from found[:limit]

    def by_run(self) -> dict[str, list[StepOfRun]]:
        """The steps of each run."""
        steps = defaultdict[str, list[StepOfRun]](list)
        for (run, dataset, name), found in self._found.items():
            failures = [each for each in found if isinstance(each, Failure)]
            failures.sort(key=lambda failure: (failure.failed_at, failure.attempt))
            made = next((each for each in found if isinstance(each, Record)), None)
            made_at = self._made_at.get((dataset, name), "")
            since = bool(failures) and made_at > failures[-1].failed_at
            steps[run].append(StepOfRun(dataset, name, made, failures, since))
        return steps
