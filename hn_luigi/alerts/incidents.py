"""Incidents: what is reported of something that is in trouble, when it begins and when it is over.

What was found and sent before is compared with how things are now. Nothing here knows of channels,
files or the clock. It stays apart from ``conditions``, which reads assets, because it takes nothing
but the standard library: ``scripts/refresher`` loads this file by its path, so that cron's mail
follows the same rule and also comes where Luigi can't be imported.

The rule: one failed try may be a passing fault and is not reported; the second in a row is, and so
is data that is late or that checks warn of. An incident is over when a window was made and its data
is fresh, or nothing in it is suspect any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum


class Kind(StrEnum):
    """In what way an asset may be in trouble; the value is how it is stored and shown."""

    FAILED = "failed"
    LATE = "late"
    SUSPECT = "suspect"
    """It was made and published, but checks warn of what is in it."""


# At 50 % errors, 32 windows gave 14 messages while every failure was reported, and give 6 now.
TRIES = 2
"""How many failed tries in a row are reported."""

MOST_OVER = 20
"""How many incidents that are over wait to be sent while no channel works: the last ones."""


@dataclass(frozen=True)
class Condition:
    """How an asset is in one respect now. Times are those of records, which sort."""

    kind: str
    wrong: bool | None
    """None if it isn't known."""
    since: str = ""
    """When what is wrong began."""
    cause: str = ""
    """What is wrong, in a line."""
    well_at: str = ""
    """When it last became well, empty if that isn't known."""
    tries: int = TRIES
    """How many tries in a row found it wrong; what is not a matter of tries is reported at once."""

    @property
    def is_reportable(self) -> bool:
        """Whether it begins an incident, if none is open."""
        return bool(self.wrong) and self.tries >= TRIES


@dataclass(frozen=True)
class Incident:
    """One trouble of an asset, from when it began until it is over."""

    kind: str
    since: str
    cause: str
    over_at: str | None = None
    """None while it is open."""
    told: bool = False
    """Whether anybody was notified that it began."""

    @property
    def is_news(self) -> bool:
        """Whether there is something to send: that it began, or that it is over."""
        return self.over_at is not None or not self.told


def update(
    known: Iterable[Incident], conditions: Iterable[Condition], now: str
) -> tuple[Incident, ...]:
    """The incidents of an asset at ``now``, given those known before and how it is.

    At most one of a kind is open; those that are over stay until that is sent.
    """
    incidents = list(known)
    for condition in conditions:
        others = [incident for incident in incidents if incident.kind != condition.kind]
        same = [incident for incident in incidents if incident.kind == condition.kind]
        incidents = [*others, *_update_kind(same, condition, now)]
    over = [incident for incident in incidents if incident.over_at is not None]
    dropped = over[:-MOST_OVER]
    return tuple(incident for incident in incidents if incident not in dropped)


def after_sending(incidents: Iterable[Incident]) -> tuple[Incident, ...]:
    """What is left of ``incidents`` once somebody got all their news."""
    return tuple(replace(found, told=True) for found in incidents if found.over_at is None)


def _update_kind(known: Sequence[Incident], condition: Condition, now: str) -> list[Incident]:
    """The incidents of one kind."""
    begun = Incident(condition.kind, condition.since, condition.cause)
    over = [incident for incident in known if incident.over_at is not None]
    current = next((incident for incident in known if incident.over_at is None), None)
    new = [begun] if condition.is_reportable else []
    if current is None:
        return [*over, *new]
    if condition.wrong is None:
        return [*over, current]
    was_well = current.since < condition.well_at <= now
    if not condition.wrong:
        over_at = condition.well_at if was_well else max(now, current.since)
        return [*over, replace(current, over_at=over_at)]
    if was_well and condition.well_at <= condition.since:  # between two polls
        return [*over, replace(current, over_at=condition.well_at), *new]
    return [*over, current]
