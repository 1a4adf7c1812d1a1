"""How times, lengths of time, sizes, counts, reported facts and strangers' texts read."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from hn_luigi.assets import Asset
from hn_luigi.assets.operations import CLOCKS_DIFFER, NO_WINDOW, Timestamp, WindowLength, window

# Characters: an error's message may quote a server's whole answer.
LONGEST_TEXT = 2_000
NOTHING = "-"
"""Where there is nothing to show."""


def plain(text: str, limit: int = LONGEST_TEXT) -> str:
    """``text`` as one line that a terminal only prints, of ``limit`` characters at most."""
    return cut_off(harmless(" ".join(text.split())), limit)


def cut_off(text: str, limit: int) -> str:
    """``text`` in ``limit`` characters at most, the end left out."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def harmless(text: str) -> str:
    """``text`` with escapes for what would move a cursor or turn the writing direction."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def shortened(text: str, limit: int) -> str:
    """``text`` in ``limit`` characters at most, the middle left out: both ends tell the most."""
    if len(text) <= limit:
        return text
    begin, end = (limit - 1) // 2, limit // 2
    return f"{text[:begin]}…{text[len(text) - end :]}"


def absolute(path: str) -> str:
    """A path or URL of what is stored as other processes find it, wherever they run."""
    return path if "://" in path else os.path.abspath(os.path.expanduser(path))


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
    """``2026-11-22 12:31``, UTC: the one form in which people read times; programs read ISO's."""
    return moment.isoformat(" ", timespec="minutes")


def moment(timestamp: Timestamp) -> str:
    """``2026-11-22 12:31``, UTC, of a ``timestamp`` of a record."""
    return clock(window.moment(timestamp))


def window_name(name: str, length: WindowLength) -> str:
    """The window called ``name`` as people call one of that ``length``; --as-of takes it, too."""
    return length.label(window.parse(name)) if window.is_name(name) else plain(name)


def of_window(asset: Asset, name: str = "") -> str:
    """``top/prices of 2026-11-22 12:30``, its own window unless another is named.

    The folder alone of what has no window.
    """
    length = asset.own_length()
    which = window_name(name or window.name(asset.as_of), length)
    return asset.folder if length == NO_WINDOW else f"{asset.folder} of {which}"


def since(timestamp: Timestamp) -> timedelta:
    """How long ago the moment of a record's ``timestamp`` was.

    Nothing where it was noted by a clock that is ahead, by as much as clocks may differ.
    """
    ago = window.now() - window.moment(timestamp)
    return ago if ago < -CLOCKS_DIFFER else max(ago, timedelta(0))


def seconds(length: timedelta | None) -> float | None:
    """``length`` in seconds, as JSON has it."""
    return None if length is None else round(length.total_seconds(), 3)


def facts(metadata: Mapping[str, Any]) -> str:
    """What a step reported of itself: ``rows 494, skipped dead 3 and null 2``."""
    return plain(", ".join(f"{_short(name)} {fact(found)}" for name, found in metadata.items()))


def fact(value: Any) -> str:
    """A JSON value in words, on one line, of 200 characters at most; of many, how many."""
    if isinstance(value, (dict, list)) and len(value) > _MOST_VALUES:
        return counted(len(value), "value")
    if isinstance(value, dict) and value:
        return _short(listed([f"{_short(key)} {_simple(found)}" for key, found in value.items()]))
    return _simple(value)


def counted(count: int, noun: str) -> str:
    """``1 window``, ``3,012 windows``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def listed(words: list[str]) -> str:
    """``words`` as a sentence lists them: ``a``, ``a and b``, ``a, b and c``."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


# Where a number is no longer one: a record may have been edited, and holds what JSON allows. 1e12 s
# are 30,000 years, and 10**18 bytes more than any store has in one file.
_NO_TIME = 1e12
_NO_SIZE = 10**18
_LONGEST_FACT = 200  # characters: two lines of a terminal, so that no fact hides the next
_MOST_VALUES = 20  # more are read by programs, from `--json`


def _two(count: int, per: int, unit: str, smaller: str) -> str:
    whole, rest = divmod(count, per)
    return f"{whole} {unit} {rest} {smaller}" if rest else f"{whole} {unit}"


def _simple(value: Any) -> str:
    if value in ({}, []):
        return "none"
    return _short(value if isinstance(value, str) else json.dumps(value))


def _short(text: str) -> str:
    return plain(text, _LONGEST_FACT)
