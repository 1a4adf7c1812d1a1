"""The same command on two machines that share nothing but a store."""

from __future__ import annotations

from collections import Counter

import pytest

from hn_luigi.replica import Faults

from ..processes import wait_until

PIECES = 4
ALL = [*(f"piece-{number}" for number in range(PIECES)), "whole"]
MILL = {"module": "mill", "task": "Whole"}
WAITS = "is being made by another process: waiting for it"


@pytest.fixture
def a(place, scheduler, notes):
    """The first worker's host."""
    return place("a", scheduler=scheduler, watch=f"mill Whole --pieces {PIECES}")


@pytest.fixture
def b(place, scheduler, notes):
    """The second's."""
    return place("b", scheduler=scheduler, watch=f"mill Whole --pieces {PIECES}")


def is_at_work(run):
    """Whether it makes a step, or waits for the other host to have made it."""
    return "Making " in run.said or WAITS in run.said


class TestTheSameCommandOnTwoHosts:
    def test_each_asset_is_made_once_and_both_succeed(self, a, b, notes):
        for number in range(PIECES):
            notes.hold(number)
        first, second = (host.luigi("--pieces", f"{PIECES}", **MILL) for host in (a, b))
        wait_until(lambda: all(is_at_work(run) for run in (first, second)))
        for number in range(PIECES):
            notes.release(number)
        assert (first.end(), second.end()) == (0, 0), first.said + second.said
        assert notes.names() == ALL

    def test_workers_of_a_host_take_part(self, a, b, notes):
        runs = [host.luigi("--pieces", f"{PIECES}", "--workers", "2", **MILL) for host in (a, b)]
        assert [run.end() for run in runs] == [0, 0], "".join(run.said for run in runs)
        assert notes.names() == ALL

    def test_so_it_is_with_the_command_of_ours(self, a, b, notes):
        notes.hold(0)
        first = a.command("run")
        notes.wait_for("piece-0")
        second = b.command("run")
        wait_until(lambda: "waiting" in second.said or len(notes.made()) > 1)
        notes.release(0)
        assert (first.end(), second.end()) == (0, 0), first.said + second.said
        assert notes.names() == ALL

    def test_one_that_comes_later_finds_that_there_is_nothing_to_do(self, a, b, notes):
        assert a.luigi("--pieces", f"{PIECES}", **MILL).end() == 0
        second = b.luigi("--pieces", f"{PIECES}", **MILL)
        assert second.end() == 0, second.said
        assert notes.names() == ALL


class TestWhileAnotherHostReadsHackerNews:
    def test_each_request_is_sent_once(self, place, scheduler, api):
        """B begins while A makes ``Stories``, and waits for it."""
        a, b = (place(name, scheduler=scheduler, api=api.base_url) for name in ("a", "b"))
        api.faults = Faults(rate=1, kinds=("stall",), only="item/")
        first = a.luigi()
        wait_until(lambda: any("/item/" in path for path in api.requests))
        second = b.luigi()
        wait_until(lambda: WAITS in second.said)
        api.faults = Faults()
        stalled = len(api.requests)
        assert (first.end(), second.end()) == (0, 0), first.said + second.said
        assert sum("topstories" in path for path in api.requests) == 1
        assert max(Counter(api.requests[stalled:]).values()) == 1
