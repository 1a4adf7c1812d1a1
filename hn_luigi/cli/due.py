"""``hn-luigi due``: what ``hn-luigi serve --refresh`` makes next, when and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import click
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from hn_luigi.assets import AssetError
from hn_luigi.assets.operations import NO_WINDOW, in_words, masked, window
from hn_luigi.cli.command import Command
from hn_luigi.cli.options import json_option
from hn_luigi.cli.output import console, show, show_json, styled, warn
from hn_luigi.formatting import NOTHING, age, clock, counted, plain
from hn_luigi.refresh import Due, LineFacts, facts_of, paused, policy_notes, share, upcoming
from hn_luigi.refresh import due as next_due
from hn_luigi.watchlist import watched_lines

_COLUMNS = ("When", "In", "What", "Window", "Why")
_LEAST_WORTH = ("Window", "In")
"""What is left out first where a terminal is narrow: of both, the time tells as much."""
_NARROWEST_WHY = 20
"""Characters: most reasons take one line then, all others two."""
_GAP = 2


@dataclass(frozen=True)
class _Planned:
    """What is known of a line of the watch list, and what comes next of it."""

    line: LineFacts
    next: Due
    coming: Sequence[Due]
    """Within the time that was asked for."""


@click.command(cls=Command, needs_root=False)
@click.option(
    "--hours", default=3, show_default=True, type=click.IntRange(1, 24 * 7), metavar="N",
    help="How many hours to look ahead.",
)  # fmt: skip
@json_option
def due(hours: int, as_json: bool) -> None:
    """Show what is made next, when and why.

    It is what hn-luigi serve --refresh starts in the next hours if each run succeeds, on this
    machine and as this user; it starts nothing itself, and needs no server. A narrow terminal
    leaves out Window, then In. Below are the lines of the watch list that are paused, or of which
    nothing is planned, and which freshness policies can't be kept.

    The exit code is 2 if a line of the watch list can't be read.

    \b
    Examples:
      hn-luigi due
      hn-luigi due --hours 24 --json
    """
    now = window.now()
    planned, troubles = _planned(now, timedelta(hours=hours))
    if as_json:
        lines = [each.line for each in planned]
        show_json([_to_json(each, lines, now) for each in planned])
    else:
        show(_table(planned, now, hours, console().width))
    for trouble in troubles:
        warn(trouble)
    if troubles:
        raise click.exceptions.Exit(2)


def _planned(now: datetime, ahead: timedelta) -> tuple[list[_Planned], list[str]]:
    """What comes of each line, and what is wrong with those that can't be read."""
    lines, broken = watched_lines()
    since, part = paused(), share()
    known, troubles = [], [line.error for line in broken]
    for line in lines:
        try:
            known.append(facts_of(line, [], since))
        except AssetError as error:
            troubles.append(f"{line.text}: {error}")
        except (Exception, SystemExit) as error:  # of a watched class, such as its settings()
            troubles.append(f"{line.text}: {masked(in_words(error))}")
    coming = upcoming(known, now, now + ahead, part)
    planned = [
        _Planned(facts, next_due(facts, now, part, known), its)
        for facts, its in zip(known, coming, strict=True)
    ]
    return planned, troubles


def _table(planned: Sequence[_Planned], now: datetime, hours: int, width: int) -> RenderableType:
    """A row for each run, the next first, and below them what there is to say in words."""
    coming = [due for each in planned for due in each.coming]
    found = sorted(coming, key=lambda each: each.when or now)
    ahead = counted(hours, "hour")
    head = Text(f"{clock(now)} UTC, the next {ahead if hours > 1 else 'hour'}")
    lines = [each.line for each in planned]
    notes = [note for each in planned for note in _notes(each, lines, now)]
    grid = _grid([dict(zip(_COLUMNS, _row(each, now), strict=True)) for each in found], width)
    rows: list[RenderableType] = [Text(), grid] if coming else []
    return Group(head, *rows, *([Text(), *notes] if notes else []))


def _grid(rows: Sequence[Mapping[str, str]], width: int) -> Table:
    """The table of ``rows``, with as many columns as leave room for the reasons."""
    *fixed, why = _COLUMNS
    widths = {
        name: _GAP + max(len(cell) for cell in (name, *(r[name] for r in rows))) for name in fixed
    }
    for name in _LEAST_WORTH:
        if sum(widths.values()) + _NARROWEST_WHY > width:
            widths.pop(name, None)
    grid = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold")
    for name in widths:
        grid.add_column(name, no_wrap=True, justify="right" if name == "In" else "left")
    grid.add_column(why, overflow="fold", min_width=_NARROWEST_WHY)
    for row in rows:
        grid.add_row(*(row[name] for name in (*widths, why)))
    return grid


def _row(found: Due, now: datetime) -> Iterator[str]:
    yield _to_the_second(found.when or now)
    yield age(found.when - now) if found.when and found.when > now else "now"
    yield plain(found.folder)
    yield NOTHING if found.length == NO_WINDOW else found.length.label(found.start)
    yield plain(found.why)


def _notes(planned: _Planned, lines: Sequence[LineFacts], now: datetime) -> Iterator[Text]:
    line, what = planned.line, planned.next
    folder = plain(line.root.folder)
    if line.paused_since is not None:
        told = f"since {clock(line.paused_since)} UTC, until it is resumed on its page"
        yield styled("paused", f" {folder}: {told}")
    elif what.when is None:
        told = "" if planned.coming else "nothing is planned: "
        yield Text(f"{folder}: {told}{plain(what.why)}")
    elif not planned.coming:
        told = f"next at {_to_the_second(what.when)}, in {age(what.when - now)}: {plain(what.why)}"
        yield Text(f"{folder}: {told}")
    for note in policy_notes(line, lines):
        yield styled("note", f" {plain(note)}")


def _to_the_second(moment: datetime) -> str:
    """``2026-11-22 12:30:07``: a second's difference is what keeps installations apart."""
    return moment.isoformat(" ", timespec="seconds")


def _to_json(planned: _Planned, lines: Sequence[LineFacts], now: datetime) -> dict[str, Any]:
    """The facts of a line; ``next`` may be beyond what was asked for."""
    line = planned.line
    return {
        "line": line.line,
        "asset": line.root.folder,
        "paused_since": line.paused_since and window.timestamp(line.paused_since),
        "next": _due_json(planned.next, now),
        "due": [_due_json(found, now) for found in planned.coming],
        "notes": policy_notes(line, lines),
    }


def _due_json(found: Due, now: datetime) -> dict[str, Any]:
    """``when`` is null while nothing is planned."""
    return {
        "asset": found.folder,
        "window": window.name(found.start),
        "when": found.when and window.timestamp(max(found.when, now)),
        "now": found.is_now(now),
        "settling": found.is_settling,
        "why": found.why,
    }
