"""What a client sees of answers and faults on the wire."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from hn_luigi.replica import ALL_KINDS, Faults, Replica

from .asking import PAGE, get, outcome


def test_5xx_is_a_server_error_and_not_always_the_same(replica: Replica) -> None:
    replica.faults = Faults(rate=1.0, kinds=("5xx",))
    seen = {get(replica, "item/1.json").status_code for _ in range(4)}
    assert seen == {500, 502, 503, 504}


def test_401_denies_an_item_that_is_there(replica: Replica) -> None:
    replica.faults = Faults(rate=1.0, kinds=("401",))
    response = get(replica, "item/1.json")
    assert response.status_code == 401
    assert response.json() == {"error": "Permission denied"}


@pytest.mark.parametrize(("seconds", "said"), [(1, "1"), (0, "0"), (30, "30")])
def test_429_says_when_to_come_back(replica: Replica, seconds: float, said: str) -> None:
    replica.faults = Faults(rate=1.0, kinds=("429",), retry_after=seconds)
    response = get(replica, "item/1.json")
    assert (response.status_code, response.headers["Retry-After"]) == (429, said)


def test_reset_is_a_reset_on_the_wire(replica: Replica) -> None:
    replica.faults = Faults(rate=1.0, kinds=("reset",))
    with pytest.raises(requests.ConnectionError) as caught:
        get(replica, "item/1.json")
    assert "ConnectionResetError" in repr(caught.value)


def test_stall_never_answers(replica: Replica) -> None:
    replica.faults = Faults(rate=1.0, kinds=("stall",))
    with pytest.raises(requests.ReadTimeout):
        get(replica, "item/1.json", timeout=0.2)
    assert replica.requests == ["/v0/item/1.json"]


def test_truncated_ends_before_the_promised_length(replica: Replica) -> None:
    replica.faults = Faults(rate=1.0, kinds=("truncated",))
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        get(replica, "item/1.json")


def test_html_is_a_login_page_with_status_200(replica: Replica) -> None:
    replica.faults = Faults(rate=1.0, kinds=("html",))
    response = get(replica, "item/1.json")
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/html")
    assert "<form>" in response.text


@pytest.mark.parametrize("kind", [kind for kind in ALL_KINDS if kind != "stall"])
def test_a_client_that_tries_again_succeeds_after_the_bound(replica: Replica, kind: str) -> None:
    replica.faults = Faults(rate=1.0, kinds=(kind,), times=2)
    first, second = outcome(replica, "item/1.json"), outcome(replica, "item/1.json")
    if kind != "html":
        assert "200" not in (first, second)
    assert get(replica, "item/1.json").json() == PAGE.items[1]


def test_faults_can_be_kept_to_some_paths(replica: Replica) -> None:
    replica.faults = Faults(rate=1.0, kinds=("401",), only=r"item/[24]\.")
    seen = [outcome(replica, f"item/{id_}.json") for id_ in (1, 2, 4)]
    assert [*seen, outcome(replica, "topstories.json")] == ["200", "401", "401", "200"]


def test_new_faults_count_from_zero(replica: Replica) -> None:
    replica.faults = Faults(rate=1.0, kinds=("401",), times=1)
    assert [outcome(replica, "item/1.json") for _ in range(2)] == ["401", "200"]
    replica.faults = Faults(rate=1.0, kinds=("429",), times=1)
    assert [outcome(replica, "item/1.json") for _ in range(2)] == ["429", "200"]


def test_the_same_requests_fail_whatever_order_they_arrive_in() -> None:
    paths = [f"item/{id_}.json" for id_ in range(60)]
    faults = Faults(rate=0.5, kinds=("5xx", "401", "reset", "truncated"), seed=3)
    with Replica(PAGE, faults=faults) as replica:
        one_by_one = {path: outcome(replica, path) for path in paths}
    with Replica(PAGE, faults=faults) as replica, ThreadPoolExecutor(8) as pool:
        backwards = paths[::-1]
        threaded = pool.map(lambda path: outcome(replica, path), backwards)
        assert dict(zip(backwards, threaded, strict=True)) == one_by_one
    assert 15 < sum(seen != "200" for seen in one_by_one.values()) < 45
