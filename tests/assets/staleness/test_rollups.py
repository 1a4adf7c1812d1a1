"""Whatever befalls the windows that others are made from, none is made anew from less, nor lost.

Ticks are rolled up, what comes of them again, and looked back at, over random lengths and through
random gaps, damage, prunes and waits. An oracle, which shares no code with the layer, says of each
run what it makes and from what, and of each question how it is answered.
"""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import luigi
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from luigi.execution_summary import LuigiStatusCode
from luigi.task_register import Register

from hn_luigi.assets import Asset
from hn_luigi.assets.operations.prune import prune_windows

from ..properties import CAREFUL, MEMORY

KINDS = ("tick", "sum", "total", "back")
MADE_FROM = {"sum": "tick", "total": "sum", "back": "tick"}
Spot = tuple[str, datetime]
"""Of what kind, and when its window begins."""


@dataclass(frozen=True)
class Lengths:
    """How long the windows of each kind are, and how far one of them looks back."""

    tick: int | str
    sum: int | str
    total: int | str
    back: int | str
    hours_back: int
    up_to_itself: bool

    def declared(self, kind: str) -> timedelta | str:
        length = getattr(self, kind)
        return timedelta(minutes=length) if isinstance(length, int) else length

    def start(self, kind: str, at: datetime) -> datetime:
        length, midnight = getattr(self, kind), datetime(at.year, at.month, at.day)
        if length == "week":
            return midnight - timedelta(days=(midnight - datetime(2026, 11, 23)).days % 7)
        if length == "month":
            return midnight.replace(day=1)
        minutes = 1440 if length == "day" else length
        return midnight + timedelta(minutes=(at - midnight).seconds // 60 // minutes * minutes)

    def end(self, kind: str, start: datetime) -> datetime:
        length = getattr(self, kind)
        if length == "month":
            return (start + timedelta(days=32)).replace(day=1)
        days = {"day": 1, "week": 7}.get(length)
        return start + (timedelta(days=days) if days else timedelta(minutes=length))

    def closes(self, kind: str, start: datetime) -> datetime:
        return self.end(kind, start) + timedelta(minutes=10)

    def bounds(self, kind: str, start: datetime) -> tuple[datetime, datetime]:
        if kind == "back":
            until = start if self.up_to_itself else self.end(kind, start)
            return start - timedelta(hours=self.hours_back), until
        return start, self.end(kind, start)


@dataclass(frozen=True)
class Making:
    version: int
    inputs: dict[datetime, tuple[int, int]]
    """Value and number of the writing of each window that was read."""
    value: int


class Oracle:
    def __init__(self, lengths: Lengths) -> None:
        self.lengths = lengths
        self.now = datetime(2026, 11, 22, 12, 34, 56)
        self.world, self.version = 1, 0
        self.values: dict[Spot, int] = {}
        self.writings: dict[Spot, int] = {}
        self.made: dict[Spot, Making] = {}
        """As far as records tell."""
        self.pruned: dict[str, datetime] = {}
        self.numbers = itertools.count()
        self.journal: list[tuple[Spot, tuple[tuple[datetime, int], ...]]] = []

    def write(self, spot: Spot, value: int) -> None:
        self.values[spot], self.writings[spot] = value, next(self.numbers)

    def read_by(self, spot: Spot) -> list[Spot]:
        """The windows it is made from that have begun, stored or not."""
        child = MADE_FROM[spot[0]]
        since, until = self.lengths.bounds(*spot)
        start = self.lengths.start(child, since)
        if start < since:
            start = self.lengths.end(child, start)
        found = []
        while start < until and start <= self.now:
            found.append((child, start))
            start = self.lengths.end(child, start)
        return found

    def open_one(self, spot: Spot) -> Spot | None:
        child = MADE_FROM[spot[0]]
        present = child, self.lengths.start(child, self.now)
        since, until = self.lengths.bounds(*spot)
        return present if since <= present[1] < until else None

    def stored_inputs(self, spot: Spot) -> dict[datetime, tuple[int, int]]:
        return {
            child[1]: (self.values[child], self.writings[child])
            for child in self.read_by(spot)
            if child in self.values
        }

    def gone(self, spot: Spot) -> bool:
        child = MADE_FROM[spot[0]]
        made = self.made.get(spot)
        return made is not None and any((child, at) not in self.values for at in made.inputs)

    def is_over(self, spot: Spot) -> bool:
        child, (_, until) = MADE_FROM[spot[0]], self.lengths.bounds(*spot)
        last = self.lengths.start(child, until - timedelta(minutes=1))
        return self.now >= max(until, self.lengths.closes(child, last))

    def lacks_pruned(self, spot: Spot) -> bool:
        """Whether some that are over may have been there, and no more."""
        child = MADE_FROM[spot[0]]
        present = self.lengths.start(child, self.now)
        missing = [c[1] for c in self.read_by(spot) if c not in self.values and c[1] != present]
        return bool(missing) and child in self.pruned and missing[0] < self.pruned[child]

    def is_late(self, spot: Spot) -> bool:
        """Whether neither it nor anything that it is made from is to come."""
        return self.now >= max(self.lengths.bounds(*spot)[1], self.lengths.end(*spot))

    def kept(self, spot: Spot) -> bool:
        if spot in self.made:
            return self.gone(spot) and self.is_over(spot)
        return self.is_late(spot) and self.lacks_pruned(spot)

    def complete(self, spot: Spot, *, by_bytes: bool = False) -> bool:
        if spot not in self.values:
            return False
        made = self.made.get(spot)
        if spot[0] == "tick":
            is_as_made = made is not None and made.value == self.values[spot]
            return self.now >= self.lengths.closes(*spot) or is_as_made
        if self.kept(spot):
            return True
        if made is None or made.version != self.version or made.value != self.values[spot]:
            return False
        now, then = self.stored_inputs(spot), made.inputs
        if by_bytes:
            return {at: v for at, (v, _) in now.items()} == {at: v for at, (v, _) in then.items()}
        first = self.open_one(spot)
        return now == then and (first is None or self.complete(first))

    def run(self, spot: Spot) -> bool:
        """What a run makes; whether all of it succeeds."""
        if self.complete(spot):
            return True
        if spot[0] == "tick":
            if not spot[1] <= self.now < self.lengths.closes(*spot):
                return False
            return self.make(spot, {}, self.world)
        first = self.open_one(spot)
        if first is not None and not self.run(first):
            return False
        inputs = self.stored_inputs(spot)
        if self.complete(spot, by_bytes=True):
            self.made[spot] = Making(self.version, inputs, self.values[spot])
            return True
        replaces = spot in self.values and spot not in self.made
        is_less = (self.is_late(spot) or replaces) and self.lacks_pruned(spot)
        if self.gone(spot) or not inputs or (spot not in self.made and is_less):
            return False
        if spot in self.made:
            assert inputs.keys() >= self.made[spot].inputs.keys()
        return self.make(spot, inputs, value_of(self.version, [v for v, _ in inputs.values()]))

    def make(self, spot: Spot, inputs: dict[datetime, tuple[int, int]], value: int) -> bool:
        self.journal.append((spot, tuple((at, v) for at, (v, _) in inputs.items())))
        self.write(spot, value)
        self.made[spot] = Making(self.version, inputs, value)
        return True

    def prune(self, before: datetime, *, with_needs: bool) -> None:
        limits = dict.fromkeys(KINDS, before.replace(second=0))
        for kind in ("sum", "total", "back") if with_needs else ():
            for spot in self.not_closed(kind):
                self.spare(spot, limits)
        for kind, limit in limits.items():
            stored = [at for k, at in self.values if k == kind]
            good = [at for at in stored if self.is_good((kind, at))]
            spared = max(good or stored, default=None)
            known = {at for k, at in self.values.keys() | self.made.keys() if k == kind}
            old = {at for at in known if at < limit and at != spared}
            if any((kind, at) in self.values for at in old):
                self.pruned[kind] = max(limit, self.pruned.get(kind, limit))
            for at in old:
                self.values.pop((kind, at), None)
                self.made.pop((kind, at), None)

    def not_closed(self, kind: str) -> list[Spot]:
        present = self.lengths.start(kind, self.now)
        before = self.lengths.start(kind, present - timedelta(minutes=1))
        return [(kind, at) for at in (present, before) if self.now < self.lengths.closes(kind, at)]

    def spare(self, spot: Spot, limits: dict[str, datetime]) -> None:
        if spot[0] != "tick":
            child = MADE_FROM[spot[0]]
            limits[child] = min(limits[child], self.lengths.bounds(*spot)[0])
            first = self.open_one(spot)
            if first is not None:
                self.spare(first, limits)

    def is_good(self, spot: Spot) -> bool:
        return spot in self.made and self.made[spot].value == self.values[spot]


def value_of(version: int, values: list[int]) -> int:
    """It forgets much, so that what changes often makes no difference."""
    return (version + sum(values)) % 5


class Fortunes:
    """The assets under a root, and what befalls them."""

    def __init__(self, lengths: Lengths, root: Path, clock: Any) -> None:
        self.lengths, self.root, self.clock = lengths, root, clock
        self.oracle = Oracle(lengths)
        self.ticks = itertools.count(10**18)
        self.journal: list[Any] = []
        self.clock.at = self.oracle.now
        self.load()

    def load(self) -> None:
        self.classes: dict[str, type[Asset]] = {}
        for kind in KINDS:
            self.classes[kind] = self.asset(kind)

    def asset(self, kind: str) -> type[Asset]:
        fortunes = self

        def requires(self: Asset) -> Any:
            if kind == "tick":
                return []
            child = fortunes.classes[MADE_FROM[kind]]
            if kind != "back":
                return self.windows(child)
            since, until = fortunes.lengths.bounds("back", self.as_of)
            return self.windows(child, since=since, until=until)

        def compute(self: Asset, windows: Any = None) -> int:
            read = tuple((windows or {}).items())
            fortunes.journal.append(((kind, self.as_of), read))
            if windows is None:
                return fortunes.oracle.world
            return value_of(fortunes.oracle.version, [value for _, value in read])

        body = {
            "suffix": ".json",
            "window_length": self.lengths.declared(kind),
            "capture": kind == "tick",
            "code_version": f"{0 if kind == 'tick' else self.oracle.version}",
            "requires": requires,
            "compute": compute,
        }
        return type(Asset)(kind.title(), (Asset,), body)

    def wait(self, minutes: int) -> None:
        self.oracle.now = self.clock.at = self.clock.at + timedelta(minutes=minutes)

    def wait_for_the_end(self, kind: str, minutes: int) -> None:
        """Go to some minutes after the end of the present window."""
        end = self.lengths.end(kind, self.lengths.start(kind, self.clock.at))
        self.oracle.now = self.clock.at = end + timedelta(minutes=minutes)

    def change_the_world(self, value: int) -> None:
        self.oracle.world = value

    def edit_the_code(self) -> None:
        self.oracle.version += 1
        self.load()

    def rewrite(self, pick: int, value: int | None) -> None:
        """Another hand writes a window again, or otherwise."""
        for spot in self.pick(self.oracle.values, pick):
            told = self.oracle.values[spot] if value is None else value
            self.oracle.write(spot, told)
            path, tick = self.output(spot), next(self.ticks)
            path.write_text(f"{told}\n")
            os.utime(path, ns=(tick, tick))

    def add(self, hours: int) -> None:
        """A window of the past comes in from elsewhere, with no record."""
        at = self.lengths.start("tick", self.clock.at - timedelta(hours=hours))
        if ("tick", at) not in self.oracle.values:
            self.oracle.made.pop(("tick", at), None)
            self.record(("tick", at)).unlink(missing_ok=True)
            self.oracle.write(("tick", at), 3)
            self.output(("tick", at)).parent.mkdir(parents=True, exist_ok=True)
            self.output(("tick", at)).write_text("3\n")

    def lose_an_output(self, pick: int) -> None:
        for spot in self.pick(self.oracle.values, pick):
            self.output(spot).unlink()
            del self.oracle.values[spot]

    def lose_a_record(self, pick: int) -> None:
        for spot in self.pick(self.oracle.made, pick):
            self.record(spot).unlink()
            del self.oracle.made[spot]

    def prune(self, hours: int, with_needs: bool) -> None:
        before = self.clock.at - timedelta(hours=hours)
        tasks = [kind() for kind in self.classes.values()]
        datasets, needed_by = [task.dataset for task in tasks], tasks if with_needs else ()
        pruned = prune_windows(datasets, before=before, needed_by=needed_by)
        assert not any(each.errors for each in pruned)
        self.oracle.prune(before, with_needs=with_needs)
        self.look()

    def run(self, kind: str, back: int) -> None:
        """Run what makes a window of a kind: the present one, or one before."""
        spot = self.spot(kind, back)
        self.ask(kind, back)
        self.journal.clear()
        self.oracle.journal.clear()
        task = self.classes[kind](as_of=spot[1])
        result = luigi.build([task], local_scheduler=True, detailed_summary=True)
        succeeded = self.oracle.run(spot)
        assert self.journal == self.oracle.journal
        assert (result.status is LuigiStatusCode.SUCCESS) == succeeded
        self.look()
        self.ask(kind, back)
        assert not succeeded or self.oracle.complete(spot)

    def ask(self, kind: str, back: int) -> None:
        spot, before = self.spot(kind, back), self.stats()
        assert self.classes[kind](as_of=spot[1]).complete() == self.oracle.complete(spot)
        assert self.stats() == before

    def look(self) -> None:
        """All that is stored is what ought to be, and none is lost."""
        found = {path: path.read_text() for k in KINDS for path in (self.root / k).glob("*")}
        expected = self.oracle.values.items()
        assert found == {self.output(spot): f"{value}\n" for spot, value in expected}

    def spot(self, kind: str, back: int) -> Spot:
        at = self.lengths.start(kind, self.clock.at)
        for _ in range(back):
            at = self.lengths.start(kind, at - timedelta(minutes=1))
        return kind, at

    def pick(self, spots: Any, pick: int) -> list[Spot]:
        return [sorted(spots)[pick % len(spots)]] if spots else []

    def output(self, spot: Spot) -> Path:
        return self.root / spot[0] / f"{spot[1]:%Y-%m-%dT%H%MZ}.json"

    def record(self, spot: Spot) -> Path:
        return self.root / "_records" / spot[0] / f"{spot[1]:%Y-%m-%dT%H%MZ}.json"

    def stats(self) -> dict[Path, tuple[int, int]]:
        stats = ((path, path.stat()) for path in self.root.rglob("*"))
        return {path: (stat.st_mtime_ns, stat.st_ino) for path, stat in stats}


def _events(name: str, **arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.tuples(st.just(name), st.fixed_dictionaries(arguments))


PICKS = st.integers(0, 20)
HOURS = st.sampled_from([0, 1, 2, 5, 12, 24, 30, 72])
HAPPENINGS = st.one_of(
    _events("wait", minutes=st.sampled_from([1, 10, 20, 60, 360, 1440])),
    _events("wait_for_the_end", kind=st.sampled_from(KINDS), minutes=st.sampled_from([0, 5, 10])),
    _events("change_the_world", value=st.integers(0, 5)),
    _events("edit_the_code"),
    _events("rewrite", pick=PICKS, value=st.none() | st.integers(0, 5)),
    _events("add", hours=HOURS),
    _events("lose_an_output", pick=PICKS),
    _events("lose_a_record", pick=PICKS),
    _events("prune", hours=HOURS, with_needs=st.booleans()),
    _events("run", kind=st.sampled_from(KINDS), back=st.sampled_from([0, 0, 0, 1, 2])),
)
RUNS = _events("run", kind=st.sampled_from(KINDS), back=st.sampled_from([0, 0, 1]))
LENGTHS = st.builds(
    Lengths,
    tick=st.sampled_from([10, 30, 60]),
    sum=st.sampled_from([60, 360, "day"]),
    total=st.sampled_from(["day", "week", "month"]),
    back=st.sampled_from([60, "day"]),
    hours_back=st.sampled_from([1, 5, 24, 30]),
    up_to_itself=st.booleans(),
)
HISTORIES = st.lists(
    st.builds(lambda some, run: [*some, run], st.lists(HAPPENINGS, min_size=1, max_size=5), RUNS),
    min_size=2,
    max_size=10,
)


@pytest.mark.slow
@hypothesis_settings(CAREFUL, max_examples=45)
@given(lengths=LENGTHS, history=HISTORIES)
def test_a_run_makes_what_is_new_and_nothing_from_less(settings, clock, lengths, history):
    with TemporaryDirectory(dir=MEMORY) as folder:
        settings("storage", root=folder)
        fortunes = Fortunes(lengths, Path(folder), clock)
        for name, arguments in itertools.chain(*history):
            getattr(fortunes, name)(**arguments)
            Register.clear_instance_cache()
