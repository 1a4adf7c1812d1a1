"""Whatever happened to a root, a run makes of it what an empty root would hold, and no more.

Random graphs are put through random edits, damage, waits and runs. An oracle, which knows what
was computed from what, says of every asset whether it has to be made; it shares no code with
the layer's staleness_by_id.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol, TypeVar
from unittest.mock import patch

import luigi
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from luigi.execution_summary import LuigiStatusCode
from luigi.task_register import Register

from hn_luigi.assets import Asset, requires
from hn_luigi.assets.errors import StorageError
from hn_luigi.assets.storage import Folder, Stat

WINDOW = timedelta(minutes=10)
PLACES = PICKS = st.integers(0, 7)
MEMORY = "/dev/shm" if os.path.isdir("/dev/shm") else None
T = TypeVar("T")
KEY = re.compile(r"(_\w+/)?[a-z]+(\d)/(.*)\.json")
OTHER_DIGITS = bytes.maketrans(b"0123456789", b"1234567890")
Happening = tuple[str, dict[str, Any]]
"""The name of a method of Fortunes, and what to call it with."""


class Clock(Protocol):
    """The clock that conftest makes."""

    at: datetime

    def __call__(self) -> datetime: ...

    def advance(self, **duration: float) -> None: ...


@dataclass
class Step:
    """A node of a graph, and what shapes its output; steps are known by their place in it."""

    parents: frozenset[int]
    kind: str
    """A step, a capture that reads the world, or a plain Luigi task that does."""
    keeps_latest: bool
    forgets: int
    """What of its result is left out: all but the rest of a division by this."""
    setting: int = 0
    version: int = 0
    behaviour: int = 0
    world: int = 0

    @property
    def definition(self) -> tuple[int, int, int]:
        return self.setting, self.version, self.behaviour

    def result(self, inputs: Iterable[tuple[int, int]]) -> int:
        """What is computed from the values of ``inputs``, which are given with their places."""
        read = 0 if self.kind == "step" else self.world
        whole = sum((place + 1) * value for place, value in inputs)
        return (whole + self.setting + self.behaviour + read) % self.forgets


@st.composite
def graphs(draw: st.DrawFn, max_size: int = 8) -> list[Step]:
    steps: list[Step] = []
    for place in range(draw(st.integers(1, max_size))):
        parents = draw(st.frozensets(st.sampled_from(range(place)), max_size=3)) if place else ()
        kinds = ["step", "capture"] if parents else ["step", "capture", "plain"]
        kind = draw(st.sampled_from(kinds))
        keeps_latest = kind == "step" and draw(st.booleans())
        forgets = draw(st.sampled_from([2, 7, 1000]))
        steps.append(Step(frozenset(parents), kind, keeps_latest, forgets))
    return steps


@dataclass(frozen=True)
class Event:
    """Something a run did to a step: computed, wrote (latest, without a window), recorded, ran."""

    what: str
    place: int
    as_of: datetime | None = None
    data: bytes = b""


class Project:
    """The tasks of a graph, as the code now is; what they do goes into the journal."""

    def __init__(self, steps: list[Step], folder: Path) -> None:
        self.steps = steps
        self.folder = folder
        self.journal: list[Event] = []
        self.load()

    def load(self) -> None:
        """Make the classes anew, as when edited modules are imported."""
        self.classes = [self._class(place) for place in range(len(self.steps))]

    def task(self, place: int, as_of: datetime) -> luigi.Task:
        if self.steps[place].kind == "plain":
            return self.classes[place]()
        return self.classes[place](as_of=as_of)

    def tasks(self, as_of: datetime) -> list[luigi.Task]:
        return [self.task(place, as_of) for place in range(len(self.steps))]

    @property
    def root(self) -> Path:
        return self.folder / "data"

    def output(self, place: int, as_of: datetime | None = None) -> Path:
        if as_of is None:
            return self.folder / f"plain{place}.txt"
        return self._within(place) / f"{as_of:%Y-%m-%dT%H%MZ}.json"

    def latest(self, place: int) -> Path:
        return self._within(place) / "latest.json"

    def record(self, place: int, as_of: datetime) -> Path:
        return self.root / "_records" / self.output(place, as_of).relative_to(self.root)

    def _within(self, place: int) -> Path:
        return self.root / f"{self.steps[place].kind}{place}"

    def files(self) -> dict[Path, bytes]:
        """Everything but records, notes of failures and what names the versions in use."""
        paths = (path for path in self.folder.rglob("*") if path.is_file())
        aside = {"_records", "_failures", "_layout.json"}
        return {path: path.read_bytes() for path in paths if aside.isdisjoint(path.parts)}

    def stats(self) -> dict[Path, tuple[int, int]]:
        """Everything, with what tells whether it was touched."""
        stats = ((path, path.stat()) for path in self.folder.rglob("*"))
        return {path: (stat.st_mtime_ns, stat.st_ino) for path, stat in stats}

    def hear(self, key: str, data: bytes) -> None:
        """Note in the journal that a file of an asset was written."""
        if key == "_layout.json":
            return
        kind, place, name = KEY.fullmatch(key).groups()
        if kind != "_failures/":
            as_of = None if name == "latest" else datetime.strptime(name, "%Y-%m-%dT%H%MZ")
            self.journal.append(Event("recorded" if kind else "wrote", int(place), as_of, data))

    def _class(self, place: int) -> type[luigi.Task]:
        made = self._plain(place) if self.steps[place].kind == "plain" else self._asset(place)
        made.__name__ = f"{self.steps[place].kind.title()}{place}"
        return made

    def _asset(self, place: int) -> type[Asset]:
        project, step = self, self.steps[place]
        parents = sorted(step.parents)

        class Made(Asset):
            suffix = ".json"
            capture = step.kind == "capture"
            keeps_latest = step.keeps_latest
            code_version = f"{step.version}.{step.behaviour}"

            def requires(self):
                return [project.task(parent, self.as_of) for parent in parents]

            def settings(self):
                return {"made.setting": step.setting}

            def compute(self, *inputs):
                project.journal.append(Event("computed", place, self.as_of))
                return step.result(zip(parents, map(_value, inputs), strict=True))

        return Made

    def _plain(self, place: int) -> type[luigi.Task]:
        project, step = self, self.steps[place]

        class Plain(luigi.Task):
            def output(self):
                return luigi.LocalTarget(project.output(place))

            def run(self):
                project.journal.append(Event("ran", place))
                with self.output().open("w") as file:
                    file.write(f"{step.result([])}\n")

        return Plain


@contextmanager
def watched(survives: int | None, heard: Callable[[str, bytes], None]) -> Iterator[None]:
    """Tell of each file that the layer writes; after so many the disk is full."""
    write = Folder.write
    written = itertools.count()

    def write_and_tell(store: Folder, key: str, data: bytes) -> Stat:
        if survives is not None and next(written) >= survives:
            raise StorageError("the disk is full")
        stat = write(store, key, data)
        heard(key, data)
        return stat

    with patch.object(Folder, "write", write_and_tell):
        yield


@dataclass(frozen=True)
class Making:
    """What an asset was made from, and what came of it."""

    definition: tuple[int, int, int]
    inputs: dict[int, bytes]
    output: bytes


Spot = tuple[int, datetime | None]
"""A step and a window; a plain task has none."""


@dataclass
class Oracle:
    """What is stored, and by which making."""

    steps: list[Step]
    clock: Clock
    stored: dict[Spot, bytes] = field(default_factory=dict)
    made: dict[Spot, Making] = field(default_factory=dict)
    """As far as undamaged records tell."""
    recorded: set[Spot] = field(default_factory=set)
    """Where there is a record, damaged or not."""
    captured: dict[Spot, int] = field(default_factory=dict)
    """The world as it was read."""
    latest: dict[int, bytes] = field(default_factory=dict)

    def spot(self, place: int, as_of: datetime) -> Spot:
        return place, None if self.steps[place].kind == "plain" else as_of

    def frozen(self, place: int, as_of: datetime) -> bool:
        return self.steps[place].kind == "capture" and self.clock() >= as_of + 2 * WINDOW

    def settled(self, place: int, as_of: datetime) -> bool:
        """Whether there is nothing to do for it."""
        return self.as_defined(place, as_of) and not self.lacks_latest(place, as_of)

    def as_defined(self, place: int, as_of: datetime) -> bool:
        """Whether it has not to be computed."""
        spot = self.spot(place, as_of)
        if spot not in self.stored:
            return False
        if self.steps[place].kind == "plain" or self.frozen(place, as_of):
            return True
        making = self.made.get(spot)
        return (
            making is not None
            and making.definition == self.steps[place].definition
            and making.output == self.stored[spot]
            and making.inputs.keys() == self.steps[place].parents
            and all(self._stands(*used, as_of) for used in making.inputs.items())
        )

    def _stands(self, parent: int, used: bytes, as_of: datetime) -> bool:
        """Whether an input is what was used, or lost and never to be anything else."""
        now = self.stored.get(self.spot(parent, as_of))
        if self.makeable(parent, as_of):
            return now == used and self.settled(parent, as_of)
        return now in (None, used)

    def makeable(self, place: int, as_of: datetime) -> bool:
        """Whether a run can settle it."""
        if self.as_defined(place, as_of):
            return True
        lost = self.frozen(place, as_of) and self.spot(place, as_of) not in self.stored
        return not lost and all(self.makeable(p, as_of) for p in self.steps[place].parents)

    def lacks_latest(self, place: int, as_of: datetime) -> bool:
        """Whether the copy called latest is missing, or is not what its newest window holds."""
        if not self.steps[place].keeps_latest:
            return False
        if place not in self.latest:
            return as_of == self._newest(place, self.stored)
        newest = self._newest(place, self.stored.keys() | self.recorded)
        return as_of == newest and self.latest[place] != self.stored[place, as_of]

    def _newest(self, place: int, spots: Iterable[Spot]) -> datetime:
        return max(as_of for p, as_of in spots if p == place and as_of)

    def hear(self, journal: Iterable[Event]) -> None:
        """Take note of what a run did, all of which has to be justified."""
        begun: dict[Spot, Making] = {}
        for event in journal:
            spot = event.place, event.as_of
            if event.what == "ran":
                assert spot not in self.stored, f"{spot} was there"
                self.stored[spot] = _bytes(self.steps[event.place].result([]))
            elif event.what == "computed":
                assert spot not in begun, f"{spot} was computed twice"
                begun[spot] = self._making(*spot)
            elif event.what == "recorded":
                self._commit(spot, begun.pop(spot, None), event.data)
            elif event.as_of:
                assert event.data == begun[spot].output
                self.stored[spot] = event.data
                self.captured[spot] = self.steps[event.place].world
            else:
                newest = self._newest(event.place, self.stored)
                assert event.data == self.stored[event.place, newest]
                self.latest[event.place] = event.data

    def _making(self, place: int, as_of: datetime) -> Making:
        step, spot = self.steps[place], (place, as_of)
        inputs = {p: self.stored[self.spot(p, as_of)] for p in step.parents}
        output = _bytes(step.result((p, int(data)) for p, data in inputs.items()))
        making = Making(step.definition, inputs, output)
        assert not self.frozen(*spot), f"{spot} is a capture whose window is over"
        done = self.made.get(spot)
        if done is not None and done.output == self.stored.get(spot):
            assert making != done, f"{spot} was up to date"
        return making

    def _commit(self, spot: Spot, making: Making | None, record: bytes) -> None:
        """Without a making, a record may be renewed in its data time alone."""
        if making is not None:
            self.made[spot] = making
            self.recorded.add(spot)
        assert self.made[spot].output == self.stored[spot], f"{spot} is recorded too early"
        assert json.loads(record)["data_version"] == sha256(self.stored[spot]).hexdigest()
        assert not self.lacks_latest(*spot), f"{spot} is recorded before latest"


def _bytes(value: int) -> bytes:
    return f"{value}\n".encode()


def _value(handed: int | luigi.LocalTarget) -> int:
    return handed if isinstance(handed, int) else int(Path(handed.path).read_text())


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
            self.oracle.stored[spot] = _bytes(value)
            self.write_by_hand(self.project.output(*spot), _bytes(value))

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
CAREFUL = hypothesis_settings(
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


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


SOURCE = """
{comment}
import luigi

from hn_luigi.assets import Asset

FACTOR = {factor}
UNUSED = {unused}

def scaled(value):
    return value{space}*{space}FACTOR

class Link(Asset):
    place = luigi.IntParameter({place})
    suffix = ".json"

    def requires(self):
        return [below(as_of=self.as_of)] if below else []

    def compute(self, *inputs):
        {docstring}
        computed.append({place})
        return (scaled(sum(inputs) + 1) + {bonus}) % 5
"""
AS_WRITTEN = {"comment": "", "unused": 0, "space": "", "docstring": "'one'"}
COSMETIC = st.fixed_dictionaries(
    {
        "comment": st.sampled_from(["", "# new", "\n\n"]),
        "unused": st.integers(0, 3),
        "space": st.sampled_from(["", " "]),
        "docstring": st.sampled_from(["'one'", "'two'"]),
    }
)
MEANT = st.fixed_dictionaries({"factor": st.integers(1, 3), "bonus": st.integers(0, 2)})


class Chain:
    """Assets, each made from the one before and in a module of its own, which is edited."""

    def __init__(self, folder: Path, length: int) -> None:
        self.folder = folder
        self.texts = [AS_WRITTEN | {"factor": 1, "bonus": 0} for _ in range(length)]
        self.computed: list[int] = []
        self.load()

    def edit(self, place: int, change: dict[str, object]) -> None:
        self.texts[place] |= change
        text = SOURCE.format(place=place, **self.texts[place])
        (self.folder / f"link{place}.py").write_text(text)

    def load(self) -> None:
        """Import the modules as they are now."""
        self.loaded = [dict(text) for text in self.texts]
        below = None
        for place in range(len(self.texts)):
            self.edit(place, {})
            name = f"link{place}"
            spec = spec_from_file_location(name, self.folder / f"{name}.py")
            sys.modules[name] = module = module_from_spec(spec)
            spec.loader.exec_module(module)
            module.below, module.computed = below, self.computed
            below = module.Link
        self.last = below

    def values(self) -> list[int]:
        """What the loaded code comes to, from the first asset to the last."""
        value, values = 0, []
        for text in self.loaded:
            value = ((value + 1) * text["factor"] + text["bonus"]) % 5
            values.append(value)
        return values


@pytest.mark.slow
@hypothesis_settings(CAREFUL, max_examples=20)
@given(
    length=st.integers(1, 4),
    rounds=st.lists(
        st.tuples(st.lists(st.tuples(PLACES, COSMETIC | MEANT), max_size=3), st.booleans()),
        max_size=6,
    ),
)
def test_an_edit_of_what_a_module_says_remakes_what_it_makes_and_no_other_edit_does(
    clock, settings, monkeypatch, length, rounds
):
    """Nor does an edit count before it is imported."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    made: dict[int, object] = {}
    with TemporaryDirectory(dir=MEMORY) as folder:
        settings("storage", root=f"{folder}/data")
        chain = Chain(Path(folder), length)
        for edits, is_loaded in [([], True), *rounds]:
            for place, change in edits:
                chain.edit(place % length, change)
            if is_loaded:
                chain.load()
            chain.computed.clear()
            assert luigi.build([chain.last()], local_scheduler=True)
            expected, before = [], 0
            for place, (text, value) in enumerate(zip(chain.loaded, chain.values(), strict=True)):
                making = text["factor"], text["bonus"], before
                if made.get(place) != making:
                    expected.append(place)
                made[place] = making
                path = Path(folder, f"data/{place}/link/2026-11-22T1230Z.json")
                assert path.read_text() == f"{value}\n"
                before = value
            assert chain.computed == expected
    for place in range(length):
        del sys.modules[f"link{place}"]


def ladder(rungs: int) -> list[Asset]:
    """Two assets a rung, each made from both of the rung below; from the bottom up."""
    tasks: list[Asset] = []
    for rung in range(rungs):
        inputs = tasks[-2:]
        tasks += [_above(inputs, f"{side}{rung}") for side in ("Left", "Right")]
    return tasks


def _above(inputs: list[Asset], name: str) -> Asset:
    class Rung(Asset):
        suffix = ".json"

        def requires(self):
            return inputs

        def compute(self, *values):
            return len(values)

    Rung.__name__ = name
    return Rung()


@pytest.mark.slow
class TestWork:
    """How much is looked at: there are 2**100 paths through a ladder of 200 assets."""

    @pytest.fixture
    def counts(self, monkeypatch):
        """How often each file was looked at and read."""
        counts = {"stat": Counter(), "read": Counter()}
        for verb in counts:
            monkeypatch.setattr(Folder, verb, self.counted(getattr(Folder, verb), counts[verb]))
        return counts

    @staticmethod
    def counted(method, count):
        def call(store, key):
            count[key] += 1
            return method(store, key)

        return call

    @pytest.fixture(autouse=True)
    def in_memory(self, clock, settings):
        with TemporaryDirectory(dir=MEMORY) as folder:
            settings("storage", root=folder)
            yield

    def test_two_hundred_assets_cost_twice_what_a_hundred_do(self, counts):
        """Of looks and of reads, in a first run, in one with nothing to do, and in a staleness."""
        spent = []
        for rungs in (50, 100):
            top = ladder(rungs)[-2:]
            for act in (self.build, self.build, lambda tasks: tasks[-1].complete()):
                assert act(top)
                spent.append({verb: counted.total() for verb, counted in counts.items()})
                counts["stat"].clear()
                counts["read"].clear()
        for hundred, two_hundred in zip(spent[:3], spent[3:], strict=True):
            assert two_hundred["stat"] <= 2.2 * hundred["stat"]
            assert two_hundred["read"] <= 2.2 * hundred["read"]
        assert spent[2]["read"] == 0

    @staticmethod
    def build(tasks):
        return luigi.build(tasks, local_scheduler=True)


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
