"""Invented items with the fields that the real API gives them, and only those.

A job has neither comments nor their count, a question has a text and no address, a poll names
its parts, whose text is one of the choices (HackerNews/API, README, "Items").
"""

from __future__ import annotations

from random import Random
from typing import Any

from draws import any_of, early_of
from hn_luigi.replica.snapshot import as_sent

__all__ = ["FIRST_ID", "ids_by_rank", "poll_with_parts", "posted", "story", "user"]

FIRST_ID = 900_000_000
"""Far from the ids in use, so that a link made from one leads to no real discussion."""

NOON = 1_793_016_000
"""The moment of the page: 2026-10-26, 12:00 UTC, in Unix seconds."""

LEADING = 30
"""Places on the first page; what stands there is talked about most."""

SECONDS_PER_ID = 6
"""Of the ids of two days, every tenth can be a story: 2,880, of which a page takes some 600."""
DAY = 86_400

NAMES = (
    *("moss", "tarn", "wick", "fen", "lark", "bramble", "quill", "otter", "hazel", "cobble"),
    *("rook", "thistle", "pebble", "gorse", "sable", "willow", "kestrel", "marl", "sedge"),
)
SITES = (
    *("www.example.com", "blog.tidepool.example", "git.example.org", "papers.example.org"),
    *("news.fernlight.example", "quernstone.example", "mossbank.example", "www.example.net"),
    *("notes.larkbase.example", "saltmarsh.example", "archive.example.org", "oxbow.example"),
)
CHOICES = ("Tabs", "Spaces", "Whatever the formatter says")
QUESTION = (
    "I have been wondering about this for a while.<p>What works for you, and what doesn&#x27;t?"
)


def ids_by_rank(chance: Random, count: int) -> list[int]:
    """Different ids of the last two days, in no order: age and rank have little in common."""
    ids: dict[int, None] = {}
    while len(ids) < count:
        # Tens are stories; what lies between them is left to comments and parts.
        ids[FIRST_ID + 10 * int(chance.random() * 2 * DAY / SECONDS_PER_ID / 10)] = None
    return list(ids)


def story(chance: Random, id_: int, rank: int, title: str, *, job: bool = False) -> dict[str, Any]:
    """A story, a question or a job, as its title and kind have it.

    Args:
        chance: where the draws come from.
        id_: the item's id, which also says when it was posted.
        rank: place in the top list, counted from 1: better places have more points.
        title: what the title says, not yet escaped.
        job: whether it is one.
    """
    # A few lead and most have little, as anywhere: 900 points at most, and 21 at place 500.
    score = 1 if job else 2 + int(900 * chance.random() ** 2 / rank**0.6)
    item: dict[str, Any] = {"by": user(chance)}
    comments = int(score * (0.1 + chance.random()))
    kids = _kids(chance, id_, comments, leading=rank <= LEADING)
    if not job:
        item["descendants"] = comments
    item["id"] = id_
    if kids and not job:
        item["kids"] = kids
    item |= {"score": score, "time": posted(id_)}
    if title.startswith("Ask HN"):
        item["text"] = QUESTION
    item |= {"title": as_sent(title), "type": "job" if job else "story"}
    if not title.startswith("Ask HN"):
        item["url"] = _url(chance, title)
    return item


def poll_with_parts(item: dict[str, Any]) -> list[dict[str, Any]]:
    """The item as a poll, followed by its parts, whose ids ``comments.REPLIES`` leaves free."""
    parts = [
        {
            "by": item["by"],
            "id": item["id"] + 4 + place,
            "poll": item["id"],
            "score": 40 * place,
            "text": choice,
            "time": item["time"],
            "type": "pollopt",
        }
        for place, choice in enumerate(CHOICES, start=1)
    ]
    poll = {name: value for name, value in item.items() if name != "url"}
    return [{**poll, "parts": [part["id"] for part in parts], "type": "poll"}, *parts]


def posted(id_: int) -> int:
    """When the item was posted, in Unix seconds."""
    return NOON - 2 * DAY + (id_ - FIRST_ID) * SECONDS_PER_ID


def user(chance: Random) -> str:
    """A name of somebody."""
    return f"{any_of(chance, NAMES)}_{any_of(chance, NAMES)}{int(chance.random() * 90) + 10}"


def _kids(chance: Random, id_: int, comments: int, *, leading: bool) -> list[int]:
    """The ids of comments on an item: two or three if it is leading, else one."""
    drawn = chance.random()  # also where it decides nothing: what is drawn next stays the same
    kids = 2 + int(2 * drawn) if leading else 1
    return [id_ + place for place in range(1, 1 + min(kids, comments))]


def _url(chance: Random, title: str) -> str:
    site = early_of(chance, SITES)
    words = "".join(letter if letter.isascii() and letter.isalnum() else " " for letter in title)
    ending = ".pdf" if title.endswith("[pdf]") else ""
    return f"https://{site}/{'-'.join(words.lower().split()[:6]) or 'page'}{ending}"
