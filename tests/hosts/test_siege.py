"""Two workers' hosts that are killed and cut off again and again: nothing is lost for it."""

from __future__ import annotations

import itertools
import random
import time

import pytest

from ..faults.table import SEEN
from ..limits import scaled
from .machine import Made
from .siege import Blow, Siege, Worker, made_twice
from .test_losses import short_lease

MOST_LOTS = 100


def blows(kills, partitions, draw):
    """So many of each kind, in an order of chance."""
    kinds = ["kill"] * kills + list(itertools.islice(itertools.cycle(PARTS), partitions))
    draw.shuffle(kinds)
    return iter(kinds)


PARTS = ("store", "scheduler")


@pytest.fixture
def siege(place, serve, network, notes, kill_seed):
    """Workers that share one graph through a scheduler, not begun yet."""
    central = serve(gone_after=scaled(5))
    workers = {
        name: Worker(place(name, scheduler=central, seconds=0.3), (), short_lease())
        for name in ("a", "b")
    }
    return Siege(
        workers,
        notes,
        {part: lambda host, part=part: network[host].part_from(network[part]) for part in PARTS},
        network.mend,
        scaled(6),
        random.Random(kill_seed),
    )


def test_what_is_killed_and_cut_off_is_made_all_the_same(
    siege, notes, kills, pytestconfig, record_property
):
    """Each asset once, but for those whose maker was struck; all that is stored is whole."""
    is_long = pytestconfig.option.soak is not None
    to_come = blows(kills(50 if is_long else 4), 20 if is_long else 2, siege.draw)
    begun, pieces = time.monotonic(), 48 if is_long else 12
    for lot in range(MOST_LOTS):
        flags = ("--lot", f"{lot}", "--pieces", f"{pieces}", "--workers", "2")
        for worker in siege.workers.values():
            worker.flags = flags
        before = len(siege.blows)
        siege.make_all(to_come)
        made = notes.made()
        assert made_twice(made, siege.blows) == []
        for worker in siege.workers.values():
            again = worker.machine.luigi(*flags, module="mill", task="Whole")
            assert again.end() == 0, again.said
        assert notes.made() == made, "what was there was made again"
        if len(siege.blows) == before:
            break
    verified = siege.workers["a"].machine.command("verify")
    assert verified.end() == 0, verified.said
    codes = [code for worker in siege.workers.values() for code in worker.codes]
    for kind in ("kill", *PARTS):
        struck = sum(blow.kind == kind for blow in siege.blows)
        record_property(SEEN, (f"hosts: {kind}", str(struck)))
    again = len(made) - len({each.name for each in made})
    record_property(SEEN, ("hosts: steps, begun again", f"{len(made) - again}, {again}"))
    record_property(SEEN, ("hosts: exit codes", str(sorted(codes))))
    record_property(SEEN, ("hosts: seconds", f"{time.monotonic() - begun:.0f}"))


class TestWhatCountsAsMadeTwice:
    """So that a siege need not fail to show that it can."""

    FIRST = Made("piece-1", "a", 7, 10.0, 11.0)
    SECOND = Made("piece-1", "b", 8, 12.0, 13.0)

    def test_what_nothing_has_happened_to(self):
        assert made_twice([self.FIRST, self.SECOND], []) != []
        assert made_twice([self.FIRST], []) == []

    @pytest.mark.parametrize(
        "blow",
        [
            Blow("kill", "b", 10.5, 10.6, frozenset({8})),
            Blow("store", "b", 10.5, 10.6),
            Blow("store", "a", 1.0, 9.0),
            Blow("scheduler", "a", 10.5, 10.6),
        ],
    )
    def test_nor_what_happened_to_others(self, blow):
        assert made_twice([self.FIRST, self.SECOND], [blow]) != []

    @pytest.mark.parametrize(
        "blow",
        [
            Blow("kill", "a", 10.5, 10.6, frozenset({7})),
            Blow("store", "a", 10.5, 10.6),
            Blow("store", "a", 9.0, 14.0),
        ],
    )
    def test_but_not_what_was_struck(self, blow):
        assert made_twice([self.FIRST, self.SECOND], [blow]) == []
