"""The arguments and options of commands: assets, windows, shares and lengths of time."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import click

from hn_luigi.assets.operations import time_of
from hn_luigi.formatting import plain
from hn_luigi.watchlist import watched


class Parsed(click.ParamType):  # type: ignore[type-arg]
    """What ``parse`` makes of a text; its ValueError is a usage error."""

    def __init__(self, name: str, parse: Callable[[str], object]) -> None:
        self.name, self.parse = name, parse

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """What ``value`` means, which a default may say already."""
        try:
            return self.parse(value) if isinstance(value, str) else value
        except ValueError as error:
            self.fail(f"{plain(repr(value), 60)}: {error}", param, ctx)


def window_of(text: str) -> datetime | None:
    """A window: ``now`` (None), ``latest`` (LATEST), or a UTC time that it holds.

    As ``asset_of`` takes it, which knows how long the windows of an asset are. ``now`` stays open,
    so that a command that runs for a while moves on to the next window.
    """
    return time_of(text) if text not in ("", "now") else None


def _length_of(text: str) -> timedelta:
    found = re.fullmatch(r"([0-9]+)([mhdw])", text.strip())
    try:
        length = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else timedelta(0)
    except (OverflowError, ValueError):  # more digits than int takes
        length = timedelta.max
    if length <= timedelta(0):
        raise ValueError("it must be a length of time like 90m, 12h, 30d or 2w")
    if length > _LONGEST:
        raise ValueError(f"it must be at most {_LONGEST.days} days")
    return length


def _share_of(text: str) -> float:
    found = re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]{1,9})?)%", text.strip())
    share = float(found[1]) / 100 if found else 0.0
    if not 0 < share <= 1:
        raise ValueError("it must be a share like 5% or 0.5%, above 0% and at most 100%")
    return share


# Further back than anything is stored, and not so far that there are no dates.
_LONGEST = timedelta(days=36_500)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}

WindowType = partial(Parsed, "window", window_of)
Duration = partial(Parsed, "duration", _length_of)
"""A positive length of time in one unit, at most 100 years: ``90m``, ``12h``, ``30d``."""
Share = partial(Parsed, "share", _share_of)
"""A share above 0 % and up to 100 %, as a number up to 1: ``5%``, ``0.5%``."""


def _folders(_context: click.Context, _argument: click.Parameter, incomplete: str) -> list[str]:
    """The folders of watched assets that begin so, for a shell to complete."""
    try:
        return [asset.folder for asset in watched() if asset.folder.startswith(incomplete)]
    except (Exception, SystemExit):  # of a watched class: a traceback would stand in the line
        return []


asset_argument = click.argument(
    "asset", nargs=-1, required=True, metavar="ASSET [FLAGS]", shell_complete=_folders
)
"""ASSET, and after it flags of its class: the words that ``watchlist.asset_of`` takes."""
optional_asset_argument = click.argument(
    "asset", nargs=-1, metavar="[ASSET [FLAGS]]", shell_complete=_folders
)
"""The same, or no words for the first of the watch list."""
assets_argument = click.argument(
    "asset", nargs=-1, metavar="[ASSET [FLAGS]]...", shell_complete=_folders
)
"""Several of them, each with its flags behind it, or no words for all."""
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
