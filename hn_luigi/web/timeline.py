"""When runs were under way, as numbers that a template makes SVG of: per cent of the width.

Per cent and no view box, so that text and strokes keep their size at every width.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hn_luigi import formatting
from hn_luigi.assets.operations import NO_WINDOW, StepOfRun
from hn_luigi.web.run_views import RunView
from hn_luigi.web.verdict import Tone

_MOST_LANES = 6
_MOST_TICKS = 6
_MOST_TO_THE_SECOND = 4
"""More would touch on a phone."""
_MINUTE = 60
_STEPS = (
    *(1, 2, 5, 10, 15, 30),
    *(_MINUTE * minutes for minutes in (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440)),
)
"""Seconds from one tick to the next; days come in multiples."""
_OTHERS = "others"


@dataclass(frozen=True)
class Bar:
    """One run."""

    run: RunView
    begin: float
    width: float
    label: str
    """It in words."""


@dataclass(frozen=True)
class Lane:
    """The runs that the same started."""

    started_by: str
    bars: Sequence[Bar]


@dataclass(frozen=True)
class Tick:
    """A time on the axis."""

    place: float
    clock: str
    date: str
    """Month and day; empty where they are those of the tick before."""

    @property
    def anchor(self) -> str:
        """Which end of its text is there, as SVG has it."""
        return "start" if self.place < 6 else "end" if self.place > 94 else "middle"


@dataclass(frozen=True)
class Timeline:
    """Runs from one time to another."""

    lanes: Sequence[Lane]
    ticks: Sequence[Tick]


def timeline(runs: Sequence[RunView], until: datetime) -> Timeline:
    """``runs``, at least one, up to ``until`` at the right; a lane for each who starts some."""
    axis = _Axis(min(run.began for run in runs), until)
    counts = Counter(run.started_by for run in runs)
    named = [name for name, _ in counts.most_common(_MOST_LANES)]
    if len(counts) > _MOST_LANES:
        named[-1] = _OTHERS
    bars: dict[str, list[Bar]] = {name: [] for name in named}
    for run in reversed(runs):  # the newest is drawn last, above what it overlaps
        by = run.started_by if run.started_by in bars else _OTHERS
        bars[by].append(_bar(run, axis))
    return Timeline([Lane(*lane) for lane in bars.items()], list(_ticks(axis)))


@dataclass(frozen=True)
class Span:
    """What a run did about one window of an asset, in the time that the run took."""

    step: StepOfRun
    begin: float
    width: float
    tone: Tone
    said: str
    """How it ended."""
    error: str
    """What it failed with last, also if a later attempt made it; empty if it didn't."""

    @property
    def window(self) -> str:
        """Its window, empty if it has none."""
        length = self.step.dataset.length
        return "" if length == NO_WINDOW else formatting.window_name(self.step.window, length)


def spans(run: RunView) -> list[Span]:
    """What ``run`` did, the first first."""
    ends = [step.ended for step in run.steps]
    axis = _Axis(
        min([run.began, *(step.began for step in run.steps)]), max(ends, default=run.began)
    )
    return [_span(step, axis) for step in run.steps]


def _span(step: StepOfRun, axis: _Axis) -> Span:
    begin, end = axis.place(step.began), axis.place(step.ended)
    error = step.failures[-1].error if step.failures else ""
    tries = formatting.counted(len(step.failures), "failed attempt")
    tone: Tone = "bad"
    if step.made:
        said, tone = "made", "good"
        if step.failures:
            said, tone = f"made, after {tries}", "warn"
    elif step.failed:
        said = "failed" if len(step.failures) == 1 else tries
    else:
        said, tone = f"{tries}; made since", "soft"
    return Span(step, begin, _width(begin, end), tone, said, error)


@dataclass(frozen=True)
class _Axis:
    begin: datetime
    end: datetime

    @property
    def span(self) -> timedelta:
        return max(self.end - self.begin, timedelta(milliseconds=1))

    def place(self, moment: datetime) -> float:
        """Where ``moment`` is, in per cent."""
        return round(min(max(100 * ((moment - self.begin) / self.span), 0.0), 100.0), 2)


def _bar(run: RunView, axis: _Axis) -> Bar:
    begin = axis.place(run.began)
    seconds = run.seconds
    end = begin if seconds is None else axis.place(run.began + timedelta(seconds=seconds))
    took = "" if seconds is None else f", {formatting.duration(seconds)}"
    label = f"{run.started_by}, {formatting.clock(run.began)}{took}: {run.state}"
    return Bar(run, begin, _width(begin, end), label)


def _width(begin: float, end: float) -> float:
    # SVG draws no rectangle that is 0 wide, its stroke neither, and to that a second is rounded on
    # an axis of hours.
    return max(round(end - begin, 2), 0.05)


def _ticks(axis: _Axis) -> Iterator[Tick]:
    step = timedelta(seconds=_seconds_between_ticks(axis.span.total_seconds()))
    form = "%H:%M" if step >= timedelta(seconds=_MINUTE) else "%H:%M:%S"
    midnight = axis.begin.replace(hour=0, minute=0, second=0, microsecond=0)
    at, date = midnight + -(-(axis.begin - midnight) // step) * step, ""
    while at <= axis.end:
        new = f"{at:%m-%d}"
        yield Tick(axis.place(at), f"{at:{form}}", "" if new == date else new)
        at, date = at + step, new


def _seconds_between_ticks(seconds: float) -> int:
    """On an axis of so many seconds."""
    for step in _STEPS:
        if seconds / step <= (_MOST_TICKS if step >= _MINUTE else _MOST_TO_THE_SECOND):
            return step
    day = _STEPS[-1]
    return day * math.ceil(seconds / (day * _MOST_TICKS))
