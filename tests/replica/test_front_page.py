"""The lists that follow from the items."""

from __future__ import annotations

from hn_luigi.replica import FrontPage


def test_lists_that_are_not_given_follow_from_the_items() -> None:
    page = FrontPage(
        items={
            3: {"id": 3, "type": "story", "title": "Ask HN: Three?", "score": 5},
            1: {"id": 1, "type": "story", "title": "Show HN: One", "score": 9},
            9: {"id": 9, "type": "job", "title": "Nine is hiring", "score": 1},
            7: {"id": 7, "type": "comment", "parent": 1, "text": "seven"},
            5: {"id": 5, "type": "story", "title": "Show HN: Five", "dead": True},
            2: None,
        },
        lists={"show": (5,)},
    )
    assert page.lists == {
        "top": (3, 1, 9, 5, 2),
        "new": (9, 3, 1),
        "best": (1, 3, 9),
        "ask": (3,),
        "show": (5,),
        "job": (9,),
    }


def test_an_item_whose_score_is_no_number_ranks_last_among_the_best() -> None:
    page = FrontPage({n: {"type": "story", "score": score} for n, score in enumerate(["9", 1])})
    assert page.lists["best"] == (1, 0)
