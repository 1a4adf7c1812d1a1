"""What pages tell of how the lines of the watch list are refreshed: what comes next, and when."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import quote

from hn_luigi import formatting
from hn_luigi.assets import AssetError
from hn_luigi.refresh import Due, LineFacts, due, paused, policy_notes, share
from hn_luigi.web.asset_notes import LONGEST_REASON
from hn_luigi.web.kept_runs import PAGE, REFRESH
from hn_luigi.web.refresh_plans import Plan
from hn_luigi.web.verdict import Tone


@dataclass(frozen=True)
class LineView:
    """What comes next of a line of the watch list."""

    folder: str
    """Of the asset that it names."""
    assets: frozenset[str]
    """The folders of that and of what it is made from."""
    text: str
    """What comes next, when, and why."""
    state: str = ""
    """``paused`` or ``under way``, else empty; ``text`` goes on from there."""
    tone: Tone = "soft"
    run: str = ""
    """The id of the run that makes it now; empty if none does."""
    when: datetime | None = None
    """When the next run of it begins; None if none is planned, or one is under way."""
    trouble: str = ""
    """Why the run that is due can't be started."""
    notes: Sequence[str] = ()
    """Who else made it, and what its freshness policies and its windows can't have together."""

    @property
    def is_paused(self) -> bool:
        """Whether nothing starts it by itself."""
        return self.state == "paused"

    @property
    def anchor(self) -> str:
        """What it is called within a page."""
        return anchor(self.folder)


def anchor(folder: str) -> str:
    """What the line that names the asset in ``folder`` is called within a page."""
    return f"refresh-{quote(folder, safe='')}"


def pauses() -> Mapping[str, datetime] | None:
    """Since when lines are paused, by what each names; None if the storage root doesn't tell.

    What the refresher knows is from its last look, which was before whoever pressed the button.
    """
    try:
        return paused()
    except AssetError:
        return None


def line_views(
    plans: Mapping[str, Plan],
    since: Mapping[str, datetime] | None,
    now: datetime,
    troubles: Mapping[str, str],
) -> list[LineView]:
    """What comes next of each line that is planned, in the order of the watch list.

    Args:
        plans: what the refresher knows of them.
        since: as ``pauses`` has it.
        troubles: what keeps lines from being refreshed, as the refresher has it.
        now: UTC time.
    """
    views = []
    is_busy = any(_run_of(plan) for plan in plans.values())
    lines = [plan.line for plan in plans.values()]
    for folder, plan in plans.items():
        at = plan.line.paused_since if since is None else since.get(folder)
        view = LineView(
            folder,
            frozenset(asset.folder for asset in plan.line.assets),
            "",
            run=_run_of(plan),
            trouble=_short(troubles.get(plan.line.line, "")),
            notes=[*_made_by(plan), *policy_notes(plan.line, lines)],
        )
        views.append(_told(view, plan, lines, at, now, is_busy=is_busy))
    return views


def seconds_to_look(lines: Iterable[LineView], now: datetime, least: int, most: int) -> int:
    """How long a page of ``lines`` is up to date: until the next run begins, within limits."""
    planned = [line.when for line in lines if line.when]
    if not planned:
        return most
    return min(max(least, math.ceil((min(planned) - now).total_seconds()) + 1), most)


def _told(
    view: LineView,
    plan: Plan,
    lines: Sequence[LineFacts],
    since: datetime | None,
    now: datetime,
    *,
    is_busy: bool,
) -> LineView:
    if since is not None:
        text = f"since {_time(since, now)}: no run of it starts by itself until it is resumed"
        return replace(view, state="paused", tone="warn", text=text)
    if plan.run and view.run:
        text = f"since {_time(plan.run.began, now)}: {_short(plan.run.kept.reason)}"
        return replace(view, state="under way", tone="busy", text=text)
    # The refresher may not have looked since it was resumed.
    is_resumed = plan.line.paused_since is not None
    line = replace(plan.line, paused_since=None)
    following = due(line, now, share(), lines) if is_resumed else plan.next
    if following.when is None:
        return replace(view, text=f"Nothing is planned: {_short(following.why)}")
    if following.when > now:
        told = f"Next at {_time(following.when, now)}, in {formatting.age(following.when - now)}"
    else:
        told = "Due now, after the run that is under way" if is_busy else "Due now"
    text = f"{told}{_what(following, view)}: {_short(following.why)}"
    return replace(view, text=text, when=following.when)


def _made_by(plan: Plan) -> list[str]:
    """Who else made the present window, so that this server needn't; its buttons are its own."""
    return [] if plan.made_by in ("", PAGE, REFRESH) else [f"Last made by {plan.made_by}."]


def _run_of(plan: Plan) -> str:
    """The id of the run that makes it now, which may be over since the last look."""
    return plan.run.id if plan.run and plan.run.kept.is_under_way else ""


def _what(following: Due, view: LineView) -> str:
    """What is made, where that isn't the present window of what the line names."""
    told = f", {formatting.plain(following.folder)} alone" * (following.folder != view.folder)
    if following.is_settling:
        told += f", {following.length.label(following.start)} once more"
    return told


def _time(moment: datetime, now: datetime) -> str:
    """``12:40:07 UTC``, with the day if that isn't today."""
    is_today = moment.date() == now.date()
    return f"{moment:{'%H:%M:%S' if is_today else '%Y-%m-%d %H:%M:%S'}} UTC"


def _short(text: str) -> str:
    return formatting.plain(text, LONGEST_REASON)
