"""Whatever happened to a root, a run makes of it what an empty root would hold, and no more.

Random graphs are put through random edits, damage, waits and runs. An oracle, which knows what
was computed from what, says of every asset whether it has to be made.
"""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import luigi
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from luigi.execution_summary import LuigiStatusCode
from luigi.task_register import Register

from hn_luigi.assets import Asset, requires

from ..properties import CAREFUL, MEMORY
from .oracle import Clock, Oracle, Project, Step, as_bytes, graphs, watched

PLACES = PICKS = st.integers(0, 7)
T = TypeVar("T")
OTHER_DIGITS = bytes.maketrans(b"0123456789", b"1234567890")
Happening = tuple[str, dict[str, Any]]
"""The name of a method of Fortunes, and what to call it with."""


class Fortunes:
    """A project and its root, and what befalls them."""

    def __init__(self, steps: list[Step], folder: Path, clock: Clock) -> None:
        self.steps, self.clock = steps, clock
        self.clock.at = datetime(2026, 11, 22, 12, 34, 56)
        self.project = Project(steps, folder)
        self.oracle = Oracle(steps, clock)
        self.ticks = itertools.count(10**18)

    def change_a_setting(self, place: int, value: int) -> None:
        self.step(place).setting = value

    def edit_the_code(self, place: int, does_otherwise: bool) -> None:
        step = self.step(place)
        step.version += 1
        step.behaviour += does_otherwise
        self.project.load()

    def undo_the_last_edit(self, place: int) -> None:
        step = self.step(place)
        step.version, step.behaviour = max(step.version - 1, 0), 0
        self.project.load()

    def make_it_from_others(self, place: int, parents: frozenset[int]) -> None:
        place %= len(self.steps)
        if self.steps[place].kind != "plain":
            self.steps[place].parents = frozenset(p for p in parents if p < place)
            self.project.load()

    def change_the_world(self, place: int, value: int) -> None:
        self.step(place).world = value

    def wait(self, minutes: int) -> None:
        self.clock.advance(minutes=minutes)

    def lose_an_output(self, pick: int) -> None:
        for spot in self.pick(self.oracle.stored, pick):
            self.project.output(*spot).unlink()
            del self.oracle.stored[spot]

    def overwrite_an_output(self, pick: int, how: str) -> None:
        for spot in self.pick(self.oracle.stored, pick):
            data = self.oracle.stored[spot]
            other = {"same": data, "longer": b"12345\n", "as long": data.translate(OTHER_DIGITS)}
            self.oracle.stored[spot] = other[how]
            self.write_by_hand(self.project.output(*spot), other[how])

    def edit_a_file(self, pick: int, value: int) -> None:
        """Another hand gives a plain task's output other contents."""
        for spot in self.pick([spot for spot in self.oracle.stored if spot[1] is None], pick):
            self.oracle.stored[spot] = as_bytes(value)
            self.write_by_hand(self.project.output(*spot), as_bytes(value))

    def lose_a_record(self, pick: int) -> None:
        for spot in self.pick(self.oracle.recorded, pick):
            self.project.record(*spot).unlink()
            self.oracle.recorded.remove(spot)
            self.oracle.made.pop(spot, None)

    def damage_a_record(self, pick: int, how: str) -> None:
        for spot in self.pick(self.oracle.recorded, pick):
            path = self.project.record(*spot)
            data = path.read_bytes()
            damaged = {"cut": data[:-3], "empty": b"", "garbled": b"\x00{"}
            self.write_by_hand(path, damaged[how])
            self.oracle.made.pop(spot, None)

    def invalidate(self, pick: int) -> None:
        for spot in self.pick(self.oracle.made, pick):
            path = self.project.record(*spot)
            asked = json.loads(path.read_bytes()) | {"invalidated_at": "2026-11-22T12:00:00.000Z"}
            self.write_by_hand(path, json.dumps(asked).encode())
            del self.oracle.made[spot]

    def lose_latest(self, pick: int) -> None:
        for place in self.pick(self.oracle.latest, pick):
            self.project.latest(place).unlink()
            del self.oracle.latest[place]

    def cut_latest(self, pick: int) -> None:
        for place in self.pick(self.oracle.latest, pick):
            self.write_by_hand(self.project.latest(place), b"")
            self.oracle.latest[place] = b""

    def fill_the_disk(self, place: int, survives: int) -> None:
        """Run until so many files are written, and once more when there is space again."""
        places = [place % len(self.steps)]
        self.build(places, self.windows()[-1], survives)
        self.run(places, self.windows()[-1])

    def ask(self, place: int, back: int) -> None:
        place %= len(self.steps)
        as_of = self.windows()[-1 - back :][0]
        before = self.project.stats()
        told = self.project.task(place, as_of).complete()
        assert told == self.oracle.settled(place, as_of)
        assert self.project.stats() == before

    def run_for(self, place: int | None, back: int) -> None:
        """Run what makes one step, or all, for the present window or one before."""
        every = range(len(self.steps))
        self.run(every if place is None else [place % len(every)], self.windows()[-1 - back :][0])

    def run(self, places: Sequence[int], as_of: datetime) -> None:
        """Run what makes ``places``; what can be made is made, and nothing else."""
        settled = all(self.oracle.settled(place, as_of) for place in places)
        makeable = [place for place in places if self.oracle.makeable(place, as_of)]
        status = self.build(places, as_of)
        assert (status is LuigiStatusCode.SUCCESS) == (len(makeable) == len(places))
        assert not (settled and self.project.journal)
        for place in range(len(self.steps)):
            assert place not in makeable or self.oracle.settled(place, as_of)
            complete = self.project.task(place, as_of).complete()
            assert complete == self.oracle.settled(place, as_of)

    def build(
        self, places: Sequence[int], as_of: datetime, survives: int | None = None
    ) -> LuigiStatusCode:
        """Run luigi and tell the oracle; only so many writes succeed."""
        self.project.journal.clear()
        tasks = [self.project.task(place, as_of) for place in places]
        with watched(survives, self.project.hear):
            result = luigi.build(tasks, local_scheduler=True, detailed_summary=True)
        self.oracle.hear(self.project.journal)
        assert self.project.files() == {
            **{self.project.output(*spot): data for spot, data in self.oracle.stored.items()},
            **{self.project.latest(place): data for place, data in self.oracle.latest.items()},
        }
        return result.status

    def elsewhere(self, folder: Path) -> Project:
        """The same on an empty root: world as it was read, settings, code, plain tasks' files."""
        (as_of,) = self.windows()[-1:]
        steps = [
            replace(step, world=self.oracle.captured.get((place, as_of), step.world))
            for place, step in enumerate(self.steps)
        ]
        other = Project(steps, folder)
        for place, step in enumerate(steps):
            if step.kind == "plain":
                other.output(place).write_bytes(self.project.output(place).read_bytes())
        return other

    def step(self, place: int) -> Step:
        return self.steps[place % len(self.steps)]

    def windows(self) -> list[datetime]:
        """Those of which something is stored, and the present one."""
        minutes = self.clock.at.minute % 10
        present = self.clock.at.replace(second=0, microsecond=0) - timedelta(minutes=minutes)
        return sorted({present, *(as_of for _, as_of in self.oracle.stored if as_of)})

    def pick(self, things: Collection[T], pick: int) -> list[T]:
        """One of ``things``, if there are any."""
        return [sorted(things, key=str)[pick % len(things)]] if things else []

    def write_by_hand(self, path: Path, data: bytes) -> None:
        """Write it with a time that nothing else was written at: that is what is looked at."""
        path.write_bytes(data)
        tick = next(self.ticks)
        os.utime(path, ns=(tick, tick))


def _events(name: str, **arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Happening]:
    return st.tuples(st.just(name), st.fixed_dictionaries(arguments))


def rounds_of(
    happenings: st.SearchStrategy[Happening], runs: st.SearchStrategy[Happening]
) -> st.SearchStrategy[list[list[Happening]]]:
    some = st.lists(happenings, min_size=1, max_size=4)
    return st.lists(st.builds(lambda some, run: [*some, run], some, runs), min_size=2, max_size=8)


HAPPENINGS = st.one_of(
    _events("change_a_setting", place=PLACES, value=st.sampled_from([0, 1, 2, 40])),
    _events("edit_the_code", place=PLACES, does_otherwise=st.booleans()),
    _events("undo_the_last_edit", place=PLACES),
    _events("make_it_from_others", place=PLACES, parents=st.frozensets(PLACES, max_size=3)),
    _events("change_the_world", place=PLACES, value=st.integers(0, 3)),
    _events("wait", minutes=st.sampled_from([3, 10, 40])),
    _events("lose_an_output", pick=PICKS),
    _events("overwrite_an_output", pick=PICKS, how=st.sampled_from(["same", "longer", "as long"])),
    _events("edit_a_file", pick=PICKS, value=st.integers(0, 3)),
    _events("lose_a_record", pick=PICKS),
    _events("damage_a_record", pick=PICKS, how=st.sampled_from(["cut", "empty", "garbled"])),
    _events("invalidate", pick=PICKS),
    _events("lose_latest", pick=PICKS),
    _events("cut_latest", pick=PICKS),
    _events("fill_the_disk", place=PLACES, survives=st.integers(0, 5)),
    _events("ask", place=PLACES, back=st.integers(0, 2)),
)
RUNS = _events("run_for", place=st.none() | PLACES, back=st.sampled_from([0, 0, 1, 2]))
MISHAPS = st.one_of(
    _events("lose_an_output", pick=PICKS),
    _events("overwrite_an_output", pick=PICKS, how=st.sampled_from(["longer", "as long"])),
    _events("lose_a_record", pick=PICKS),
    _events("change_a_setting", place=PLACES, value=st.integers(1, 3)),
    _events("ask", place=PLACES, back=st.just(1)),
)
EDITS = st.one_of(
    _events("change_a_setting", place=PLACES, value=st.integers(0, 3)),
    _events("change_a_setting", place=PLACES, value=st.integers(0, 3)),
    _events("lose_latest", pick=PICKS),
    _events("lose_a_record", pick=PICKS),
)
PAST_RUNS = _events("run_for", place=st.none() | PLACES, back=st.just(1))


@pytest.fixture
def endure(clock, settings):
    """Put a graph, first made as a whole, through rounds of happenings that end with a run."""

    @contextmanager
    def endure(steps: list[Step], rounds: list[list[Happening]]) -> Iterator[Fortunes]:
        with TemporaryDirectory(dir=MEMORY) as folder:
            fortunes = Fortunes([replace(step) for step in steps], Path(folder), clock)
            settings("storage", root=fortunes.project.root)
            fortunes.run_for(place=None, back=0)
            for name, arguments in itertools.chain(*rounds):
                getattr(fortunes, name)(**arguments)
            yield fortunes
        Register.clear_instance_cache()

    return endure


@pytest.mark.slow
@hypothesis_settings(CAREFUL, max_examples=30)
@given(steps=graphs(), rounds=rounds_of(HAPPENINGS, RUNS))
def test_a_run_makes_what_an_empty_root_would_hold_and_no_more(settings, endure, steps, rounds):
    with endure(steps, rounds) as fortunes, TemporaryDirectory(dir=MEMORY) as empty:
        fortunes.run_for(place=None, back=0)
        other = fortunes.elsewhere(Path(empty))
        settings("storage", root=other.root)
        assert luigi.build(other.tasks(fortunes.windows()[-1]), local_scheduler=True)
        here = fortunes.project.files()
        for path, data in other.files().items():
            assert here[fortunes.project.folder / path.relative_to(other.folder)] == data


@pytest.mark.slow
@hypothesis_settings(CAREFUL, max_examples=15)
@given(steps=graphs(), rounds=rounds_of(MISHAPS, PAST_RUNS))
def test_captures_of_the_past_stay_as_they_are_and_what_is_intact_does_without(
    endure, steps, rounds
):
    with endure(steps, [[("wait", {"minutes": 40})], *rounds]):
        pass


@pytest.mark.slow
@hypothesis_settings(CAREFUL, max_examples=12)
@given(steps=graphs(max_size=3), rounds=rounds_of(EDITS, RUNS))
def test_latest_is_what_the_newest_of_several_windows_holds(endure, steps, rounds):
    steps = [replace(step, keeps_latest=step.kind == "step") for step in steps]
    every = "run_for", {"place": None, "back": 0}
    with endure(steps, [[("wait", {"minutes": 10}), every], *rounds, [every]]) as fortunes:
        newest = fortunes.windows()[-1]
        for place, data in fortunes.oracle.latest.items():
            assert data == fortunes.project.output(place, newest).read_bytes()


class TestFoundBySearch:
    """Histories that random ones come to only once in a great while."""

    @pytest.fixture
    def page(self, clock):
        class Page(Asset):
            suffix = ".json"
            keeps_latest = True
            loaves = 1

            def settings(self):
                return {"page.loaves": Page.loaves}

            def compute(self):
                return Page.loaves

        return Page

    def test_a_page_before_one_that_was_lost_can_be_settled(self, page, clock, root, succeed):
        first = page()
        succeed(first)
        clock.advance(minutes=10)
        page.loaves = 1000
        succeed(page())
        (root / "page/2026-11-22T1240Z.json").unlink()
        page.loaves = 1
        succeed(first)
        assert first.complete()

    def test_latest_is_right_after_two_deaths(self, page, root, build, succeed, monkeypatch):
        """One before the record, one, back to the former setting, before latest."""
        succeed(page())
        for loaves, survives in [(2, 2), (1, 1)]:
            page.loaves = loaves
            with watched(survives, lambda key, data: None):
                build(page())
        succeed(page())
        assert (root / "page/latest.json").read_text() == "1\n"

    def test_latest_is_put_right_although_a_capture_is_lost(self, page, root, clock, succeed):
        class Oven(Asset):
            suffix = ".json"
            capture = True

            def compute(self):
                return 1

        @requires(Oven)
        class Baked(page):
            def compute(self, oven):
                return oven

        baked = Baked()
        succeed(baked)
        clock.advance(hours=1)
        (root / "oven/2026-11-22T1230Z.json").unlink()
        (root / "baked/latest.json").unlink()
        succeed(baked)
        assert (root / "baked/latest.json").exists()

    def test_inputs_that_changed_places_make_it_stale(self, page, succeed):
        class Left(page):
            pass

        class Right(page):
            def compute(self):
                return 2

        order = [Left, Right]

        class Difference(Asset):
            suffix = ".json"

            def requires(self):
                return [self.clone(side) for side in order]

            def compute(self, one, other):
                return one - other

        succeed(Difference())
        order.reverse()
        assert not Difference().complete()
