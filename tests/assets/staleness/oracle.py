"""Tasks of a random graph, which keep a journal, and an oracle that tells what is current.

It knows what was computed from what, says of every asset whether it has to be made, and shares no
code with the layer.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Protocol
from unittest.mock import patch

import luigi
from hypothesis import strategies as st

from hn_luigi.assets import Asset
from hn_luigi.assets.errors import StorageError
from hn_luigi.assets.storage import Folder, Stat

WINDOW = timedelta(minutes=10)
KEY = re.compile(r"(_\w+/)?[a-z]+(\d)/(.*)\.json")


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
                self.stored[spot] = as_bytes(self.steps[event.place].result([]))
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
        output = as_bytes(step.result((p, int(data)) for p, data in inputs.items()))
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


def as_bytes(value: int) -> bytes:
    return f"{value}\n".encode()


def _value(handed: int | luigi.LocalTarget) -> int:
    return handed if isinstance(handed, int) else int(Path(handed.path).read_text())
