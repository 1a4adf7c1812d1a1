"""The grace period after a pause, in which late data is not yet reported: the next run may fix it.

A machine that was off or asleep for a night has late data, which its next run brings up to date.
So after a long pause between two polls, and where a run is under way after a shorter one or at the
very first poll, lateness is reported only after a grace period, or once a try has failed. What
counts as a pause depends on how often somebody polls: cron's job once a window, the server every
five minutes, a user's own line perhaps once a day.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from hn_luigi.assets.operations import Timestamp, is_timestamp, window

# A pause is unusual if it is longer than three of the last ones. Rejected: a fixed limit alone. A
# user's line that polls once a day would have a grace period each time, and never report lateness.
_USUAL_PAUSES = 3
# No poll for so long, and no run under way that would show that the machine works again.
_LONG_PAUSE = timedelta(hours=1)
# The server's poll and that of cron's job may coincide, and then count as one: two polls a second
# apart made every usual pause look unusual, so that lateness was never reported.
_APART = timedelta(minutes=2)
# The run of a longer window may be far off, and lateness has to be reported before it.
_LONGEST_WINDOW = timedelta(hours=1)
# scripts/refresh ends a run after nine (HN_LUIGI_TIME_LIMIT).
_LONGEST_RUN = timedelta(minutes=10)


@dataclass(frozen=True)
class Polls:
    """When this machine last polled a root; times are those of records, empty for never."""

    last: Timestamp | Literal[""] = ""
    last_but_one: Timestamp | Literal[""] = ""
    woke_at: Timestamp | Literal[""] = ""
    """The first poll after an unusual pause, until the grace period is over."""
    down_since: Timestamp | Literal[""] = ""
    """Since when the root couldn't be read."""


def with_poll(polls: Polls, now: datetime, *, length: timedelta, is_making: bool) -> Polls:
    """``polls`` and one more at ``now`` (UTC), which could read the root.

    Args:
        polls: the previous ones.
        now: the present.
        length: of a window.
        is_making: whether a run is making an asset at this moment.
    """
    grace = min(length, _LONGEST_WINDOW) + _LONGEST_RUN
    woke_at = window.timestamp(now) if _woke(polls, now, grace, is_making) else polls.woke_at
    if woke_at and not timedelta(0) <= now - window.moment(woke_at) < grace:
        woke_at = ""  # it is over, or of a clock that was ahead
    return replace(_with_time(polls, now), woke_at=woke_at, down_since="")


def with_failed_poll(polls: Polls, now: datetime) -> Polls:
    """``polls`` and one more at ``now``, which couldn't read the root."""
    at = window.timestamp(now)  # which is before down_since where a clock was ahead
    return replace(_with_time(polls, now), down_since=min(polls.down_since or at, at))


def is_outage_confirmed(polls: Polls) -> bool:
    """Whether two polls in a row, not made at the same time, couldn't read the root."""
    if not polls.last or not polls.down_since:
        return False
    return window.moment(polls.last) - window.moment(polls.down_since) >= _APART


def is_grace_period(polls: Polls, failed_at: Iterable[Timestamp]) -> bool:
    """Whether lateness doesn't count yet, given when the last tries failed.

    A try that failed just before the first poll was the run that had its chance: cron's job runs
    first and polls afterwards.
    """
    if not polls.woke_at:
        return False
    since = window.timestamp(window.moment(polls.woke_at) - _APART)
    return not any(at > since for at in failed_at)


def to_json(polls: Polls) -> bytes:
    """``polls`` as they are stored on this machine."""
    return json.dumps(asdict(polls)).encode()


def parse(data: bytes) -> Polls:
    """The polls in ``data``, none if it makes no sense; never raises."""
    try:
        polls = Polls(**json.loads(data))
        times = (polls.last, polls.last_but_one, polls.woke_at, polls.down_since)
        if not all(at == "" or is_timestamp(at) for at in times):
            raise ValueError("not the times of polls")
    except (ValueError, TypeError, AttributeError, RecursionError):
        return Polls()
    return polls


def _woke(polls: Polls, now: datetime, grace: timedelta, is_making: bool) -> bool:
    """Whether an unusual pause ends with the poll at ``now``."""
    if not polls.last:
        return is_making
    last = window.moment(polls.last)
    usual = last - window.moment(polls.last_but_one) if polls.last_but_one else timedelta(0)
    is_long = now - last > (grace if is_making else max(grace, _LONG_PAUSE))
    return is_long and now - last > _USUAL_PAUSES * usual


def _with_time(polls: Polls, now: datetime) -> Polls:
    if polls.last and timedelta(0) <= now - window.moment(polls.last) < _APART:
        return polls
    return replace(polls, last=window.timestamp(now), last_but_one=polls.last)
