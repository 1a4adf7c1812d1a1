"""What each path answers, over real sockets."""

from __future__ import annotations

import pytest
import requests

from hn_luigi.replica import Replica

from ..limits import patience
from .asking import PAGE, get


@pytest.mark.parametrize(
    ("feed", "ids"),
    [
        ("top", [1, 2, 3, 4]),
        ("new", [4, 2, 1]),
        ("best", [2, 1, 4]),
        ("ask", [2]),
        ("show", []),
        ("job", [4]),
    ],
)
def test_a_list_is_ids_in_rank_order(replica: Replica, feed: str, ids: list[int]) -> None:
    assert get(replica, f"{feed}stories.json").json() == ids


def test_an_item_is_its_json(replica: Replica) -> None:
    response = get(replica, "item/2.json")
    assert response.json() == PAGE.items[2]
    assert response.headers["Content-Type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize("id_", [3, 99999])
def test_an_item_that_is_not_there_is_null_with_status_200(replica: Replica, id_: int) -> None:
    response = get(replica, f"item/{id_}.json")
    assert (response.status_code, response.text) == (200, "null")
    assert response.headers["Content-Type"] == "application/json; charset=utf-8"


def test_maxitem_and_updates_follow_from_the_items(replica: Replica) -> None:
    assert get(replica, "maxitem.json").json() == 4
    assert get(replica, "updates.json").json() == {
        "items": [4, 2, 1],
        "profiles": ["lark_rook34", "moss_fen12"],
    }


@pytest.mark.parametrize("path", ["worststories.json", "item/one.json", "user/.json", ".json"])
def test_any_other_path_of_the_api_is_denied(replica: Replica, path: str) -> None:
    response = get(replica, path)
    assert (response.status_code, response.text) == (401, '{"error" : "Permission denied"}')


def test_what_is_not_the_api_is_not_found(replica: Replica) -> None:
    assert get(replica, "topstories").status_code == 404
    assert get(replica, "../index.html").status_code == 404


@pytest.mark.parametrize("path", ["item/1.json", "item/99.json", "nothing.json"])
def test_pages_of_any_site_may_read_it(replica: Replica, path: str) -> None:
    response = get(replica, path)
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    asked = requests.options(f"{replica.base_url}/{path}", timeout=patience())
    assert asked.status_code == 200
    assert "GET" in asked.headers["Access-Control-Allow-Methods"]


def test_writing_is_denied(replica: Replica) -> None:
    response = requests.put(f"{replica.base_url}/item/1.json", json={"id": 1}, timeout=patience())
    assert response.status_code == 401
    assert get(replica, "item/1.json").json() == PAGE.items[1]
