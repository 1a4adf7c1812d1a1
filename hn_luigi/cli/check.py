"""``hn-luigi check``: run the checks of an asset on what is stored."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import click
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from hn_luigi.assets import Asset
from hn_luigi.assets.operations import CheckedWindow, CheckResult, check_stored, window
from hn_luigi.cli.command import Command
from hn_luigi.cli.options import Parsed, asset_argument, json_option, window_of
from hn_luigi.cli.output import show, show_json, styled
from hn_luigi.formatting import of_window, plain
from hn_luigi.watchlist import asset_of

_NEWEST = "newest"


def _stored_window(text: str) -> datetime | str | None:
    """A window, or the newest that is stored."""
    return text if text == _NEWEST else window_of(text)


@click.command(cls=Command)
@asset_argument
@click.option(
    "--as-of",
    type=Parsed("window", _stored_window),
    default=_NEWEST,
    show_default=True,
    metavar="WINDOW",
    help="Window: the newest that is stored, now, latest, or a time as other commands take it.",
)
@json_option
def check(asset: tuple[str, ...], as_of: datetime | str | None, as_json: bool) -> None:
    """Run the checks of ASSET on what is stored.

    Nothing is made, and nothing is changed. Before an output is published it has to meet the checks
    that its step declares; here they look at one that is there, which may have been made before
    they were declared. If a check of severity error fails, the exit code is 1; a failed one that
    only warns leaves it at 0.

    \b
    Examples:
      hn-luigi check top/wordcloud
      hn-luigi check Wordcloud --as-of 2026-11-22T1230 --json
    """
    given = None if isinstance(as_of, str) else as_of
    found = asset_of(asset, as_of=given)
    checked = check_stored(found, None if as_of == _NEWEST else window.name(found.as_of))
    if as_json:
        show_json(to_json(found, checked))
    else:
        show(text(found, checked))
    if any(result.refuses for result in checked.results):
        raise click.exceptions.Exit(1)


def text(asset: Asset, checked: CheckedWindow) -> RenderableType:
    """A line for each check."""
    head = Text(of_window(asset, checked.window))
    if not checked.results:
        return Group(head, Text(), Text("It declares no checks."))
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("Check", "Severity"):
        grid.add_column(name, no_wrap=True)
    grid.add_column("Result", overflow="fold")
    for result in checked.results:
        grid.add_row(*_row(result))
    return Group(head, Text(), grid)


def to_json(asset: Asset, checked: CheckedWindow) -> dict[str, Any]:
    """The facts; ``severity`` is error or warn."""
    return {
        "asset": asset.folder,
        "window": checked.window,
        "checks": [
            {
                "check": result.check.name,
                "severity": result.check.severity.value,
                "passed": result.problem is None,
                "problem": result.problem or "",
            }
            for result in checked.results
        ],
    }


def _row(result: CheckResult) -> Iterator[str | Text]:
    yield plain(result.check.name)
    yield result.check.severity.value
    if result.problem is None:
        yield styled("passed")
    else:
        yield styled("failed" if result.refuses else "warning", f": {plain(result.problem)}")
