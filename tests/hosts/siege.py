"""Workers that are killed and cut off while they share a graph, and what was done twice for it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ..processes import Running, wait_until
from .machine import HostMachine, Made, Notes

ENDS = (-9, 4, 25, 30, 35, 40)
"""How a run may end that was struck: killed, begun without its store, left without work, failed,
or without its scheduler."""


@dataclass
class Worker:
    """A run on a host that is begun anew until it succeeds, as cron does."""

    machine: HostMachine
    flags: Sequence[str]
    before: str
    codes: list[int] = field(default_factory=list)
    """How its runs ended."""

    def begin(self) -> None:
        self.run: Running = self.machine.luigi(
            *self.flags, module="mill", task="Whole", before=self.before
        )

    def is_done(self) -> bool:
        """Whether a run has succeeded; one that has not is followed by another."""
        code = self.run.process.exitcode
        if code is not None and code != 0:
            assert code in ENDS, f"{code}: {self.run.said}"
            self.codes.append(code)
            self.begin()
        return code == 0


@dataclass(frozen=True)
class Blow:
    """Something done to a host, from when to when."""

    kind: str
    host: str
    began: float
    ended: float
    killed: frozenset[int] = frozenset()


@dataclass
class Siege:
    """Workers under blows, one after the other, each to a host that is in the middle of a step."""

    workers: Mapping[str, Worker]
    notes: Notes
    part: Mapping[str, Callable[[str], None]]
    """Cuts a host off from something, by the name of that."""
    mend: Callable[[], None]
    longest: float
    """Seconds that a host is cut off for at most."""
    draw: random.Random
    blows: list[Blow] = field(default_factory=list)

    def make_all(self, blows: Iterator[str]) -> None:
        """Have the workers make all that there is, under ``blows`` while there are any."""
        for worker in self.workers.values():
            worker.begin()
        while not self._are_done():
            host = self._in_the_middle()
            if host and (kind := next(blows, None)):
                self._strike(kind, host)
            time.sleep(0.02)

    def _are_done(self) -> bool:
        # Of each, since what has failed is begun anew by being asked.
        done = [worker.is_done() for worker in self.workers.values()]
        return all(done)

    def _in_the_middle(self) -> str | None:
        """A host that makes a step, at a moment of chance."""
        struck = {pid for blow in self.blows for pid in blow.killed}
        alive = [each for each in self.notes.made() if each.ended is None]
        hosts = [
            each.host
            for each in alive
            if each.pid not in struck and not self.workers[each.host].is_done()
        ]
        return self.draw.choice(hosts) if hosts and self.draw.random() < 0.3 else None

    def _strike(self, kind: str, host: str) -> None:
        began, killed = time.monotonic(), set[int]()
        if kind == "kill":
            killed = self.workers[host].machine.crash()
        else:
            self.part[kind](host)
            lasts = self.draw.uniform(0.1, 1) * self.longest
            ends = began + lasts
            wait_until(lambda: (self._are_done(), time.monotonic() >= ends)[1])
            self.mend()
        self.blows.append(Blow(kind, host, began, time.monotonic(), frozenset(killed)))


def made_twice(made: Iterable[Made], blows: Sequence[Blow]) -> list[str]:
    """What was begun again though nothing had happened to who made it, a line each.

    A host that is cut off from the store loses its locks, and so may one that is killed after it
    has published and before it has let go: neither can be told from one that died in the middle.
    """
    by_name: dict[str, list[Made]] = {}
    for each in made:
        by_name.setdefault(each.name, []).append(each)
    return [
        f"{first.name}: by {first.host} ({first.pid}), and again by {second.host} ({second.pid})"
        for makings in by_name.values()
        for first, second in pairwise(makings)
        if not any(_excuses(blow, first, second) for blow in blows)
    ]


def _excuses(blow: Blow, first: Made, second: Made) -> bool:
    if blow.kind == "kill":
        return first.pid in blow.killed
    is_of_then = blow.began <= second.began and blow.ended >= first.began
    return blow.kind == "store" and blow.host == first.host and is_of_then
