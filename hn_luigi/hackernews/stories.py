"""What a Hacker News story is: the rows kept of it."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from html.entities import html5
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from hn_luigi.hackernews.errors import NoStories
from hn_luigi.strangers import shows_nothing

if TYPE_CHECKING:
    import pandas as pd

FEEDS = ("top", "new", "best", "ask", "show", "job")
"""The API's lists, each at ``{feed}stories.json`` (HackerNews/API README)."""

SCHEMA: dict[str, str] = {
    "rank": "int64",  # place in the feed, from 1; gaps are items that were skipped
    "id": "int64",
    "type": "string",  # story, job or poll
    "title": "string",  # HTML entities resolved; one that shows nothing counts as missing
    "url": "string",  # null where there is none, as for an Ask HN
    "domain": "string",  # host of url without www., in lower case; null where url is
    "by": "string",
    "score": "Int64",  # points
    "descendants": "Int64",  # comments; null for jobs
    "time": "datetime64[us, UTC]",  # when it was submitted
    "as_of": "datetime64[us, UTC]",  # the window it was captured for
}
"""Columns and dtypes of the stories table, whatever the feed held."""


# html.unescape also takes names that no semicolon ends, as HTML of old did: `BTC&ETH` is no `BTCÐ`.
# The last code point, 1114111, has seven digits, and six in hex.
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]*);")


@dataclass(frozen=True)
class Lost:
    """Stands for an item that can't be had, and says why: ``null``, ``unreachable``, …"""

    reason: str


def to_frame(
    items: Iterable[Mapping[str, Any] | Lost], *, as_of: datetime
) -> tuple[pd.DataFrame, Counter[str]]:
    """The stories among ``items``, one row each, and how many were skipped for which reason.

    Args:
        items: API items in rank order (HackerNews/API README), Lost where one can't be had.
        as_of: start of the window they were read for, UTC and naive.

    Returns:
        A frame of the columns and dtypes of ``SCHEMA`` in rank order, and a count by reason:
        ``deleted``, ``dead``, ``untitled``, or that of a Lost.
    """
    import pandas as pd

    rows, skipped = [], Counter[str]()
    for rank, item in enumerate(items, start=1):
        if isinstance(item, Lost):
            skipped[item.reason] += 1
        elif reason := _reason_to_skip(item):
            skipped[reason] += 1
        else:
            rows.append({"rank": rank, **_row(item)})
    frame = pd.DataFrame(rows, columns=[c for c in SCHEMA if c != "as_of"])
    frame["time"] = pd.to_datetime(frame["time"], unit="s", utc=True)
    frame["as_of"] = pd.Timestamp(as_of, tz="UTC")
    return frame.astype(SCHEMA), skipped


def require_stories(frame: pd.DataFrame, skipped: Counter[str]) -> pd.DataFrame:
    """``frame``, if it has a row; raises NoStories, since an empty page would mislead."""
    if frame.empty:
        why = ", ".join(f"{count} {reason}" for reason, count in skipped.items())
        raise NoStories(
            f"no story is left to show ({why or 'the feed is empty'}): "
            "the last good output stays; try again later, or choose another --feed"
        )
    return frame


def headline_of(title: object) -> str | None:
    """``title`` as readers see it, its HTML entities resolved once; None if nothing would be seen.

    Args:
        title: as the API has it, in any form that JSON has.
    """
    text = _text(title) or ""
    if "&" in text:
        text = _text(_ENTITY.sub(_resolved, text)) or ""
    return None if shows_nothing(text) else text


def _reason_to_skip(item: Mapping[str, Any]) -> str | None:
    if item.get("deleted"):
        return "deleted"
    if item.get("dead"):
        return "dead"
    return None if headline_of(item.get("title")) else "untitled"


def _row(item: Mapping[str, Any]) -> dict[str, Any]:
    url = _text(item.get("url"))
    return {
        "id": item["id"],
        "type": _text(item.get("type")) or "story",
        "title": headline_of(item.get("title")),
        "url": url,
        "domain": _domain(url),
        "by": _text(item.get("by")),
        "score": _count(item.get("score")),
        "descendants": _count(item.get("descendants")),
        "time": _count(item.get("time")),
    }


def _resolved(entity: re.Match[str]) -> str:
    text = entity.group()
    return html.unescape(text) if text[1] == "#" else html5.get(text[1:], text)


def _text(value: Any) -> str | None:
    """``value`` if it is a string with something in it, else None.

    JSON can hold half of a surrogate pair, which no file can: it becomes a question mark.
    """
    if not isinstance(value, str):
        return None
    if not value.isascii():
        value = value.encode(errors="replace").decode()
    return value.strip() or None


def _count(value: Any) -> int | None:
    """``value`` if it is a number that can be a count or a time, else None."""
    # As a time, 2**33 is in 2242. One that pandas has no time for (after 2262 in pandas 2, which
    # counts nanoseconds, after 294247 in pandas 3) would cost the whole table, not the one item.
    return value if type(value) is int and 0 <= value < 2**33 else None


def _domain(url: str | None) -> str | None:
    try:
        host = urlsplit(url or "").hostname
    except ValueError:
        return None
    return host.removeprefix("www.") if host else None
