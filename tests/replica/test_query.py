"""What a query makes of an answer, over real sockets."""

from __future__ import annotations

import pytest

from hn_luigi.replica import FrontPage, Replica

from .asking import get


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("limitToFirst=3", [1, 2, 3]),
        ("limitToFirst=900", [1, 2, 3, 4]),
        ("limitToLast=1", {"3": 4}),
        ("limitToLast=3", [None, 2, 3, 4]),
        ('startAt="1"&endAt="2"', [None, 2, 3]),
        ('startAt="3"', {"3": 4}),
        ('startAt="1"&limitToFirst=1', {"1": 2}),
        ('equalTo="2"', {"2": 3}),
        ('startAt="7"', {}),
        ("", [1, 2, 3, 4]),
    ],
)
def test_a_part_of_a_list_is_asked_for_by_its_places(
    replica: Replica, query: str, answer: object
) -> None:
    path = f'topstories.json?orderBy="$key"&{query}'
    assert get(replica, path).json() == answer
    assert get(replica, f"{path}&print=pretty").json() == answer
    assert replica.requests[0] == "/v0/topstories.json"


def test_places_are_in_the_order_of_numbers(replica: Replica) -> None:
    replica.front_page = FrontPage({}, {"top": tuple(range(100, 120))})
    path = 'topstories.json?orderBy="$key"&startAt="9"&limitToFirst=3'
    assert get(replica, path).json() == {"9": 109, "10": 110, "11": 111}


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("limitToFirst=3", "orderBy must be defined when other query parameters are defined"),
        ("orderBy=$key&limitToFirst=3", "orderBy must be a valid JSON encoded path"),
        (f"orderBy={'[' * 10_000}", "orderBy must be a valid JSON encoded path"),
        ('orderBy="$key"&limitToFirst=0', "limitToFirst must be positive"),
        ('orderBy="$key"&limitToLast=few', "limitToLast must be an integer"),
        (
            'orderBy="$key"&limitToFirst=3&limitToLast=3',
            "Only one of limitToFirst and limitToLast may be specified",
        ),
        ('orderBy="$key"&startAt=3', "Provided key index type is invalid, must be string"),
        (
            'orderBy="$value"&limitToFirst=3',
            'Index not defined, add ".indexOn": ".value", for path "/v0/topstories", to the rules',
        ),
    ],
    ids=lambda value: value[:60],
)
def test_what_can_t_be_asked_for_is_a_bad_request(replica: Replica, query: str, error: str) -> None:
    response = get(replica, f"topstories.json?{query}")
    assert (response.status_code, response.json()) == (400, {"error": error})


def test_what_is_printed_prettily_is_for_people(replica: Replica) -> None:
    assert get(replica, "topstories.json?print=pretty").text == "[ 1, 2, 3, 4 ]"
    assert get(replica, "item/4.json?print=pretty").text == (
        '{\n  "by" : "lark_rook34",\n  "id" : 4,\n  "title" : "Four is hiring",\n'
        '  "type" : "job"\n}'
    )
    assert get(replica, "item/3.json?print=pretty").text == "null"
    silent = get(replica, "item/4.json?print=silent")
    assert (silent.status_code, silent.text) == (204, "")
