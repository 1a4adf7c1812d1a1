"""The users that a page makes, over real sockets."""

from __future__ import annotations

from unittest.mock import ANY

from hn_luigi.replica import Replica, bundled_front_page

from .asking import get


def test_a_user_is_who_wrote_something_and_anybody_else_null(replica: Replica) -> None:
    assert get(replica, "user/lark_rook34.json").json() == {
        "created": ANY,
        "id": "lark_rook34",
        "karma": 8,
        "submitted": [4, 2],
    }
    assert get(replica, "user/moss%5Ffen12.json").json()["submitted"] == [1]
    nobody = get(replica, "user/nobody.json")
    assert (nobody.status_code, nobody.text) == (200, "null")


def test_every_author_of_the_bundled_page_is_a_user(replica: Replica) -> None:
    replica.front_page = page = bundled_front_page()
    authors = {item["by"] for item in page.items.values() if item and "by" in item}
    assert len(authors) > 500
    for name in sorted(authors)[::50]:
        user = get(replica, f"user/{name}.json").json()
        theirs = [page.items[id_] or {} for id_ in user["submitted"]]
        assert {item["by"] for item in theirs} == {name}
        assert 0 < user["created"] < min(item["time"] for item in theirs)
        assert user["karma"] >= 1
