"""How long windows are, and so when each begins and ends.

What knows no time is in the one window of its kind, which is always open; so nothing that asks
when a window begins, ends or closes has to ask first whether there is one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Literal

_EPOCH = datetime(1970, 1, 1)
# After a day's window a whole day of grace would store today's reading as yesterday's. Within
# ten minutes a run that began in time is over: scripts/refresh ends one after nine.
_LONGEST_GRACE = timedelta(minutes=10)
MINUTES_OF_A_DAY = 1440


def in_utc(moment: datetime) -> datetime:
    """``moment`` as a naive one in UTC, of the same instant."""
    if moment.tzinfo is None:
        return moment
    return moment.astimezone(UTC).replace(tzinfo=None)


def to_the_minute(moment: datetime) -> str:
    """``2026-11-22 12:30``."""
    return moment.isoformat(" ", timespec="minutes")


@dataclass(frozen=True)
class WindowLength:
    """How long windows are, and so when each begins and ends; all in UTC."""

    unit: Literal["minutes", "week", "month", "always"]
    """A week is ISO 8601's, from Monday; always is the one window of what knows no time."""
    minutes: int
    """How long one is; of a month, which differs, the longest."""

    def floor(self, moment: datetime) -> datetime:
        """The start of the window that holds ``moment``; an aware one is converted to UTC.

        Windows of minutes are counted from 1970-01-01T00:00Z, so those of 10 begin at :00, :10, ….
        """
        moment = in_utc(moment)
        if self.unit == "always":
            return ALWAYS
        if self.unit == "minutes":
            return moment - (moment - _EPOCH) % timedelta(minutes=self.minutes)
        midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        if self.unit == "week":
            return midnight - timedelta(days=moment.weekday())
        return midnight.replace(day=1)

    def shift(self, start: datetime, windows: int) -> datetime:
        """The start of the window that is so many after the one that begins at ``start``.

        Raises:
            OverflowError: it would begin before the year 1, or after 9999.
        """
        if self.unit == "always":
            return ALWAYS if windows <= 0 else _END
        if self.unit != "month":
            return start + windows * timedelta(minutes=self.minutes)
        year, month = divmod(start.year * 12 + start.month - 1 + windows, 12)
        if not 1 <= year <= 9999:
            raise OverflowError(f"there is no year {year}")
        return start.replace(year=year, month=month + 1)

    def end(self, start: datetime) -> datetime:
        """When the window that begins at ``start`` is over."""
        return self.shift(start, 1)

    def last_before(self, end: datetime) -> datetime:
        """The start of the last window that begins before ``end``."""
        return self.floor(end - timedelta(minutes=1))

    def between(self, start: datetime, other: datetime) -> int:
        """How many windows after the one that begins at ``start`` the ``other`` one does."""
        if self.unit == "always":
            return 0
        if self.unit == "month":
            return (other.year - start.year) * 12 + other.month - start.month
        return (other - start) // timedelta(minutes=self.minutes)

    def is_open(self, start: datetime, at: datetime) -> bool:
        """Whether the outside world may still be read for the window that begins at ``start``.

        A grace of one window, but 10 minutes at most, lets a run that began in time cross the
        window's end.
        """
        end = self.end(start)
        return start <= at < end + min(end - start, _LONGEST_GRACE)

    def label(self, start: datetime, clock: Callable[[datetime], str] = to_the_minute) -> str:
        """The window as people call it: ``2026-11-22 12:30``, ``2026-11-22``, ``2026-W47`` ….

        One shorter than a day, or of another length, is called by its start, as ``clock`` has it.
        """
        if self.unit == "always":
            return "always"
        if self.floor(start) != start or self.minutes < MINUTES_OF_A_DAY:
            return clock(start)
        if self.unit == "week":
            year, week, _ = start.isocalendar()
            return f"{year:04}-W{week:02}"
        return start.date().isoformat()[: 7 if self.unit == "month" else None]

    def __str__(self) -> str:
        if self.unit == "always":
            return "no window"
        if self.unit == "minutes" and self.minutes != MINUTES_OF_A_DAY:
            return f"{self.minutes} minutes" if self.minutes != 1 else "a minute"
        return "a day" if self.unit == "minutes" else f"a {self.unit}"


ALWAYS = datetime.min
"""The start of the window of what knows no time."""
_END = datetime.max - timedelta(days=1)
DAY = WindowLength("minutes", MINUTES_OF_A_DAY)
NO_WINDOW = WindowLength("always", MINUTES_OF_A_DAY * 366 * 9999)
_BY_WORD = {
    "day": DAY,
    "week": WindowLength("week", MINUTES_OF_A_DAY * 7),
    "month": WindowLength("month", MINUTES_OF_A_DAY * 31),
}


@lru_cache
def of_minutes(minutes: int) -> WindowLength:
    """Windows of so many minutes."""
    return WindowLength("minutes", minutes)


def length_named(text: str) -> WindowLength | None:
    """The length that ``str`` calls ``text``, as records hold it; None for what is no name."""
    known = {str(length): length for length in (NO_WINDOW, of_minutes(1), *_BY_WORD.values())}
    minutes = re.fullmatch(r"([1-9]\d{0,3}) minutes", text, re.ASCII)
    return of_minutes(int(minutes[1])) if minutes else known.get(text)


def length_of(declared: timedelta | str | None) -> WindowLength:
    """The length that a class declares: a ``timedelta``, ``day``, ``week``, ``month``, or none.

    Raises:
        ValueError: it is none of these, or a time that doesn't divide a day into equal parts.
    """
    if declared is None:
        return NO_WINDOW
    if isinstance(declared, str) and declared in _BY_WORD:
        return _BY_WORD[declared]
    minute, day = timedelta(minutes=1), timedelta(days=1)
    if isinstance(declared, timedelta) and minute <= declared <= day:
        divides = not declared % minute and not day % declared
        if divides:
            return of_minutes(declared // minute)
    raise ValueError(
        "a timedelta of whole minutes that divides a day, 'day', 'week', 'month', or None for an "
        "asset without windows"
    )
