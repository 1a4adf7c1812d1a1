"""Writes the front page that comes with the replica, the same bytes each time.

    .venv/bin/python scripts/sample/generate.py hn_luigi/replica/front_page.json

Everything in it is invented: headlines by grammar, users and sites by gluing words together. It is
run by hand from a checkout, after a change to what the page holds; ``scripts/run`` makes the .venv.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from random import Random
from typing import Any

from awkward import AWKWARD, NOTHING
from comments import comments_below
from hn_luigi.replica.front_page import FEEDS, FrontPage, Item
from items import ids_by_rank, poll_with_parts, story
from titles import fresh_title

__all__ = ["front_page", "main", "to_json"]

ABOUT = "An invented front page: no headline, person, site or company in it is real."
SEED = 8
"""No better than others: another one makes another page, which the tests may find wanting."""

TOP = FEEDS["top"]
BEYOND_TOP = {"story": 30, "ask": 20, "show": 20, "job": 12}
"""How many items of each kind only the other lists hold: ``job`` would have 4 without."""


def front_page() -> FrontPage:
    """The invented page: 500 ids in ``top``, and some more for the other lists."""
    chance = Random(SEED)
    taken: set[str] = set()
    ids = ids_by_rank(chance, TOP + sum(BEYOND_TOP.values()))
    items: dict[int, Item] = {}
    for rank, id_ in enumerate(ids[:TOP], start=1):
        items |= _at_rank(chance, id_, rank, taken)
    kinds = [kind for kind, count in BEYOND_TOP.items() for _ in range(count)]
    for id_, kind in zip(ids[TOP:], kinds, strict=True):
        title = fresh_title(chance, taken, kind)
        items |= _with_comments([story(chance, id_, TOP, title, job=kind == "job")])
    return FrontPage(items, {"top": tuple(ids[:TOP])})


def to_json(front_page: FrontPage, *, about: str) -> str:
    """The JSON format that ``hn-replica --snapshot`` takes; the same page gives the same text."""
    lists = (f'"{feed}": {json.dumps(list(ids))}' for feed, ids in front_page.lists.items())
    items = (
        f'"{id_}": {json.dumps(item, ensure_ascii=False)}' for id_, item in front_page.items.items()
    )
    return (
        f'{{\n"about": {json.dumps(about)},\n"lists": {{\n'
        + ",\n".join(lists)
        + '\n},\n"items": {\n'
        + ",\n".join(items)
        + "\n}\n}\n"
    )


def main() -> None:
    """Write the page to the file named on the command line."""
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit("usage: .venv/bin/python scripts/sample/generate.py FILE")
    Path(sys.argv[1]).write_text(to_json(front_page(), about=ABOUT), encoding="utf-8")


def _at_rank(chance: Random, id_: int, rank: int, taken: set[str]) -> dict[int, Item]:
    """The item at a rank of the top list, with its parts if it is a poll, and its comments."""
    special = AWKWARD.get(rank, {})
    if special is NOTHING:
        return {id_: None}
    job = special.get("type") == "job"
    headline = special.get("title") or fresh_title(chance, taken, "job" if job else None)
    item = story(chance, id_, rank, headline, job=job)
    if "deleted" in special:
        return {id_: {"deleted": True, "id": id_, "time": item["time"], "type": "story"}}
    if "dead" in special:
        item = {"dead": True, **item}
        for name in ("descendants", "kids"):
            item.pop(name, None)
    if "untitled" in special:
        del item["title"]
    if "url" in special:
        item["url"] = special["url"]
    if special.get("type") == "poll":
        return _with_comments(poll_with_parts(item))
    return _with_comments([item])


def _with_comments(items: list[dict[str, Any]]) -> dict[int, Item]:
    """The items by id, behind them the comments on the first."""
    return {item["id"]: item for item in [*items, *comments_below(items[0])]}


if __name__ == "__main__":
    main()
