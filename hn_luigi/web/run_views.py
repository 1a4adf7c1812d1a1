"""The runs that pages show: what storage, this server and ``scripts/refresh`` each know of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

from hn_luigi import formatting
from hn_luigi.assets.operations import (
    NO_WINDOW,
    RecordedRun,
    StepOfRun,
    is_timestamp,
    masked,
    recorded_runs,
    window,
)
from hn_luigi.watchlist import watched_or_broken
from hn_luigi.web import refresh_log, urls
from hn_luigi.web.asset_notes import LONGEST_REASON
from hn_luigi.web.kept_runs import KeptRun
from hn_luigi.web.refresh_log import RefreshRun
from hn_luigi.web.runs import Runs, last_words
from hn_luigi.web.verdict import Tone

SHOWN = 50
"""Runs on a page."""
_MOST_READ = 1_000
"""Records that a list of runs may read, of all assets."""
_LEAST_READ = 10
_DEEPEST = 3_000
"""Records that are gone through for a run that isn't among the last, or that made more."""
_UNKNOWN_LENGTH = timedelta(hours=1)
"""Of a run that was never seen to end."""
_BESIDE = timedelta(seconds=5)
"""What may lie between the end of a run and that of its process, or its last record."""
_COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_TONES: dict[str, Tone] = {
    "running": "busy",
    "done": "good",
    "nothing to do": "soft",
    "left to another run": "soft",
    "failed": "bad",
    "timed out": "bad",
    "ended with the server": "warn",
    "broken off": "warn",
}


@dataclass(frozen=True)
class RunView:
    """A run, by all that is known of it."""

    id: str
    recorded: RecordedRun | None = None
    kept: KeptRun | None = None
    refresh: RefreshRun | None = None

    @property
    def began(self) -> datetime:
        """When it began."""
        known = self.kept or self.refresh or self.recorded
        return known.began if known else window.now()

    @property
    def ended(self) -> datetime | None:
        """When it ended, as far as is known; None while it is under way."""
        known = self.kept or self.refresh
        if self.state == "running" or (known and known.ended):
            return known.ended if known else None
        return self.recorded.ended if self.recorded else None

    @property
    def seconds(self) -> float | None:
        """How long it took, or has taken by now; None if that isn't known."""
        ended = window.now() if self.state == "running" else self.ended
        return None if ended is None else max(0.0, (ended - self.began).total_seconds())

    @property
    def state(self) -> str:
        """How it stands, in a word or a few."""
        if known := self.kept or self.refresh:
            return known.state
        return "failed" if self.recorded and self.recorded.failed else "done"

    @property
    def tone(self) -> Tone:
        """What that calls for."""
        # A refresh that found all current is as good as none.
        is_idle = self.state == "done" and not self.steps
        return "soft" if is_idle else _TONES[self.state]

    @property
    def started_by(self) -> str:
        """Who started it."""
        if self.kept:
            return self.kept.started_by
        if self.refresh:
            return refresh_log.STARTED_BY
        return formatting.plain(self.recorded.started_by if self.recorded else "") or "unknown"

    @property
    def reason(self) -> str:
        """Why the server started it by itself, in words; empty if somebody else did."""
        return formatting.plain(self.kept.reason, LONGEST_REASON) if self.kept else ""

    @property
    def steps(self) -> Sequence[StepOfRun]:
        """What it did."""
        return self.recorded.steps if self.recorded else ()

    @property
    def made(self) -> list[StepOfRun]:
        """What it made, as far as that was not made again since."""
        return [step for step in self.steps if step.made]

    @property
    def failed(self) -> list[StepOfRun]:
        """What it gave up."""
        return [step for step in self.steps if step.failed]

    @property
    def is_over(self) -> bool:
        """Whether it isn't under way any more."""
        return self.state != "running"


@dataclass(frozen=True)
class AssetLink:
    """An asset that a run was about."""

    folder: str
    url: str
    windows: str
    """Which window of it, or how many; empty if it has none."""


@dataclass(frozen=True)
class LogView:
    """The log of a run."""

    text: str
    trouble: str
    """Why there is none, or not all of it."""
    ending: str
    """How the run ended, in its own words."""


@dataclass(frozen=True)
class RunList:
    """Some runs, the newest first."""

    runs: Sequence[RunView]
    until: datetime
    """The time that they are before."""
    has_older: bool
    has_unnamed: bool
    """Whether something was made before records told of runs."""

    @property
    def days(self) -> list[tuple[str, list[RunView]]]:
        """The runs by the day on which they began."""
        by_day = groupby(self.runs, key=lambda run: f"{run.began:%Y-%m-%d}")
        return [(day, list(runs)) for day, runs in by_day]


def run_list(known: Runs, before: datetime | None) -> RunList:
    """The last runs that began ``before`` that time; storage is asked."""
    assets = watched_or_broken()[0]
    recorded = recorded_runs(
        [asset.dataset for asset in assets],
        limit=_most_read(len(assets)),
        before=before,
    )
    refreshed, more_refreshed = refresh_log.refresh_runs(SHOWN, before)
    by_id = {run.id: RunView(run.id, recorded=run) for run in recorded.runs}
    for kept in known.kept:
        by_id[kept.id] = replace(by_id.get(kept.id, RunView(kept.id)), kept=kept)
    for refresh in refreshed:
        by_id[refresh.id] = replace(by_id.get(refresh.id, RunView(refresh.id)), refresh=refresh)
    views = [view for view in by_id.values() if before is None or view.began < before]
    views.sort(key=lambda view: (view.began, view.id), reverse=True)
    has_older = recorded.has_older or more_refreshed or len(views) > SHOWN
    shown = views[:SHOWN]
    until = before or max([window.now(), *(view.began for view in shown[:1])])
    # Before 1970 there is no page: what began then has a record of an absurd duration.
    has_older = has_older and bool(shown) and is_timestamp(window.timestamp(shown[-1].began))
    return RunList(shown, until, has_older, recorded.has_unnamed)


def run_view(known: Runs, run_id: str, before: datetime | None) -> RunView | None:
    """The run of that id, None if nothing tells of it.

    Storage is gone through from ``before`` on, if that is given, since no file tells which run made
    what.
    """
    datasets = [asset.dataset for asset in watched_or_broken()[0]]
    view = RunView(run_id, kept=known.find(run_id), refresh=refresh_log.refresh_run(run_id))
    if (over := view.kept or view.refresh) and view.is_over:
        before = (over.ended or over.began + _UNKNOWN_LENGTH) + _BESIDE
    near, deep = _most_read(len(datasets)), max(_LEAST_READ, _DEEPEST // max(len(datasets), 1))
    for limit in (near, deep):
        found = recorded_runs(datasets, limit=limit, before=before)
        recorded = next((run for run in found.runs if run.id == run_id), None)
        view = replace(view, recorded=recorded)
        is_whole = len(view.steps) < near and (recorded or view.kept or view.refresh)
        if is_whole or not found.has_older:
            break
    return view if view.recorded or view.kept or view.refresh else None


def _most_read(datasets: int) -> int:
    """How many windows of each to read for a list."""
    return min(SHOWN, max(_LEAST_READ, _MOST_READ // max(datasets, 1)))


def log_view(known: Runs, view: RunView) -> LogView:
    """The log of a run."""
    if view.kept:
        text, trouble = known.log_of(view.id)
        words = last_words(view.kept, text)
        return LogView(_shown(text), f"The log is not whole: {trouble}." * bool(trouble), words)
    if view.refresh:
        return LogView(_shown(view.refresh.text), "", view.refresh.last_words())
    where = "It was run from a command line, or by a program: its log, if any, went there."
    return LogView("", where, "")


def _shown(text: str) -> str:
    # Masked once more: what a step prints by itself has passed no logger.
    lines = masked(text).replace("\t", "    ").splitlines()
    return "\n".join(formatting.harmless(_COLOUR.sub("", line)) for line in lines)


def asset_links(steps: Sequence[StepOfRun]) -> list[AssetLink]:
    """The assets that ``steps`` are about, each once, in their order."""
    by_folder: dict[str, list[StepOfRun]] = {}
    for step in steps:
        by_folder.setdefault(step.dataset.folder, []).append(step)
    return [_link(folder, about) for folder, about in by_folder.items()]


def step_url(step: StepOfRun) -> str:
    """The page of what ``step`` is about."""
    has_windows = step.dataset.length != NO_WINDOW
    return urls.page_url(step.dataset.folder, window=step.window if has_windows else None)


def _link(folder: str, steps: Sequence[StepOfRun]) -> AssetLink:
    (first, *more), length = steps, steps[0].dataset.length
    if more:
        return AssetLink(folder, urls.page_url(folder), formatting.counted(len(steps), "window"))
    name = "" if length == NO_WINDOW else formatting.window_name(first.window, length)
    return AssetLink(folder, step_url(first), name)
