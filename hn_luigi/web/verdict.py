"""How assets stand at a glance: one word each, and one verdict on all of them.

Whether the present window is made, and whether the newest data is fresh, are two questions. A
window that has just begun is missing while all is well; so it is due, which alarms nobody, for as
long as the data is fresh.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Literal, TypeAlias

from hn_luigi.assets import Freshness
from hn_luigi.assets.operations import AssetStatus, Category, Staleness, State

Tone: TypeAlias = Literal["good", "soft", "busy", "warn", "bad"]
"""What calls for attention, least first: fine, of no concern, under way, soon, now."""


class Standing(Enum):
    """How an asset stands; the values are the words that pages show, the worst first."""

    FAILED = "failed"
    """The last attempt failed, and what is stored isn't current."""
    LATE = "late"
    """Its newest data is older than its freshness policy allows."""
    SOON_LATE = "late soon"
    """Its policy warns."""
    UNKNOWN = "of unknown age"
    STALE = "stale"
    """What its present window was made from, its settings or the output itself has changed."""
    UNMADE = "not made yet"
    OUTDATED = "code changed"
    """Nothing else has, as after an update."""
    RUNNING = "running"
    DUE = "due"
    """The present window is to be made, or waits for what it is made from; its data is fresh."""
    CURRENT = "current"
    """It has no freshness policy."""
    FRESH = "fresh"

    @property
    def tone(self) -> Tone:
        """What it calls for."""
        return _TONES[self]


_TONES: dict[Standing, Tone] = {
    Standing.FAILED: "bad",
    Standing.LATE: "bad",
    Standing.SOON_LATE: "warn",
    Standing.UNKNOWN: "warn",
    Standing.STALE: "warn",
    Standing.UNMADE: "soft",
    Standing.OUTDATED: "soft",
    Standing.RUNNING: "busy",
    Standing.DUE: "soft",
    Standing.CURRENT: "good",
    Standing.FRESH: "good",
}


@dataclass(frozen=True)
class Verdict:
    """A line on all assets, such as ``1 failed, 3 late``."""

    text: str
    tone: Tone


def standing_of(status: AssetStatus, *, is_running: bool, is_renewed: bool = False) -> Standing:
    """How an asset stands.

    Args:
        status: what is known of it.
        is_running: whether a worker has it under way.
        is_renewed: whether shorter windows bring it new data within its own. With each of them it
            is stale, and yet as fresh as its policy wants it.
    """
    freshness, staleness = status.lag.freshness, status.staleness
    has_policy = status.asset.freshness is not None
    if is_running:
        return Standing.RUNNING
    if status.failure and not staleness.current:
        return Standing.FAILED
    if freshness is Freshness.FAIL:
        return Standing.LATE
    if freshness is Freshness.WARN:
        return Standing.SOON_LATE
    if freshness is Freshness.UNKNOWN and has_policy and status.newest:
        return Standing.UNKNOWN
    if staleness.current:
        return Standing.FRESH if has_policy else Standing.CURRENT
    if staleness.state is State.MISSING:
        return Standing.DUE if status.newest else Standing.UNMADE
    found = standing_of_stale(staleness)
    return Standing.FRESH if is_renewed and has_policy and found is Standing.DUE else found


def standing_of_stale(staleness: Staleness) -> Standing:
    """What a stale window's causes amount to, of the present or of a past one."""
    own = {cause.category for cause in staleness.causes if not cause.is_upstream}
    if not own:
        return Standing.DUE
    return Standing.OUTDATED if own == {Category.CODE} else Standing.STALE


_FINE = {Standing.FRESH, Standing.CURRENT}
_HARMLESS = {*_FINE, Standing.OUTDATED, Standing.RUNNING, Standing.DUE}


def verdict(standings: Iterable[Standing], *, broken: int = 0, paused: int = 0) -> Verdict:
    """The verdict on assets that stand so.

    Args:
        standings: theirs.
        broken: how many graphs beside them can't be read.
        paused: how many lines of the watch list nobody refreshes for now.
    """
    counts = Counter(standings)
    if not (counts or broken):
        return Verdict("Nothing is watched", "soft")
    is_well = not broken and counts.keys() <= _HARMLESS
    # Beside an alarm only what is under way matters as well.
    passed_over = _FINE if is_well else _HARMLESS - {Standing.RUNNING}
    told = [f"{broken:,} broken {'graph' if broken == 1 else 'graphs'}"] if broken else []
    worth_telling = [each for each in Standing if counts[each] and each not in passed_over]
    told += [f"{counts[each]:,} {each.value}" for each in worth_telling]
    told += [f"{paused:,} paused"] if paused else []
    tones = {each.tone for each in counts}
    # What is all under way may be made for the first time: nobody can say yet that it is fresh.
    if is_well and tones != {"busy"}:
        is_fresh = Standing.FRESH in counts or Standing.CURRENT not in counts
        return Verdict(", ".join(["All fresh" if is_fresh else "All current", *told]), "good")
    worst: Tone = "soft"
    if broken or "bad" in tones:
        worst = "bad"
    elif "warn" in tones:
        worst = "warn"
    elif tones == {"busy"}:
        worst = "busy"
    return Verdict(", ".join(told), worst)
