"""The replica as a server: connections, latency, start and stop."""

from __future__ import annotations

import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

import hn_luigi.replica
from hn_luigi.replica import AddressError, Faults, FrontPage, Replica

from ..limits import patience
from ..processes import wait_until
from .asking import PAGE, get, outcome


def test_a_connection_serves_many_requests(replica: Replica) -> None:
    with requests.Session() as session:
        for id_ in (1, 2, 4):
            response = session.get(f"{replica.base_url}/item/{id_}.json", timeout=patience())
            assert response.json() == PAGE.items[id_]
            assert response.headers.get("Connection", "").lower() != "close"


def test_it_listens_on_loopback_alone(replica: Replica) -> None:
    assert replica.base_url.startswith("http://127.0.0.1:")
    port = int(replica.base_url.split(":")[2].removesuffix("/v0"))
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), timeout=patience())


def test_it_remembers_what_was_asked(replica: Replica) -> None:
    get(replica, "topstories.json?print=pretty")
    get(replica, "item/1.json")
    get(replica, "item/1.json")
    assert replica.requests == [
        "/v0/topstories.json",
        "/v0/item/1.json",
        "/v0/item/1.json",
    ]


def test_another_page_can_be_served_while_it_runs(replica: Replica) -> None:
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
