"""The users of a front page: whoever wrote something on it, as the API tells of them.

Nothing is known of them but what they wrote: karma is the points of that, and accounts are made up
to be older than the first of it (HackerNews/API, README, "Users").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zlib import crc32

from hn_luigi.replica.front_page import Item

__all__ = ["users_of"]

DAY = 86_400
OLDEST = 3_000
"""Days, about eight years: how much older than its first item an account can be."""

OPENING_DAY = 1_160_418_092
"""When the first account of all was made: 2006-10-09, in Unix seconds."""


def users_of(items: Mapping[int, Item]) -> dict[str, dict[str, Any]]:
    """The user behind each ``by``, with what they wrote, newest first."""
    written: dict[str, list[dict[str, Any]]] = {}
    for id_ in sorted(items, reverse=True):
        item = items[id_]
        if item and isinstance(by := item.get("by"), str) and by:
            written.setdefault(by, []).append({**item, "id": id_})
    return {by: _user(by, theirs) for by, theirs in written.items()}


def _user(by: str, theirs: list[dict[str, Any]]) -> dict[str, Any]:
    times = [time for item in theirs if isinstance(time := item.get("time"), int)]
    scores = [score for item in theirs if isinstance(score := item.get("score"), int)]
    # A name's own age, in each process: hash() of a str differs from one to the next.
    age = DAY * (1 + crc32(by.encode(errors="replace")) % OLDEST)
    return {
        "created": max(min(times, default=0) - age, OPENING_DAY),
        "id": by,
        "karma": max(sum(scores), 1),
        "submitted": [item["id"] for item in theirs],
    }
