"""The replica as a client meets it: over real sockets, with its answers and its faults."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest.mock import ANY

import pytest
import requests

import hn_luigi.replica
from hn_luigi.replica import (
    ALL_KINDS,
    AddressError,
    Faults,
    FaultsError,
    FrontPage,
    Replica,
    bundled_front_page,
)
from hn_luigi.replica.__main__ import main

from ..limits import patience
from ..processes import wait_until

PAGE = FrontPage(
    items={
        1: {"id": 1, "type": "story", "title": "One &amp; only", "by": "moss_fen12", "score": 3},
        2: {"id": 2, "type": "story", "title": "Ask HN: 二?", "by": "lark_rook34", "score": 8},
        3: None,
        4: {"id": 4, "type": "job", "title": "Four is hiring", "by": "lark_rook34"},
    }
)


@pytest.fixture
def replica() -> Iterator[Replica]:
    with Replica(PAGE) as running:
        yield running


def get(replica: Replica, path: str, *, timeout: float | None = None) -> requests.Response:
    return requests.get(f"{replica.base_url}/{path}", timeout=timeout or patience())


def outcome(replica: Replica, path: str) -> str:
    """What a client sees of one request, in a word."""
    try:
        return str(get(replica, path).status_code)
    except requests.RequestException as error:
        return type(error).__name__


class TestAnswers:
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
    def test_a_list_is_ids_in_rank_order(self, replica: Replica, feed: str, ids: list[int]) -> None:
        assert get(replica, f"{feed}stories.json").json() == ids

    def test_an_item_is_its_json(self, replica: Replica) -> None:
        response = get(replica, "item/2.json")
        assert response.json() == PAGE.items[2]
        assert response.headers["Content-Type"] == "application/json; charset=utf-8"

    @pytest.mark.parametrize("id_", [3, 99999])
    def test_an_item_that_is_not_there_is_null_with_status_200(
        self, replica: Replica, id_: int
    ) -> None:
        response = get(replica, f"item/{id_}.json")
        assert (response.status_code, response.text) == (200, "null")
        assert response.headers["Content-Type"] == "application/json; charset=utf-8"

    def test_maxitem_and_updates_follow_from_the_items(self, replica: Replica) -> None:
        assert get(replica, "maxitem.json").json() == 4
        assert get(replica, "updates.json").json() == {
            "items": [4, 2, 1],
            "profiles": ["lark_rook34", "moss_fen12"],
        }

    @pytest.mark.parametrize("path", ["worststories.json", "item/one.json", "user/.json", ".json"])
    def test_any_other_path_of_the_api_is_denied(self, replica: Replica, path: str) -> None:
        response = get(replica, path)
        assert (response.status_code, response.text) == (401, '{"error" : "Permission denied"}')

    def test_what_is_not_the_api_is_not_found(self, replica: Replica) -> None:
        assert get(replica, "topstories").status_code == 404
        assert get(replica, "../index.html").status_code == 404

    def test_a_user_is_who_wrote_something_and_anybody_else_null(self, replica: Replica) -> None:
        assert get(replica, "user/lark_rook34.json").json() == {
            "created": ANY,
            "id": "lark_rook34",
            "karma": 8,
            "submitted": [4, 2],
        }
        assert get(replica, "user/moss%5Ffen12.json").json()["submitted"] == [1]
        nobody = get(replica, "user/nobody.json")
        assert (nobody.status_code, nobody.text) == (200, "null")

    def test_every_author_of_the_bundled_page_is_a_user(self, replica: Replica) -> None:
        replica.front_page = page = bundled_front_page()
        authors = {item["by"] for item in page.items.values() if item and "by" in item}
        assert len(authors) > 500
        for name in sorted(authors)[::50]:
            user = get(replica, f"user/{name}.json").json()
            theirs = [page.items[id_] or {} for id_ in user["submitted"]]
            assert {item["by"] for item in theirs} == {name}
            assert 0 < user["created"] < min(item["time"] for item in theirs)
            assert user["karma"] >= 1

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
        self, replica: Replica, query: str, answer: object
    ) -> None:
        path = f'topstories.json?orderBy="$key"&{query}'
        assert get(replica, path).json() == answer
        assert get(replica, f"{path}&print=pretty").json() == answer
        assert replica.requests[0] == "/v0/topstories.json"

    def test_places_are_in_the_order_of_numbers(self, replica: Replica) -> None:
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
                'Index not defined, add ".indexOn": ".value", for path "/v0/topstories", '
                "to the rules",
            ),
        ],
        ids=lambda value: value[:60],
    )
    def test_what_can_t_be_asked_for_is_a_bad_request(
        self, replica: Replica, query: str, error: str
    ) -> None:
        response = get(replica, f"topstories.json?{query}")
        assert (response.status_code, response.json()) == (400, {"error": error})

    def test_what_is_printed_prettily_is_for_people(self, replica: Replica) -> None:
        assert get(replica, "topstories.json?print=pretty").text == "[ 1, 2, 3, 4 ]"
        assert get(replica, "item/4.json?print=pretty").text == (
            '{\n  "by" : "lark_rook34",\n  "id" : 4,\n  "title" : "Four is hiring",\n'
            '  "type" : "job"\n}'
        )
        assert get(replica, "item/3.json?print=pretty").text == "null"
        silent = get(replica, "item/4.json?print=silent")
        assert (silent.status_code, silent.text) == (204, "")

    @pytest.mark.parametrize("path", ["item/1.json", "item/99.json", "nothing.json"])
    def test_pages_of_any_site_may_read_it(self, replica: Replica, path: str) -> None:
        response = get(replica, path)
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        asked = requests.options(f"{replica.base_url}/{path}", timeout=patience())
        assert asked.status_code == 200
        assert "GET" in asked.headers["Access-Control-Allow-Methods"]

    def test_writing_is_denied(self, replica: Replica) -> None:
        response = requests.put(
            f"{replica.base_url}/item/1.json", json={"id": 1}, timeout=patience()
        )
        assert response.status_code == 401
        assert get(replica, "item/1.json").json() == PAGE.items[1]

    def test_a_connection_serves_many_requests(self, replica: Replica) -> None:
        with requests.Session() as session:
            for id_ in (1, 2, 4):
                response = session.get(f"{replica.base_url}/item/{id_}.json", timeout=patience())
                assert response.json() == PAGE.items[id_]
                assert response.headers.get("Connection", "").lower() != "close"

    def test_it_listens_on_loopback_alone(self, replica: Replica) -> None:
        assert replica.base_url.startswith("http://127.0.0.1:")
        port = int(replica.base_url.split(":")[2].removesuffix("/v0"))
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", port), timeout=patience())

    def test_it_remembers_what_was_asked(self, replica: Replica) -> None:
        get(replica, "topstories.json?print=pretty")
        get(replica, "item/1.json")
        get(replica, "item/1.json")
        assert replica.requests == [
            "/v0/topstories.json",
            "/v0/item/1.json",
            "/v0/item/1.json",
        ]

    def test_another_page_can_be_served_while_it_runs(self, replica: Replica) -> None:
        replica.front_page = FrontPage({8: {"id": 8, "type": "story", "title": "Eight"}})
        assert get(replica, "topstories.json").json() == [8]
        assert get(replica, "item/1.json").json() is None


class TestLatency:
    def test_requests_wait_side_by_side(self) -> None:
        """All are taken in while none is answered, which a queue would not do."""
        clients = 16
        with ThreadPoolExecutor(clients) as pool, Replica(PAGE, latency=3600) as replica:
            waiting = [pool.submit(outcome, replica, "item/1.json") for _ in range(clients)]
            wait_until(lambda: len(replica.requests) == clients)
            assert not any(request.done() for request in waiting)
            replica.stop()
            assert {request.result() for request in waiting} == {"ConnectionError"}

    def test_an_answer_comes_when_its_latency_has_passed(self) -> None:
        with Replica(PAGE, latency=0.01, faults=Faults(1.0, ("401",), times=1)) as replica:
            assert [outcome(replica, "item/1.json") for _ in range(2)] == ["401", "200"]

    def test_a_client_that_does_not_wait_harms_nobody(self) -> None:
        with Replica(PAGE, latency=3600) as replica:
            with pytest.raises(requests.ReadTimeout):
                get(replica, "item/1.json", timeout=0.01)
            replica.latency = 0
            assert get(replica, "item/2.json").json() == PAGE.items[2]


class TestFaults:
    def test_5xx_is_a_server_error_and_not_always_the_same(self, replica: Replica) -> None:
        replica.faults = Faults(rate=1.0, kinds=("5xx",))
        seen = {get(replica, "item/1.json").status_code for _ in range(4)}
        assert seen == {500, 502, 503, 504}

    def test_401_denies_an_item_that_is_there(self, replica: Replica) -> None:
        replica.faults = Faults(rate=1.0, kinds=("401",))
        response = get(replica, "item/1.json")
        assert response.status_code == 401
        assert response.json() == {"error": "Permission denied"}

    @pytest.mark.parametrize(("seconds", "said"), [(1, "1"), (0, "0"), (30, "30")])
    def test_429_says_when_to_come_back(self, replica: Replica, seconds: float, said: str) -> None:
        replica.faults = Faults(rate=1.0, kinds=("429",), retry_after=seconds)
        response = get(replica, "item/1.json")
        assert (response.status_code, response.headers["Retry-After"]) == (429, said)

    def test_reset_is_a_reset_on_the_wire(self, replica: Replica) -> None:
        replica.faults = Faults(rate=1.0, kinds=("reset",))
        with pytest.raises(requests.ConnectionError) as caught:
            get(replica, "item/1.json")
        assert "ConnectionResetError" in repr(caught.value)

    def test_stall_never_answers(self, replica: Replica) -> None:
        replica.faults = Faults(rate=1.0, kinds=("stall",))
        with pytest.raises(requests.ReadTimeout):
            get(replica, "item/1.json", timeout=0.2)
        assert replica.requests == ["/v0/item/1.json"]

    def test_truncated_ends_before_the_promised_length(self, replica: Replica) -> None:
        replica.faults = Faults(rate=1.0, kinds=("truncated",))
        with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
            get(replica, "item/1.json")

    def test_html_is_a_login_page_with_status_200(self, replica: Replica) -> None:
        replica.faults = Faults(rate=1.0, kinds=("html",))
        response = get(replica, "item/1.json")
        assert response.status_code == 200
        assert response.headers["Content-Type"].startswith("text/html")
        assert "<form>" in response.text

    @pytest.mark.parametrize("kind", [kind for kind in ALL_KINDS if kind != "stall"])
    def test_a_client_that_tries_again_succeeds_after_the_bound(
        self, replica: Replica, kind: str
    ) -> None:
        replica.faults = Faults(rate=1.0, kinds=(kind,), times=2)
        first, second = outcome(replica, "item/1.json"), outcome(replica, "item/1.json")
        if kind != "html":
            assert "200" not in (first, second)
        assert get(replica, "item/1.json").json() == PAGE.items[1]

    def test_faults_can_be_kept_to_some_paths(self, replica: Replica) -> None:
        replica.faults = Faults(rate=1.0, kinds=("401",), only=r"item/[24]\.")
        seen = [outcome(replica, f"item/{id_}.json") for id_ in (1, 2, 4)]
        assert [*seen, outcome(replica, "topstories.json")] == ["200", "401", "401", "200"]

    def test_new_faults_count_from_zero(self, replica: Replica) -> None:
        replica.faults = Faults(rate=1.0, kinds=("401",), times=1)
        assert [outcome(replica, "item/1.json") for _ in range(2)] == ["401", "200"]
        replica.faults = Faults(rate=1.0, kinds=("429",), times=1)
        assert [outcome(replica, "item/1.json") for _ in range(2)] == ["429", "200"]

    def test_the_same_requests_fail_whatever_order_they_arrive_in(self) -> None:
        paths = [f"item/{id_}.json" for id_ in range(60)]
        faults = Faults(rate=0.5, kinds=("5xx", "401", "reset", "truncated"), seed=3)
        with Replica(PAGE, faults=faults) as replica:
            one_by_one = {path: outcome(replica, path) for path in paths}
        with Replica(PAGE, faults=faults) as replica, ThreadPoolExecutor(8) as pool:
            backwards = paths[::-1]
            threaded = pool.map(lambda path: outcome(replica, path), backwards)
            assert dict(zip(backwards, threaded, strict=True)) == one_by_one
        assert 15 < sum(seen != "200" for seen in one_by_one.values()) < 45


class TestWhichRequestsFail:
    def test_the_share_of_faults_is_the_rate(self) -> None:
        faults = Faults(rate=0.2)
        kinds = [faults.kind(f"/v0/item/{id_}.json", 0) for id_ in range(5000)]
        assert 850 < sum(kind is not None for kind in kinds) < 1150
        assert set(kinds) == {None, *ALL_KINDS}

    def test_another_seed_picks_others(self) -> None:
        def failing(seed: int) -> list[bool]:
            faults = Faults(rate=0.5, seed=seed)
            return [faults.kind(f"/v0/item/{id_}.json", 0) is not None for id_ in range(100)]

        assert failing(1) == failing(1)
        assert failing(1) != failing(2)

    def test_a_path_can_fail_now_and_succeed_later(self) -> None:
        faults = Faults(rate=0.5, seed=1)
        assert {faults.kind("/v0/topstories.json", n) is None for n in range(50)} == {True, False}

    def test_nothing_fails_unless_asked_for(self) -> None:
        assert all(Faults().kind(f"/{n}", 0) is None for n in range(1000))

    @pytest.mark.parametrize(
        ("wrong", "named"),
        [
            ({"rate": 1.5}, "1.5"),
            ({"rate": -0.1}, "-0.1"),
            ({"rate": float("nan")}, "nan"),
            ({"kinds": ("5xx", "fire")}, "fire"),
            ({"kinds": ()}, "no fault is given"),
            ({"times": -1}, "-1"),
            ({"only": "["}, r"\["),
            ({"retry_after": -2}, "-2"),
        ],
    )
    def test_faults_that_cannot_be_meant_are_refused(
        self, wrong: dict[str, object], named: str
    ) -> None:
        with pytest.raises(FaultsError, match=named):
            Faults(**wrong)  # type: ignore[arg-type]


class TestStartAndStop:
    def test_a_stopped_replica_refuses_and_answers_again_at_the_same_address(
        self, replica: Replica
    ) -> None:
        address = replica.base_url
        assert get(replica, "maxitem.json").json() == 4
        replica.stop()
        with pytest.raises(requests.ConnectionError):
            get(replica, "maxitem.json")
        replica.start()
        assert replica.base_url == address
        assert get(replica, "maxitem.json").json() == 4

    def test_stopping_ends_requests_under_way(self, replica: Replica) -> None:
        replica.faults = Faults(rate=1.0, kinds=("stall",))
        port = int(replica.base_url.split(":")[2].removesuffix("/v0"))
        with socket.create_connection(("127.0.0.1", port), timeout=patience()) as client:
            client.sendall(b"GET /v0/maxitem.json HTTP/1.1\r\nHost: replica\r\n\r\n")
            wait_until(lambda: bool(replica.requests))
            replica.stop()
            assert client.recv(1) == b""

    def test_starting_and_stopping_twice_does_no_harm(self, replica: Replica) -> None:
        replica.start()
        assert get(replica, "maxitem.json").json() == 4
        replica.stop()
        replica.stop()

    def test_a_taken_port_is_named(self, replica: Replica) -> None:
        port = int(replica.base_url.split(":")[2].removesuffix("/v0"))
        with pytest.raises(AddressError, match=f"127.0.0.1:{port}.*in use"):
            Replica(PAGE, port=port).start()


COMMAND = [sys.executable, "-m", "hn_luigi.replica"]


@pytest.mark.slow
class TestCommand:
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_it_says_where_it_is_and_ends_in_peace(self, number: signal.Signals) -> None:
        process = subprocess.Popen(
            [*COMMAND, "--port", "0", "--error-rate", "1", "--faults", "429"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            start, _, url = line.strip().rpartition(" ")
            assert start == "Replica of the Hacker News API:"
            assert requests.get(f"{url}/topstories.json", timeout=patience()).status_code == 429
            process.send_signal(number)
            _, errors = process.communicate(timeout=patience())
        finally:
            process.kill()
        assert (process.returncode, errors) == (0, "")

    def test_a_taken_port_is_one_line_and_exit_2(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            assert f"127.0.0.1:{port}" in refusal("--port", str(port))

    @pytest.mark.parametrize(
        ("arguments", "named"),
        [
            (["--error-rate", "2"], "fault rate 2"),
            (["--error-rate", "often"], "often"),
            (["--error-rate", "0.1", "--faults", "fire"], "fire"),
            (["--faults", "reset"], "--error-rate"),
            (["--latency-ms", "-5"], "invalid delay '-5'"),
            (["--latency-ms", "soon"], "invalid delay 'soon'"),
            (["--port", "70000"], "70000"),
            (["--snapshot", "nowhere.json"], "nowhere.json"),
        ],
    )
    def test_what_cannot_be_served_is_one_line_and_exit_2(
        self, arguments: list[str], named: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        errors = capsys.readouterr().err
        assert (ended.value.code, errors.count("\n")) == (2, 1)
        assert named in errors

    def test_help_shows_an_example(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as ended:
            main(["--help"])
        assert ended.value.code == 0
        assert "hn-replica --port 8080" in capsys.readouterr().out


def refusal(*arguments: str) -> str:
    """What the command says when it ends with 2, which must be one line."""
    ended = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True)
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)
    return ended.stderr


def test_importing_the_room_loads_nothing_heavy() -> None:
    """The package around the room is left out: it may import what it likes."""
    package = str(Path(hn_luigi.replica.__file__).parent.parent)
    script = (
        "import sys, types; package = types.ModuleType('hn_luigi'); "
        f"package.__path__ = [{package!r}]; sys.modules['hn_luigi'] = package; "
        "import hn_luigi.replica; print(*{'tornado', 'pandas', 'pyarrow'} & set(sys.modules))"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (ended.returncode, ended.stdout.strip()) == (0, "")


def test_the_command_leaves_signals_as_they_were_when_it_can_t_serve():
    """Else they would stay blocked in every process started afterwards."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    with Replica(FrontPage({})) as taken, pytest.raises(SystemExit):
        main(["--port", taken.base_url.split(":")[2].partition("/")[0]])
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == before
