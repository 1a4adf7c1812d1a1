"""What was seen of a server that refreshes by itself: its figures, and which promises it broke.

Pure functions of what was seen, so that a soak of minutes isn't needed to show that they can fail.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from hn_luigi.web.kept_runs import KeptRun

WINDOW = timedelta(minutes=1)
MAXIMUM_LAG = timedelta(minutes=3)
NONE = timedelta(0)


class Gone(Enum):
    """What can be away for a while."""

    API = "the API"
    SERVER = "the server"


@dataclass(frozen=True)
class Absence:
    """From when to when something was away."""

    what: Gone
    began: datetime
    ended: datetime


@dataclass(frozen=True)
class Sample:
    """The age of the newest data at a moment, None while there is none."""

    at: datetime
    lag: timedelta | None


@dataclass(frozen=True)
class Attempt:
    """A step that was made, or failed."""

    folder: str
    start: datetime
    """When its window begins."""
    run: str
    """The id of the run that it was part of."""
    at: datetime


@dataclass(frozen=True)
class News:
    """A line of a message: that a kind of trouble of an asset began, or that it is over."""

    at: datetime
    folder: str
    kind: str
    is_over: bool


@dataclass(frozen=True)
class Observed:
    """All that was seen, from the first start of the server to its last end."""

    began: datetime
    ended: datetime
    samples: Sequence[Sample] = ()
    """One a second."""
    made: Sequence[Attempt] = ()
    failed: Sequence[Attempt] = ()
    runs: Sequence[KeptRun] = ()
    absences: Sequence[Absence] = ()
    messages: int = 0
    news: Sequence[News] = ()
    left: Sequence[str] = ()
    """The processes that were left behind by a server that had ended."""

    @property
    def longest_run(self) -> timedelta:
        """How long the slowest run took that made something: it is no shorter in short windows."""
        return max((_took(run) for run in self.runs if run.state == "done"), default=NONE)

    def is_away(self, what: Gone, at: datetime) -> bool:
        return any(a.what is what and a.began <= at < a.ended for a in self.absences)

    def is_settled(self, at: datetime) -> bool:
        """Whether all had been there for a window by then, and for as long as a run takes."""
        since = at - WINDOW - self.longest_run
        away = any(a.began <= at and a.ended > since for a in self.absences)
        return not away and since >= self.began

    def times_made(self) -> Counter[tuple[str, datetime]]:
        """How often each window of each asset was made."""
        return Counter((each.folder, each.start) for each in self.made)

    def whole_windows(self) -> list[datetime]:
        """The windows during which nothing was away."""
        start = self.began - (self.began - datetime.min) % WINDOW + WINDOW
        found = []
        while start + WINDOW + self.longest_run <= self.ended:
            if not any(a.began < start + WINDOW and a.ended > start for a in self.absences):
                found.append(start)
            start += WINDOW
        return found


def figures(seen: Observed) -> list[tuple[str, str]]:
    """What to show of it, a row each."""
    answered = [s for s in seen.samples if not seen.is_away(Gone.API, s.at)]
    settled = [s for s in seen.samples if seen.is_settled(s.at)]
    states = Counter(run.state for run in seen.runs)
    wasted = [run for run in seen.runs if run.state != "done"]
    in_vain = [run for run in wasted if not _meets(seen, run)]
    made = seen.times_made()
    windows = {start for _, start in made}
    begun = sum(not each.is_over for each in seen.news)
    return [
        ("observed", f"{_minutes(seen.ended - seen.began)}, {len(seen.samples)} looks"),
        ("nothing there yet", f"{_share(seen.samples, lambda lag: lag is None)} of them"),
        ("lag", _distribution(seen.samples)),
        ("lag while all is there", _distribution(settled)),
        ("late, of all time", _share_late(seen.samples)),
        ("late while the API answered", _share_late(answered)),
        ("late while all is there", _share_late(settled)),
        ("runs started", _counted(len(seen.runs), states)),
        ("runs that took longest", f"{seen.longest_run.total_seconds():.0f} s"),
        ("tries wasted", f"{len(wasted)}, {len(in_vain)} of them while all was there"),
        ("windows made", f"{len(windows)}, {_of_whole(seen, windows)} in which nothing was away"),
        ("steps made once", f"{sum(n == 1 for n in made.values())} of {len(made)}"),
        ("alerts sent", f"{seen.messages}: {begun} begun, {len(seen.news) - begun} over"),
        ("processes left behind", str(len(seen.left))),
    ]


def broken(seen: Observed) -> list[str]:
    """Which promises were broken, a line each."""
    return [*_late(seen), *_windows(seen), *_over(seen), *_alerts(seen), *seen.left]


def _late(seen: Observed) -> Iterator[str]:
    """Never older than allowed once the API has answered for a window."""
    for sample in seen.samples:
        if seen.is_settled(sample.at) and (sample.lag is None or sample.lag > MAXIMUM_LAG):
            yield f"{sample.at:%H:%M:%S}: late, by {sample.lag}, though all was there"


def _windows(seen: Observed) -> Iterator[str]:
    """Each made once; none of those left out in which nothing was away."""
    made = seen.times_made()
    for (folder, start), times in made.items():
        if times > 1:
            yield f"{folder} of {start:%H:%M}: made {times} times"
    for folder in {folder for folder, _ in made}:
        for start in seen.whole_windows():
            if (folder, start) not in made:
                yield f"{folder} of {start:%H:%M}: not made, though all was there"


def _over(seen: Observed) -> Iterator[str]:
    """No run for a window that is over."""
    runs = {run.id: run for run in seen.runs}
    for each in [*seen.made, *seen.failed]:
        run = runs.get(each.run)
        told = f"{each.folder} of {each.start:%H:%M}"
        if run is None:
            yield f"{told}: by a run that no server has started"
        elif run.began >= each.start + WINDOW:
            yield f"{told}: tried by a run of {run.began:%H:%M:%S}"


def _alerts(seen: Observed) -> Iterator[str]:
    """One message as a trouble begins, one as it ends, and none for nothing."""
    open_since: dict[tuple[str, str], datetime] = {}
    for news in seen.news:
        trouble, told = (news.folder, news.kind), f"{news.at:%H:%M:%S}: {news.kind}: {news.folder}"
        if news.is_over != (trouble in open_since):
            yield f"{told}: told twice, that it {'is over' if news.is_over else 'has begun'}"
        if news.is_over:
            open_since.pop(trouble, None)
        else:
            open_since[trouble] = news.at
            if seen.is_settled(news.at):
                yield f"{told}: told though all was there"
    for (folder, kind), since in open_since.items():
        yield f"{since:%H:%M:%S}: {kind}: {folder}: nobody was told that it is over"


def _took(run: KeptRun) -> timedelta:
    return run.ended - run.began if run.ended else NONE


def _meets(seen: Observed, run: KeptRun) -> bool:
    """Whether something was away while the run was under way."""
    ended = run.ended or run.began + WINDOW
    return any(a.began <= ended and a.ended >= run.began for a in seen.absences)


def _distribution(samples: Sequence[Sample]) -> str:
    lags = sorted(s.lag.total_seconds() for s in samples if s.lag is not None)
    if not lags:
        return "none"
    parts = {"median": 0.5, "90 %": 0.9, "99 %": 0.99, "most": 1.0}
    told = {name: lags[math.ceil(part * len(lags)) - 1] for name, part in parts.items()}
    return ", ".join(f"{name} {seconds:.0f} s" for name, seconds in told.items())


def _share_late(samples: Sequence[Sample]) -> str:
    return _share(samples, lambda lag: lag is not None and lag > MAXIMUM_LAG)


def _share(samples: Sequence[Sample], is_so: Callable[[timedelta | None], bool]) -> str:
    return f"{sum(is_so(s.lag) for s in samples) / len(samples):.1%}" if samples else "none"


def _of_whole(seen: Observed, windows: Set[datetime]) -> str:
    whole = seen.whole_windows()
    return f"{len(windows & set(whole))} of them of the {len(whole)}"


def _counted(number: int, states: Counter[str]) -> str:
    return f"{number}: " + ", ".join(f"{n} {state}" for state, n in states.most_common())


def _minutes(length: timedelta) -> str:
    return f"{length.total_seconds() / 60:.1f} min"
