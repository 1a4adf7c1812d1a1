"""Incidents: what is told of something that is in trouble, once when it begins and once after.

What was found and told before is compared with how it is now. Nothing here knows of channels,
files or the clock, nor of more than the standard library: ``scripts/refresher`` loads this file by
its path, so that cron's mail follows the same rule.

The rule: one failed try may pass by itself, and is told of nobody; the second in a row is told, and
so is data that is late. It is over when a window was good, and its data is fresh.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum


class Kind(StrEnum):
    """In what way an asset may be in trouble; the value is how it is stored and told."""

    FAILED = "failed"
    LATE = "late"


TRIES = 2
"""The failed tries in a row that are told of.

At 50 % errors, 32 windows gave 14 messages while every failure was told of, and give 6.
"""


@dataclass(frozen=True)
class Condition:
    """How an asset is in one respect now. Times are those of records, which sort."""

    kind: str
    wrong: bool | None
    """None if it can't be told."""
    since: str = ""
    """When what is wrong began."""
    cause: str = ""
    """What is wrong, in a line."""
    well_at: str = ""
    """When it was last seen to become well, empty if that isn't known."""
    tries: int = TRIES
    """How many tries in a row found it wrong; what is not a matter of tries is told at once."""

    @property
    def is_to_be_told(self) -> bool:
        """Whether it is an incident, if none goes on."""
        return bool(self.wrong) and self.tries >= TRIES


@dataclass(frozen=True)
class Incident:
    """One trouble of an asset, from when it began until it is over."""

    kind: str
    since: str
    cause: str
    over_at: str | None = None
    """None while it goes on."""
    told: bool = False
    """Whether anybody was told that it began."""

    @property
    def is_news(self) -> bool:
        """Whether there is something to tell: that it began, or that it is over."""
        return self.over_at is not None or not self.told


MOST_OVER = 20
"""How many incidents that are over are kept to be told while no channel works, the last ones."""


def follow(
    known: Iterable[Incident], conditions: Iterable[Condition], now: str
) -> tuple[Incident, ...]:
    """The incidents of an asset at ``now``, given those known before and how it is.

    At most one of a kind goes on; those that are over stay until they are told.
    """
    incidents = list(known)
    for condition in conditions:
        kind = condition.kind
        others = [each for each in incidents if each.kind != kind]
        mine = [each for each in incidents if each.kind == kind]
        incidents = [*others, *_follow_one(mine, condition, now)]
    ended = [each for each in incidents if each.over_at is not None]
    dropped = ended[:-MOST_OVER]
    return tuple(each for each in incidents if each not in dropped)


def told(incidents: Iterable[Incident]) -> tuple[Incident, ...]:
    """What is left of ``incidents`` once somebody was told all their news."""
    return tuple(replace(each, told=True) for each in incidents if each.over_at is None)


def _follow_one(known: Sequence[Incident], condition: Condition, now: str) -> list[Incident]:
    """The incidents of one kind."""
    begun = Incident(condition.kind, condition.since, condition.cause)
    ended = [each for each in known if each.over_at is not None]
    current = next((each for each in known if each.over_at is None), None)
    new = [begun] if condition.is_to_be_told else []
    if current is None:
        return [*ended, *new]
    if condition.wrong is None:
        return [*ended, current]
    was_well = current.since < condition.well_at <= now
    if not condition.wrong:
        over_at = condition.well_at if was_well else max(now, current.since)
        return [*ended, replace(current, over_at=over_at)]
    if was_well and condition.well_at <= condition.since:  # and nobody looked meanwhile
        return [*ended, replace(current, over_at=condition.well_at), *new]
    return [*ended, current]
