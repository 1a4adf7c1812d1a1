"""A front page: the items there are, and the lists that rank them.

It is what the replica serves, held still; ``snapshot`` reads it from a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

__all__ = ["FEEDS", "FrontPage", "Item"]

Item: TypeAlias = "dict[str, Any] | None"
"""An item as the API gives it; None for an id that is listed but answers ``null``."""

FEEDS: Mapping[str, int] = {
    "top": 500,
    "new": 500,
    "best": 500,
    "ask": 200,
    "show": 200,
    "job": 200,
}
"""The six lists, and how many ids each holds at most (HackerNews/API, README)."""


@dataclass(frozen=True)
class FrontPage:
    """Items by id, and the ids of each feed in rank order.

    A feed that ``lists`` does not name is derived from the items, so a page for a test needs
    no more than its items:

        FrontPage(items={1: {"id": 1, "type": "story", "title": "One"}, 2: None})
    """

    items: Mapping[int, Item]
    lists: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lists", {**_derived_lists(self.items), **self.lists})


def _derived_lists(items: Mapping[int, Item]) -> dict[str, tuple[int, ...]]:
    """All six lists as the items alone suggest them.

    ``top`` holds everything that can be on a front page in the order of the items, the others
    only what a reader would see there: nothing deleted, dead or ``null``.
    """
    top = [
        id_
        for id_, item in items.items()
        if item is None or (item.get("type") in ("story", "job", "poll") and "parent" not in item)
    ]
    alive = {
        id_: item
        for id_ in top
        if (item := items.get(id_)) and not item.get("deleted") and not item.get("dead")
    }

    def titled(start: str) -> list[int]:
        return [id_ for id_, item in alive.items() if str(item.get("title")).startswith(start)]

    def score(item: dict[str, Any]) -> int:
        points = item.get("score")
        return points if isinstance(points, int) else 0

    ranked = {
        "top": top,
        "new": sorted(alive, reverse=True),
        "best": sorted(alive, key=lambda id_: (-score(alive[id_]), id_)),
        "ask": titled("Ask HN"),
        "show": titled("Show HN"),
        "job": [id_ for id_, item in alive.items() if item.get("type") == "job"],
    }
    return {feed: tuple(ids[: FEEDS[feed]]) for feed, ids in ranked.items()}
