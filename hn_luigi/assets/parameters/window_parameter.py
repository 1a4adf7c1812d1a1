"""The parameter that names a window."""

from __future__ import annotations

import copy
from datetime import date, datetime, time
from typing import Any

import luigi

from hn_luigi.assets import window
from hn_luigi.assets.luigi_internals.command_line import command_line
from hn_luigi.assets.luigi_internals.stored_only import STORED_ONLY
from hn_luigi.assets.parameters.assets_section import length_by_setting
from hn_luigi.assets.parameters.kinds import Checked
from hn_luigi.assets.window_length import WindowLength, in_utc

LATEST = datetime.max
"""What ``--as-of latest`` parses to, until the class of a task resolves it to a stored window."""

_latest_for: object | None = None


def is_run_of_latest() -> bool:
    """Whether the command line that is run asks for ``latest``, so that nothing may be fetched.

    Tasks hand that on to what they require (``stored_only``), but Luigi makes those that a
    ``run()`` yields anew, from the text of their parameters, and not every plain task has such
    a parameter.
    """
    return _latest_for is not None and _latest_for is command_line()


_WANTED = (
    "it must be now, latest, or a UTC time like 2026-11-22T1230, '2026-11-22 12:30', 2026-11-22, "
    "2026-W47 or 2026-11"
)


class WindowParameter(Checked):
    """A window's start, UTC: ``now``, ``latest``, or a time, floored to its window.

    In code it takes a ``datetime``, a ``date``, which means its midnight, or the text of a flag;
    so Luigi's Range tools fit, which hand over dates and datetimes.

    ``now`` is resolved when a task is made. A window is as long as the class of an asset declares,
    or else ``[assets] window_minutes``.
    """

    # Not a subclass of luigi.DateMinuteParameter, which says of a bad value neither which flag it
    # was nor what it takes. Its values are like Luigi's own, UTC and naive: an aware one raises
    # TypeError in Luigi's range tools, and local times name two hours alike when summer time ends.

    declared_length: WindowLength | None = None
    """How long a window is, if that is not the setting's business."""

    @property
    def length(self) -> WindowLength:
        """How long a window is."""
        # Read each time: an interval that is set when the parameter is declared, as that of
        # luigi.DateMinuteParameter, is fixed at the import, before luigi.cfg or a flag can say
        # otherwise.
        return self.declared_length or length_by_setting()

    def with_length(self, length: WindowLength | None) -> WindowParameter:
        """The like of it whose windows are that long, or as long as the setting says."""
        # A copy, since the class that it is inherited from may have another length, and since a new
        # one would be counted as declared last: Luigi takes positional arguments by that.
        own = copy.copy(self)
        own.declared_length = length
        return own

    def __set_name__(self, owner: type, name: str) -> None:
        super().__set_name__(owner, name)
        # Luigi finds parameters that a class is given later, as luigi.util.requires gives them.
        if not issubclass(owner, luigi.Config) and not hasattr(owner, "stored_only"):
            owner.stored_only = STORED_ONLY  # type: ignore[attr-defined]  # as luigi.util.requires does, of an asset

    def parse(self, x: str) -> Any:
        # A module's variable, since the parser is Luigi's and has no place for it; the next command
        # line of the process, as in a test, has a parser of its own and so isn't meant.
        global _latest_for
        value = super().parse(x)
        if value == LATEST:
            _latest_for = command_line()
        return value

    def read(self, text: str) -> datetime:
        moment = time_of(text)
        if moment == LATEST:
            return LATEST
        start = self.check(moment)
        if start > window.now():
            raise ValueError(f"that is in the future: it is {window.now():%Y-%m-%d %H:%M} UTC")
        return start

    def check(self, value: Any) -> datetime:
        if isinstance(value, str):
            return self.check(self.read(value))
        if value == LATEST:
            return LATEST
        length = self.length
        try:
            start = length.floor(window.now() if value is None else moment_of(value))
            length.shift(start, 2)  # when it closes at latest
        except OverflowError:
            raise ValueError("it must be a time within the years 1 to 9999") from None
        return start

    def serialize(self, x: datetime) -> str:
        return "latest" if x == LATEST else window.name(x)

    def next_in_enumeration(self, value: datetime) -> datetime:
        return value if value == LATEST else self.length.end(value)


def time_of(text: str) -> datetime:
    """The time that a flag of a window names, or LATEST; raises ValueError with what is wanted."""
    if text in ("", "now"):
        return window.now()
    if text == "latest":
        return LATEST
    try:
        return window.parse(text)
    except ValueError:
        raise ValueError(_WANTED) from None


def moment_of(value: object) -> datetime:
    """``value`` as a plain UTC datetime, of the same instant; raises ValueError for no time."""
    if isinstance(value, str):
        return window.parse(value)
    if isinstance(value, datetime):  # or of a subclass, such as pandas' Timestamp and its NaT
        if value == value:
            return in_utc(datetime.combine(value.date(), value.timetz()))
    elif isinstance(value, date):
        return datetime.combine(value, time())
    raise ValueError(f"{_WANTED}, or a datetime or date")
