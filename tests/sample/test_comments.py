"""Comments: each below its parent, and most where most is said."""

from __future__ import annotations

from typing import Any

from hn_luigi.replica import FrontPage

Story = dict[str, Any]


def test_comments_are_what_their_parents_name(sample: FrontPage) -> None:
    """Each kid is there and names its parent, and there are no more of them than are counted."""
    comments = {i for i, item in sample.items.items() if item and item["type"] == "comment"}
    named: set[int] = set()
    for id_, item in sample.items.items():
        for kid in (item or {}).get("kids", []):
            comment = sample.items[kid]
            assert comment is not None
            assert (comment["type"], comment["parent"]) == ("comment", id_)
            assert comment["time"] >= (item or {})["time"]
            assert kid not in named
            named.add(kid)
    assert named == comments
    for item in sample.items.values():
        if item and "descendants" in item:
            assert len(below(sample, item)) <= item["descendants"]
            assert bool(item["descendants"]) == bool(item.get("kids"))


def test_comments_are_two_levels_deep_where_most_is_said(
    sample: FrontPage, top: list[Story | None]
) -> None:
    busy = [s for s in top[:30] if s and s.get("descendants", 0) > 3]
    assert len(busy) > 20
    for story in busy:
        kids = [sample.items[kid] or {} for kid in story["kids"]]
        assert len(kids) > 1
        assert any(kid.get("kids") for kid in kids)
    comments = [c for s in busy for c in below(sample, s)]
    assert all({"by", "text"} <= c.keys() or c.get("deleted") for c in comments)
    assert any(c.get("deleted") for c in comments)
    assert any("&#x27;" in c.get("text", "") for c in comments)


def below(page: FrontPage, item: Story) -> list[Story]:
    """All comments on an item."""
    kids = [page.items[kid] or {} for kid in item.get("kids", [])]
    return [*kids, *(comment for kid in kids for comment in below(page, kid))]
