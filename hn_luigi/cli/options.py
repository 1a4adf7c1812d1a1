"""The arguments and options of commands: assets, windows, feeds and lengths of time."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import click

from hn_luigi.assets import AssetError
from hn_luigi.assets.operations import time_of
from hn_luigi.formatting import plain
from hn_luigi.watchlist import watched


class WindowType(click.ParamType):  # type: ignore[type-arg]
    """A window: ``now`` (None), ``latest`` (LATEST), or a UTC time that it holds.

    As ``watchlist.asset_of`` takes it, which knows how long the windows of an asset are. ``now``
    stays open, so that a command that runs for a while moves on to the next window.
    """

    name = "window"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime | None:
        """What ``value`` means; a usage error for anything but a window."""
        if value in (None, "", "now"):
            return None
        if isinstance(value, datetime):
            return value
        try:
            return time_of(value)
        except ValueError as error:
            self.fail(f"{value!r}: {error}", param, ctx)


class Duration(click.ParamType):  # type: ignore[type-arg]
    """A positive length of time in one unit, at most 100 years: ``90m``, ``12h``, ``30d``."""

    name = "duration"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """What ``value`` means; a usage error for anything else."""
        if isinstance(value, timedelta):
            return value
        found = re.fullmatch(r"([0-9]+)([mhdw])", value.strip())
        length = _length(found[1], found[2]) if found else timedelta(0)
        if length <= timedelta(0):
            wanted = "it must be a length of time like 90m, 12h, 30d or 2w"
            self.fail(f"{plain(repr(value), 60)}: {wanted}", param, ctx)
        if length > LONGEST:
            self.fail(
                f"{plain(repr(value), 60)}: it must be at most {LONGEST.days} days", param, ctx
            )
        return length


class Share(click.ParamType):  # type: ignore[type-arg]
    """A share above 0 % and up to 100 %: ``5%``, ``0.5%``."""

    name = "share"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """What ``value`` means, 1 for all; a usage error for anything else."""
        if isinstance(value, float):
            return value
        found = re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]{1,9})?)%", value.strip())
        share = float(found[1]) / 100 if found else 0.0
        if not 0 < share <= 1:
            wanted = "it must be a share like 5% or 0.5%, above 0% and at most 100%"
            self.fail(f"{plain(repr(value), 60)}: {wanted}", param, ctx)
        return share


def _length(count: str, unit: str) -> timedelta:
    try:
        return timedelta(**{_UNITS[unit]: int(count)})
    except (OverflowError, ValueError):  # more digits than int takes
        return timedelta.max


LONGEST = timedelta(days=36_500)
"""Further back than anything is stored, and not so far that there are no dates."""

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def _folders(_context: click.Context, _argument: click.Parameter, incomplete: str) -> list[str]:
    """The folders of watched assets that begin so, for a shell to complete."""
    try:
        return [asset.folder for asset in watched() if asset.folder.startswith(incomplete)]
    except AssetError:
        return []


asset_argument = click.argument(
    "asset", nargs=-1, required=True, metavar="ASSET [FLAGS]", shell_complete=_folders
)
"""ASSET, and after it flags of its class: the words that ``watchlist.asset_of`` takes."""
optional_asset_argument = click.argument(
    "asset", nargs=-1, metavar="[ASSET [FLAGS]]", shell_complete=_folders
)
"""The same, or no words for the first of the watch list."""
_as_of = partial(
    click.option,
    "--as-of",
    type=WindowType(),
    show_default=True,
    metavar="WINDOW",
    help="Window: now, latest (the newest whose captures are stored), or a UTC time such as "
    "2026-11-22T1230, a day, a week (2026-W47) or a month (2026-11).",
)
as_of_option = _as_of(default="now")
latest_option = _as_of(default="latest")
json_option = click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print the same facts as JSON: times in ISO 8601, lengths in seconds, sizes in bytes.",
)
