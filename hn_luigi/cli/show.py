"""How things look on a terminal and in a pipe: times, ages, sizes, tables.

What comes from storage is a stranger's text: it is never read as markup, and characters that
would move the cursor or turn the writing direction are shown as escapes.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import click
from rich.console import Console, RenderableType
from rich.text import Text

from hn_luigi.assets import window

NOTHING = "-"
"""Where there is nothing to show."""

STYLES = {
    "current": "green",
    "missing": "yellow",
    "stale": "yellow",
    "PASS": "green",
    "WARN": "yellow",
    "FAIL": "bold red",
    "UNKNOWN": "magenta",
    "made": "green",
    "failed": "bold red",
    "unreadable": "bold red",
    "gone": "yellow",
}
_NO_BOUND = 10_000


def console() -> Console:
    """Standard output; in a pipe as wide as its contents, so that a line stays a line."""
    found = Console(highlight=False, markup=False, emoji=False)
    if not found.is_terminal:
        found.width = _NO_BOUND
    return found


def show(found: RenderableType) -> None:
    """Print ``found``, without spaces at the ends of lines in a pipe."""
    on = console()
    if on.is_terminal:
        on.print(found)
        return
    with on.capture() as capture:
        on.print(found)
    click.echo("\n".join(line.rstrip() for line in capture.get().splitlines()))


def show_json(value: Any) -> None:
    """Print ``value`` as JSON, in ASCII; what JSON has no number for is null."""
    click.echo(json.dumps(_finite(value), indent=1, allow_nan=False))


def plain(text: str) -> str:
    """``text`` as one line that a terminal only prints."""
    line = " ".join(text.split())
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return safe.encode(encoding, "backslashreplace").decode(encoding)


def styled(word: str, *more: str) -> Text:
    """``word`` in the colour of what it says, then ``more``."""
    return Text.assemble((word, STYLES.get(word, "")), *more)


def age(lag: timedelta | None) -> str:
    """``45 s``, ``3 min``, ``2 h 5 min``, ``3 d 4 h``; begun units are counted whole.

    So what is past a limit never looks as if it were just at it.
    """
    if lag is None:
        return NOTHING
    if lag < timedelta(0):
        return f"-{age(-lag)}"
    seconds = math.ceil(lag.total_seconds())
    minutes = math.ceil(seconds / 60)
    hours = math.ceil(minutes / 60)
    if seconds < 60:
        return f"{seconds} s"
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 24 * 60:
        return _two(minutes, 60, "h", "min")
    return _two(hours, 24, "d", "h")


def duration(seconds: float) -> str:
    """``40 ms``, ``1.2 s``, ``14 s``, ``1 min 5 s``, ``2 h 5 min``."""
    if not 0 <= seconds < _NO_TIME:
        return NOTHING
    if seconds < 1:
        return f"{math.floor(seconds * 1000)} ms"
    if seconds < 10:
        return f"{math.floor(seconds * 10) / 10:.1f} s"
    if seconds < 60:
        return f"{math.floor(seconds)} s"
    if seconds < 3600:
        return _two(math.floor(seconds), 60, "min", "s")
    return _two(math.floor(seconds / 60), 60, "h", "min")


def size(count: int) -> str:
    """``512 B``, ``5.4 kB``, ``82 kB``, ``1.2 MB``; 1 kB is 1000 B."""
    if not 0 <= count < _NO_SIZE:
        return NOTHING
    if count < 1000:
        return f"{int(count)} B"
    value = float(count)
    for unit in ("kB", "MB", "GB", "TB"):
        value /= 1000
        if value < 9.95:
            return f"{value:.1f} {unit}"
        if value < 999.5:
            break
    return f"{value:.0f} {unit}"


def clock(moment: datetime) -> str:
    """``12:31`` of today, ``11-20 12:31`` of another day, UTC, with the year of another year."""
    now = window.now()
    if moment.date() == now.date():
        return f"{moment:%H:%M}"
    return f"{moment:%m-%d %H:%M}" if moment.year == now.year else f"{moment:%Y-%m-%d %H:%M}"


def moment(timestamp: str) -> str:
    """``2026-11-22 12:31:05``, UTC, of a ``timestamp`` of a record."""
    return f"{window.moment(timestamp):%Y-%m-%d %H:%M:%S}"


def window_name(name: str) -> str:
    """The start of the window called ``name`` as ``clock`` shows it."""
    return clock(window.parse(name)) if window.is_name(name) else plain(name)


def since(timestamp: str) -> timedelta:
    """How long ago the moment of a record's ``timestamp`` was."""
    return window.now() - window.moment(timestamp)


def seconds(length: timedelta | None) -> float | None:
    """``length`` in seconds, as JSON has it."""
    return None if length is None else round(length.total_seconds(), 3)


def facts(metadata: Mapping[str, Any]) -> str:
    """What a step reported of itself: ``rows 494, skipped dead 3 and null 2``."""
    return ", ".join(f"{plain(name)} {fact(value)}" for name, value in metadata.items())


def fact(value: Any) -> str:
    """A JSON value in words, on one line."""
    if isinstance(value, dict) and value:
        return listed([f"{plain(key)} {_simple(found)}" for key, found in value.items()])
    return _simple(value)


def counted(count: int, noun: str) -> str:
    """``1 window``, ``3,012 windows``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def listed(words: list[str]) -> str:
    """``words`` as a sentence lists them: ``a``, ``a and b``, ``a, b and c``."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


_NO_TIME = 1e12
_NO_SIZE = 10**18


def _two(count: int, per: int, unit: str, smaller: str) -> str:
    whole, rest = divmod(count, per)
    return f"{whole} {unit} {rest} {smaller}" if rest else f"{whole} {unit}"


def _simple(value: Any) -> str:
    if value in ({}, []):
        return "none"
    return plain(value if isinstance(value, str) else json.dumps(value))


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {key: _finite(v) for key, v in value.items()}
    return [_finite(v) for v in value] if isinstance(value, (list, tuple)) else value
