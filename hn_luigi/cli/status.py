"""``hn-luigi status``: the state and age of the assets of the graph."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import accumulate
from time import sleep
from typing import Any

import click
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from hn_luigi.assets import Freshness
from hn_luigi.assets.operations import (
    AssetStatus,
    Category,
    Cause,
    Record,
    Staleness,
    status_of,
    window,
)
from hn_luigi.cli.command import Command
from hn_luigi.cli.freshness import lag_json, lag_line
from hn_luigi.cli.history import failure_json
from hn_luigi.cli.options import as_of_option, json_option
from hn_luigi.cli.output import console, show, show_json, styled, writing
from hn_luigi.formatting import (
    NOTHING,
    age,
    clock,
    duration,
    fact,
    listed,
    moment,
    of_window,
    plain,
    shortened,
    size,
    window_name,
)
from hn_luigi.watchlist import watched

# The status of three assets in a folder takes 5 ms of CPU, in a bucket some requests.
REFRESH_SECONDS = 5
_NUMBERS = ("Age", "Rows", "Took", "Size")
_COLUMNS = ("Asset", "State", "Age", "Freshness", "Limit", "Newest", "Window", *_NUMBERS[1:])
"""In order of worth: where not all of them fit, the last ones are left out."""
_FEWEST = 2
_GAP = 2


@click.command(cls=Command)
@as_of_option
@json_option
@click.option(
    "-f",
    "--follow",
    is_flag=True,
    help=f"Refresh it every {REFRESH_SECONDS} seconds, until Ctrl-C.",
)
def status(as_of: datetime | None, as_json: bool, follow: bool) -> None:
    """Show the state and age of every watched asset.

    One row for each, upstream first: whether what is stored for the present window, or the one
    given by --as-of, matches its definition, and what is known about the newest window that was
    made. Times are UTC. Age is counted from when the data was read, not from when the file was
    written; Freshness is what the freshness policy says of it, and Limit the age it allows. The
    last columns are left out where a terminal is too narrow for them. Below are the reasons, what
    checks found wrong with the newest window, and a failed attempt if the asset was not made since.

    \b
    Examples:
      hn-luigi status
      hn-luigi status --as-of latest --json
      hn-luigi status --follow
    """
    if follow and as_json:
        raise click.UsageError("--follow draws a table: leave out either --json or --follow")
    if follow:
        _follow(as_of)
    elif as_json:
        show_json([to_json(found) for found in status_of(watched(as_of))])
    else:
        show(table(status_of(watched(as_of)), console()))


def table(found: Sequence[AssetStatus], console: Console) -> RenderableType:
    """A row for each of ``found``, and below it what there is to say in words.

    Columns that don't fit the console's width are left out, the least worth first. If even two are
    too wide, the folders are shortened.
    """
    rows = [list(_row(asset)) for asset in found]
    widths = [max(len(cell) for cell in cells) for cells in zip(_COLUMNS, *rows, strict=True)]
    ends = list(accumulate(widths, lambda end, width: end + _GAP + width))
    count = max(_FEWEST, sum(end <= console.width for end in ends))
    too_much = max(0, ends[count - 1] - console.width)
    grid = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold")
    for name in _COLUMNS[:count]:
        grid.add_column(name, justify="right" if name in _NUMBERS else "left", no_wrap=True)
    for folder, *cells in rows:
        name = shortened(str(folder), max(1, widths[0] - too_much))
        grid.add_row(name, *cells[: count - 1])
    roots = listed(list(dict.fromkeys(asset.asset.dataset.store.root for asset in found)))
    head = Text(f"{clock(window.now())} UTC, stored under {plain(roots)}")
    notes = [note for asset in found for note in _notes(asset)]
    return Group(head, Text(), grid, *([Text(), *notes] if notes else []))


def to_json(found: AssetStatus) -> dict[str, Any]:
    """The facts of a row: times in ISO 8601, lengths in seconds, sizes in bytes."""
    asset, newest = found.asset, found.newest
    return {
        **lag_json(asset, found.lag),
        "name": type(asset).__name__,
        "window": window.name(asset.as_of),
        **staleness_json(found.staleness),
        "newest": newest and _newest_json(newest),
        "failure": found.failure and failure_json(found.failure),
    }


def staleness_json(staleness: Staleness) -> dict[str, Any]:
    """Whether what is stored matches its definition, and why not, for programs by category."""
    causes = [{"category": c.category.value, "reason": c.reason} for c in staleness.causes]
    return {
        "state": staleness.state.value,
        "reasons": list(staleness.reasons),
        "causes": causes,
        "lost": staleness.lost,
        "kept": staleness.kept,
    }


def beyond_missing(causes: Sequence[Cause]) -> list[str]:
    """The reasons for ``causes``, but those that only say again that the state is missing."""
    return [cause.reason for cause in causes if cause.category is not Category.MISSING]


def _newest_json(record: Record) -> dict[str, Any]:
    return {
        "window": record.window,
        "created_at": record.created_at,
        "data_time": record.data_time,
        "rows": record.metadata.get("rows"),
        "duration_seconds": record.duration,
        "size_bytes": record.size,
        "warnings": record.warnings,
    }


def _row(found: AssetStatus) -> Iterator[str | Text]:
    newest, policy = found.newest, found.asset.freshness
    length = found.asset.own_length()
    yield found.asset.folder
    yield styled(found.staleness.state.value)
    yield age(found.lag.lag)
    yield styled(found.lag.freshness.name) if policy else NOTHING
    yield age(policy.maximum_lag) if policy else NOTHING
    yield window_name(newest.window, length) if newest else NOTHING
    yield length.label(found.asset.as_of)
    yield fact(newest.metadata.get("rows", NOTHING)) if newest else NOTHING
    yield duration(newest.duration) if newest else NOTHING
    yield size(newest.size) if newest else NOTHING


def _notes(found: AssetStatus) -> Iterator[Text]:
    asset, staleness, failure = found.asset, found.staleness, found.failure
    reasons = beyond_missing(staleness.causes)
    said = [plain("; ".join(reasons))] if reasons else []
    if staleness.lost:
        said.append("it can't be made any more")
    if not staleness.current and said:
        yield styled(staleness.state.value, f" {asset.folder}: {', and '.join(said)}")
    if found.lag.freshness in (Freshness.WARN, Freshness.FAIL):
        yield lag_line(asset, found.lag)
    for check, problem in found.newest.warnings.items() if found.newest else ():
        yield styled("warning", f" {asset.folder}: {plain(check)}: {plain(problem)}")
    if failure:
        which = f"{of_window(asset, failure.window)}, at {moment(failure.failed_at)}"
        attempt = f"attempt {failure.attempt}{', to be retried' if failure.retried else ''}"
        yield styled("failed", f" {which} ({attempt}): {plain(failure.error)}")


def _follow(as_of: datetime | None) -> None:
    from rich.live import Live

    on = console()
    if not on.is_terminal:
        raise click.UsageError("--follow needs a terminal: leave it out to print once")
    with suppress(KeyboardInterrupt), writing(), Live(console=on, auto_refresh=False) as live:
        while True:
            live.update(table(status_of(watched(as_of)), on), refresh=True)
            sleep(REFRESH_SECONDS)
