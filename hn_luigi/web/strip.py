"""The strip of an asset's windows: a slot for each, whatever became of it, so that a gap is seen.

It ends with the present window, or is the page of so many windows before it that holds the one
that is asked for. It begins with the first that was ever made or tried.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from hn_luigi.assets.operations import (
    Staleness,
    WindowLength,
    WindowName,
    WindowStatus,
)
from hn_luigi.web.verdict import Standing, standing_of_stale

MOST = 72
"""Slots of a strip: half a day of windows of ten minutes, six years of months."""
FIRST_YEAR = 1970
"""No window before it has a page, unless something is stored there."""
_DAY = 24 * 60
_TICKS = 6
"""How many dates are told between the ends at most."""
# Measured on a phone: a slot is 9.7 pixels wide, a date with its clock 108, a clock alone 32.
_AFTER, _BEFORE = 12, 16
"""How many slots a date keeps from the first, and from the last, before which it has to end."""


class Kind(Enum):
    """What became of a window; the values are the words that are shown."""

    MADE = "made"
    STALE = "stale"
    """Its inputs, settings or output have changed since."""
    OUTDATED = "made by older code"
    """Only its code has changed since, as after each upgrade."""
    WAITING = "waits for its inputs"
    """What it is made from is to be made again first."""
    RUNNING = "running"
    FAILED = "failed"
    """Nothing is stored, since attempts failed."""
    GONE = "removed"
    """It was made, and its output isn't stored any more."""
    NEVER = "never run"
    DUE = "due"
    """The present one, which is yet to be made."""

    @property
    def css(self) -> str:
        """Its class in a style sheet."""
        return self.name.lower()


@dataclass(frozen=True)
class Slot:
    """A window in the strip."""

    name: WindowName
    kind: Kind
    label: str
    """The window as people call it."""
    failed: str = ""
    """What is to be said of failed attempts at what is stored."""
    date: str = ""
    """What is written below it; empty for most."""

    @property
    def said(self) -> str:
        """What it says to who points at it, or doesn't see it."""
        return f"{self.label}: {self.kind.value}{self.failed}"


@dataclass(frozen=True)
class Strip:
    """Windows side by side, oldest first."""

    slots: Sequence[Slot]

    @property
    def counts(self) -> dict[Kind, int]:
        """How many there are of each kind."""
        counts = Counter(slot.kind for slot in self.slots)
        return {kind: counts[kind] for kind in Kind if counts[kind]}


def starts_of_page(
    length: WindowLength, present: datetime, first: datetime, shown: datetime
) -> list[datetime]:
    """When the windows of the page begin that holds the one that begins at ``shown``, oldest first.

    Args:
        length: of the windows.
        present: the start of the present window, with which the newest page ends.
        first: when the oldest window that was made or tried begins, at ``present`` at the latest.
        shown: when a window begins; one that is to come is on the newest page.
    """
    shown, first = length.floor(shown), length.floor(first)
    pages = max(length.between(shown, present), 0) // MOST
    end = length.shift(present, -pages * MOST)
    before = min(length.between(min(first, shown, end), end), MOST - 1)
    begin = length.shift(end, -before)
    return [length.shift(begin, n) for n in range(before + 1)]


def strip_of(
    windows: Sequence[WindowStatus], present: datetime, running: Collection[WindowName] = ()
) -> Strip:
    """The strip of ``windows``, oldest first, each by what became of it.

    Args:
        windows: as long as each other, one after the other.
        present: the start of the present window.
        running: those that a worker has under way.
    """
    if not windows:
        return Strip(())
    length = windows[0].asset.own_length()
    starts = [status.asset.as_of for status in windows]
    dates = _dates(starts, length)
    return Strip(
        [
            Slot(
                status.name,
                Kind.RUNNING
                if status.name in running
                else _kind(status, is_present=start == present),
                length.label(start),
                _failed(status),
                date,
            )
            for status, start, date in zip(windows, starts, dates, strict=True)
        ]
    )


def _kind(status: WindowStatus, *, is_present: bool) -> Kind:
    if status.staleness is not None:
        return _kind_of_stored(status.staleness)
    if status.record is not None:
        return Kind.GONE
    if status.failed_at is not None:
        return Kind.FAILED
    if is_present:
        return Kind.DUE
    return Kind.GONE if status.is_pruned else Kind.NEVER


def _kind_of_stored(staleness: Staleness) -> Kind:
    if staleness.current:
        return Kind.MADE
    return _BY_STANDING[standing_of_stale(staleness)]


_BY_STANDING = {
    Standing.STALE: Kind.STALE,
    Standing.OUTDATED: Kind.OUTDATED,
    Standing.DUE: Kind.WAITING,
}


def _failed(status: WindowStatus) -> str:
    if status.staleness is None or status.failed_at is None:
        return ""
    return ", and the last attempt failed" if status.failed_last else ", after failed attempts"


def _dates(starts: Sequence[datetime], length: WindowLength) -> list[str]:
    """What is written below each of ``starts``: the ends, and between them some round times."""
    dates = [""] * len(starts)
    first, last = length.label(starts[0]), length.label(starts[-1])
    if len(starts) < 2 * _AFTER:  # which leaves no room for two
        dates[0] = first if first == last else f"{first} – {last}"
        return dates
    for key, tell in _ROUND:
        begins = [n for n in range(1, len(starts)) if key(starts[n]) != key(starts[n - 1])]
        if len(begins) <= _TICKS:
            for n in begins:
                if _AFTER <= n < len(starts) - _BEFORE:
                    dates[n] = tell(starts[n])
            break
    dates[0], dates[-1] = first, last
    return dates


def _clock(start: datetime) -> str:
    return f"{start:%H:%M}" if (start.hour, start.minute) != (0, 0) else _day(start)


def _day(start: datetime) -> str:
    return f"{start:%m-%d}"


def _every(minutes: int) -> Callable[[datetime], object]:
    # Year 1 began on a Monday, as weeks do.
    return lambda start: (start - datetime.min) // timedelta(minutes=minutes)


def _months(count: int) -> Callable[[datetime], object]:
    return lambda start: (start.year * 12 + start.month - 1) // count


_ROUND: Sequence[tuple[Callable[[datetime], object], Callable[[datetime], str]]] = (
    *((_every(minutes), _clock) for minutes in (10, 30, 60, 120, 180, 360, 720)),
    *((_every(_DAY * days), _day) for days in (1, 7)),
    *((_months(count), lambda start: f"{start:%Y-%m}") for count in (1, 3)),
    *((_months(12 * count), lambda start: f"{start:%Y}") for count in (1, 10)),
)
"""Round times, the closest first: what changes when one begins, and how it is told."""
