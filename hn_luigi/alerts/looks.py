"""When this machine looked at a root: lateness is told once a run has had its chance.

A machine that was off or asleep for a night has late data, which the run to come mends. So after a
long pause in the looks, and where a run is under way after a shorter one or at the very first look,
nobody is told of lateness for a grace, unless a try failed meanwhile. What a pause is, depends on
how often somebody looks: cron's job once a window, the server every five minutes, a user's own line
maybe once a day.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from hn_luigi.assets.operations import is_timestamp, window

_USUAL_PAUSES = 3
"""So many times the last pause is no usual one."""
_LONG_PAUSE = timedelta(hours=1)
"""Without a look, and without a run that would tell that the machine works again."""
_APART = timedelta(minutes=2)
"""The server's look and that of cron's job may meet: the second of them counts for none."""
_LONGEST_WINDOW = timedelta(hours=1)
"""Of a longer window the run may be far off, and lateness has to be told before."""
_LONGEST_RUN = timedelta(minutes=10)
"""``scripts/refresh`` ends one after nine."""


@dataclass(frozen=True)
class Looks:
    """The last looks at a root; times are those of records, empty for none."""

    last: str = ""
    last_but_one: str = ""
    woke_at: str = ""
    """The first look after an unusual pause, until the grace is over."""
    down_since: str = ""
    """Since when the root couldn't be read."""


def look_again(looks: Looks, now: datetime, *, length: timedelta, is_making: bool) -> Looks:
    """The looks with one ``now`` (UTC), at which the root could be read.

    Args:
        looks: those before.
        now: the present.
        length: of a window.
        is_making: whether a run is making an asset at this moment.
    """
    grace = min(length, _LONGEST_WINDOW) + _LONGEST_RUN
    if not looks.last:
        woke = is_making
    else:
        pause = now - window.moment(looks.last)
        before = window.moment(looks.last_but_one) if looks.last_but_one else None
        usual = window.moment(looks.last) - before if before else timedelta(0)
        is_long = pause > (grace if is_making else max(grace, _LONG_PAUSE))
        woke = is_long and pause > _USUAL_PAUSES * usual
    woke_at = window.timestamp(now) if woke else looks.woke_at
    if woke_at and not timedelta(0) <= now - window.moment(woke_at) < grace:
        woke_at = ""  # it is over, or of a clock that was ahead
    return replace(_with_look(looks, now), woke_at=woke_at, down_since="")


def look_in_vain(looks: Looks, now: datetime) -> Looks:
    """The looks with one ``now`` at which the root couldn't be read."""
    at = window.timestamp(now)  # which is before down_since where a clock was ahead
    return replace(_with_look(looks, now), down_since=min(looks.down_since or at, at))


def _with_look(looks: Looks, now: datetime) -> Looks:
    if looks.last and timedelta(0) <= now - window.moment(looks.last) < _APART:
        return looks
    return replace(looks, last=window.timestamp(now), last_but_one=looks.last)


def is_down_again(looks: Looks) -> bool:
    """Whether a look found the root down, and one before it that wasn't made at the same time."""
    return window.moment(looks.last) - window.moment(looks.down_since) >= _APART


def is_too_early(looks: Looks, failed_at: Iterable[str]) -> bool:
    """Whether lateness doesn't count yet, given when the last tries failed.

    One that failed just before the first look was the chance, as where cron's job runs and looks.
    """
    if not looks.woke_at:
        return False
    since = window.timestamp(window.moment(looks.woke_at) - _APART)
    return not any(at > since for at in failed_at)


def to_json(looks: Looks) -> bytes:
    """The looks as they are noted."""
    return json.dumps(asdict(looks)).encode()


def parse(data: bytes) -> Looks:
    """The looks in ``data``, none if it makes no sense; never raises."""
    try:
        looks = Looks(**json.loads(data))
        times = (looks.last, looks.last_but_one, looks.woke_at, looks.down_since)
        if not all(at == "" or is_timestamp(at) for at in times):
            raise ValueError("they have other values than looks have")
    except (ValueError, TypeError, AttributeError, RecursionError):
        return Looks()
    return looks
