"""A window: the interval of UTC time an asset is about, named by its start.

Times are UTC and naive throughout, as in Luigi's own date parameters: local times name two
hours alike when summer time ends, and Luigi's range tools refuse aware ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NewType, TypeGuard, cast

WindowName = NewType("WindowName", str)
"""A window's name in paths and records, as ``name`` makes it; names sort by time."""
Timestamp = NewType("Timestamp", str)
"""A moment as records hold it, as ``timestamp`` makes it; timestamps sort by time."""

_NAME = "%Y-%m-%dT%H%MZ"
_WEEK = re.compile(r"\d{4}-W\d\d", re.ASCII)
_SHAPE = re.compile(r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3])[0-5]\dZ", re.ASCII)
# Of the basic and the extended form of ISO 8601, and Luigi's own. dateutil, which Luigi depends on,
# reads far more, and 12 as the 12th of this month.
_FORMS = (
    "%Y-%m-%d",
    "%Y-%m",
    "%Y-%m-%dT%H",  # as Luigi's DateHourParameter; before %H%M, which takes 12 for 01:02
    _NAME,
    "%Y-%m-%dT%H%M",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%dT%H:%MZ",
)


def now() -> datetime:
    """The present moment, UTC and naive."""
    return datetime.now(UTC).replace(tzinfo=None)


def name(as_of: datetime) -> WindowName:
    """The window's name in paths and records: ``2026-11-22T1230Z``."""
    # strftime leaves out the leading zeros of a year, and names are compared to tell the older
    return WindowName(as_of.isoformat(timespec="minutes").replace(":", "") + "Z")


def day(name: WindowName) -> str:
    """What the names of all windows that begin on the same day in UTC begin with."""
    return name.partition("T")[0]


# Today and yesterday are what is asked for, and before them one day after the other; a day's names
# take 0.9 ms to make.
@lru_cache(maxsize=4)
def names_on(day: str) -> tuple[WindowName, ...]:
    """All names that windows can have which begin on ``day``, oldest first: one a minute."""
    names = tuple(f"{day}T{hour:02}{minute:02}Z" for hour in range(24) for minute in range(60))
    return cast(tuple[WindowName, ...], names)


def is_name(text: str) -> TypeGuard[WindowName]:
    """Whether ``text`` is a window's name, and not merely close to one.

    Listings of years are held against it, in 0.4 µs each; by ``datetime`` alone it takes 2.
    """
    return _SHAPE.fullmatch(text) is not None and _is_date(text.partition("T")[0])


# Nearly three years of days, each of which a listing names up to 1,440 times.
@lru_cache(maxsize=1000)
def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def parse(text: str) -> datetime:
    """The UTC time that ``text`` names.

    Raises:
        ValueError: ``text`` has none of the accepted forms, or is no time.
    """
    if is_name(text):
        return datetime.fromisoformat(text.removesuffix("Z"))  # 0.2 µs, where strptime takes 7
    if _WEEK.fullmatch(text):
        with suppress(ValueError):  # for a year that has no such week
            return datetime.combine(date.fromisocalendar(int(text[:4]), int(text[6:]), 1), time())
    for form in _FORMS:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    raise ValueError(
        f"{text!r} is not a UTC time like 2026-11-22T1230, '2026-11-22 12:30', 2026-11-22, "
        "2026-W47 or 2026-11"
    )


def timestamp(moment: datetime) -> Timestamp:
    """``moment`` as records hold it, in milliseconds: ``2026-11-22T12:34:56.000Z``."""
    return Timestamp(moment.isoformat(timespec="milliseconds") + "Z")


def moment(timestamp: Timestamp) -> datetime:
    """The moment of a ``timestamp``; raises ValueError for another form."""
    at = datetime.fromisoformat(timestamp.removesuffix("Z"))
    if at.tzinfo is not None:
        raise ValueError(f"{timestamp!r} has an offset besides its Z")
    return at


# By so much as CLOCKS_DIFFER no order of events and no freshness is told wrong: what a machine
# notes is put after what it follows, and what is a little of the future counts as of now. What
# differs more is told of, since nothing here can tell whose clock is right.
# NTP keeps clocks within milliseconds. Kerberos and Active Directory refuse what is 5 minutes off,
# so that administrators keep to it; AWS and Azure refuse 15. Until they were 5 here they were 1,
# and data of a worker that was further ahead had no freshness.
CLOCKS_DIFFER = timedelta(minutes=5)
"""By so much clocks of machines that share a root may differ; what is later is of the future."""


def is_of_future(at: Timestamp, now: datetime) -> bool:
    """Whether no clock that is right can have noted ``at`` by ``now``, UTC."""
    return at > timestamp(now + CLOCKS_DIFFER)


def just_after(earlier: Iterable[Timestamp | None], now: datetime) -> Timestamp:
    """When to note an event of ``now``, UTC, that follows those noted as ``earlier``.

    That is ``now``, or a millisecond after the last of them where another machine's clock was
    ahead. What is of the future is no measure: its clock was wrong.
    """
    # What is known as a hybrid logical clock (Kulkarni et al., 2014), of one asset's events.
    at = timestamp(now)
    last = max((each for each in earlier if each and not is_of_future(each, now)), default=at)
    return at if last <= at else timestamp(moment(last) + timedelta(milliseconds=1))


def clock_warning(now: datetime, other: datetime, whose: str) -> str:
    """That this machine's clock says ``now`` and ``whose`` says ``other``, and what to do."""
    minutes = round(abs(now - other) / timedelta(minutes=1))
    order = "behind" if now < other else "ahead of"
    return (
        f"this machine's clock says {now:%Y-%m-%d %H:%M} UTC, {minutes} min {order} that of "
        f"{whose}: set the one that is wrong by NTP, as with timedatectl set-ntp true"
    )
