"""What users write after a command's name: windows, feeds and lengths of time."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import click

from hn_luigi.assets.parameters import WindowParameter, assets
from hn_luigi.hackernews import FEEDS


class AsOf(click.ParamType):  # type: ignore[type-arg]
    """A window: ``now`` (None), ``latest`` (LATEST), or a UTC time that has begun.

    What ``asset_named`` takes. ``now`` stays open, so that a command that goes on for a while
    moves on to the next window.
    """

    name = "window"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime | None:
        """What ``value`` means; a usage error for what is no window."""
        if value in (None, "", "now"):
            return None
        if isinstance(value, datetime):
            return value
        assets()  # a bad [assets] window_minutes is not the value's fault
        try:
            found: datetime = WindowParameter(default=None).read(value)
        except ValueError as error:
            self.fail(f"{value!r}: {error}", param, ctx)
        return found


class Duration(click.ParamType):  # type: ignore[type-arg]
    """A positive length of time in one unit: ``90m``, ``12h``, ``30d``, ``2w``."""

    name = "duration"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """What ``value`` means; a usage error for what is no such length."""
        if isinstance(value, timedelta):
            return value
        found = re.fullmatch(r"([0-9]{1,6})([mhdw])", value.strip())
        length = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else timedelta(0)
        if length <= timedelta(0):
            wanted = "it must be a length of time like 90m, 12h, 30d or 2w"
            self.fail(f"{value!r}: {wanted}", param, ctx)
        return length


_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}

as_of_option = click.option(
    "--as-of",
    type=AsOf(),
    default="now",
    show_default=True,
    metavar="WINDOW",
    help="Window: now, latest (the newest whose captures are stored), or a UTC time such as "
    "2026-11-22T1230.",
)
feed_option = click.option(
    "--feed",
    type=click.Choice(FEEDS),
    default="top",
    show_default=True,
    help="Hacker News' list that the asset is about.",
)
