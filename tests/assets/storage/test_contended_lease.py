"""Processes that want the same lock of an object store at the same time, round after round.

Not on moto, which lets two create one object (3 in 1,000 rounds).
"""

from __future__ import annotations

import json
import os
from contextlib import ExitStack

import pytest

from hn_luigi.assets.storage import lease
from hn_luigi.assets.storage.client import client_for

from .children import answer_of, forked

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning"),
]
CONTENDERS = [
    ("seaweed", 2, 1_000),
    ("seaweed", 4, 1_000),
    ("fake_gcs", 2, 200),
    ("azurite", 2, 200),
]
DEAD = json.dumps({"owner": "dead", "home": "elsewhere", "seconds": -5}).encode()
"""The lock of a holder that nobody waits for any more."""


@pytest.fixture(params=CONTENDERS, ids=lambda param: f"{param[0]}-{param[1]}")
def contest(request, enter, pytestconfig):
    """The URL of a lock, how many want it, and for how many rounds: fewer without ``--soak``."""
    kind, processes, rounds = request.param
    url = f"{enter(kind).root}/_locks/top/x.lock"
    return url, processes, rounds if pytestconfig.option.soak else rounds // 25


class TestALockThatManyWant:
    def test_one_gets_it_whether_nobody_has_it_or_a_dead_one(self, contest):
        """All are let go at the same moment, and the winner keeps it until all have tried."""
        url, processes, rounds = contest

        def run(end):
            while end.recv() == "try":
                try:
                    with lease.hold(url, wait=False) as held:
                        held.require()
                        end.send(True)
                        end.recv()
                except BlockingIOError:
                    end.send(False)
                    end.recv()
                end.send("let go")

        with ExitStack() as stack:
            ends = [stack.enter_context(forked(run))[1] for _ in range(processes)]
            for number in range(rounds):
                if number % 2:
                    client_for(url).write(url, DEAD)
                for end in ends:
                    end.send("try")
                won = [answer_of(end) for end in ends]
                assert sum(won) == 1, f"round {number}: {won}"
                for end in ends:
                    end.send("let go")
                assert {answer_of(end) for end in ends} == {"let go"}

    def test_no_update_under_it_is_lost(self, contest, tmp_path):
        """Each adds to a number by reading it and writing it, on no other condition."""
        url, processes, rounds = contest
        counter, inside = f"{url}.counted", tmp_path / "inside"
        client_for(url).write(counter, b"0")

        def run(end):
            done = 0
            while done < rounds // processes:
                try:
                    with lease.hold(url, wait=False) as held:
                        os.close(os.open(inside, os.O_CREAT | os.O_EXCL))
                        client = client_for(url)
                        client.write(counter, b"%d" % (int(client.read(counter)) + 1))
                        held.require()
                        os.unlink(inside)
                        done += 1
                except BlockingIOError:
                    pass
            end.send(done)

        with ExitStack() as stack:
            ends = [stack.enter_context(forked(run))[1] for _ in range(processes)]
            total = sum(answer_of(end) for end in ends)
        assert total == rounds // processes * processes
        assert int(client_for(url).read(counter)) == total
