"""What a step is made from, in whatever shape and by whatever keys ``requires()`` gives it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import deque
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from uuid import UUID

import luigi
import luigi.date_interval
import numpy as np
import pytest
from luigi.execution_summary import LuigiStatusCode

from hn_luigi.assets import Asset, AssetError
from hn_luigi.assets.operations import lag_of


class Sort(StrEnum):
    RYE = "rye"
    OAT = "oat"


LOOP: list[object] = []
LOOP.append(LOOP)


def value_of(task):
    return json.loads(Path(task.output().path).read_text())


@pytest.fixture
def one(clock):
    class One(Asset):
        suffix = ".json"

        def compute(self):
            return 1

    return One


@pytest.fixture
def plain(tmp_path):
    class Plain(luigi.Task):
        def output(self):
            return luigi.LocalTarget(tmp_path / "plain.txt")

        def run(self):
            with self.output().open("w") as file:
                file.write("plain")

    return Plain


@pytest.mark.parametrize(
    "keys",
    [
        (date(2026, 1, 1), date(2026, 1, 2)),
        (datetime(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC)),
        (date(2026, 1, 1), datetime(2026, 1, 1)),
        (1, "1"),
        (True, None),
        (1.5, Decimal("1.5000001")),
        ((date(2026, 1, 1), "a"), (date(2026, 1, 1), "b")),
        (timedelta(microseconds=1), timedelta(0)),
        (luigi.date_interval.Month(2026, 1), luigi.date_interval.Year(2026)),
        (Path("a"), UUID(int=1)),
        (b"a", "\ud800"),
        ("<int 1>", 2),
        (Sort.RYE, Sort.OAT),
        (np.int64(1), np.int64(2)),
        (frozenset({1, 2}), frozenset({1})),
    ],
    ids=repr,
)
def test_keys_of_any_kind_name_inputs(succeed, clock, keys):
    of = dict(zip(keys, "ab", strict=True))

    class Letter(Asset):
        letter = luigi.Parameter()
        suffix = ".json"

        def compute(self):
            return self.letter

    class Named(Asset):
        suffix = ".json"

        def requires(self):
            return {"by": {key: self.clone(Letter, letter=of[key]) for key in of}}

        def compute(self, *, by):
            return [by[key] for key in keys]

    succeed(Named())
    assert value_of(Named()) == ["a", "b"]
    assert Named().complete()
    of = dict(zip(keys, "ba", strict=True))
    assert Named().staleness().reasons == ("its inputs changed places",)


def test_a_dict_by_dates_comes_as_the_only_argument(one, succeed):
    class Days(Asset):
        suffix = ".json"

        def requires(self):
            return {date(2026, 1, day): self.clone(one) for day in (1, 2)}

        def compute(self, days):
            return [f"{day}" for day in days]

    succeed(Days())
    assert value_of(Days()) == ["2026-01-01", "2026-01-02"]
    assert Days().complete()


@pytest.mark.parametrize("shape", [deque, iter, lambda tasks: (task for task in tasks), tuple])
def test_what_is_required_may_come_in_any_row(one, plain, succeed, shape):
    class Both(Asset):
        suffix = ".json"

        def requires(self):
            return shape([self.clone(one), plain()])

        def compute(self, number, target):
            return [number, target.exists()]

    succeed(Both())
    assert value_of(Both()) == [1, True]
    assert Both().complete()


def test_what_is_required_may_be_a_mapping_of_any_kind(one, succeed):
    class Named(Asset):
        suffix = ".json"

        def requires(self):
            return MappingProxyType({"number": self.clone(one)})

        def compute(self, *, number):
            return number + 1

    succeed(Named())
    assert value_of(Named()) == 2
    assert Named().complete()


@pytest.mark.slow
def test_a_set_of_tasks_has_the_same_order_in_every_process(tmp_path, root):
    (tmp_path / "letters.py").write_text(
        "import luigi\n"
        "from hn_luigi.assets import Asset, window\n"
        "as_of = window.parse('2026-01-01T0000')\n"
        "class Letter(Asset):\n"
        "    letter = luigi.Parameter()\n"
        "    suffix = '.json'\n"
        "    def compute(self): return self.letter\n"
        "class Word(Asset):\n"
        "    suffix = '.json'\n"
        "    def requires(self): return {self.clone(Letter, letter=each) for each in 'abcdef'}\n"
        "    def compute(self, *letters): return ''.join(letters)\n"
        "word = Word(as_of)\n"
        "ran = luigi.build([word], local_scheduler=True, no_lock=True, log_level='ERROR')\n"
        "print(ran, word.staleness().state, word.output().open().read())\n"
        "print(word.partition.record().created_at)\n"
    )
    (tmp_path / "luigi.cfg").write_text(f"[storage]\nroot = {root}\n")
    said = {
        subprocess.run(
            [sys.executable, "letters.py"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": os.getcwd(), "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in "123"
    }
    assert len(said) == 1, "it was made again, since its inputs changed places"
    assert said.pop().startswith('True State.CURRENT "abcdef"')


@pytest.mark.parametrize(
    ("required", "why"),
    [
        ({object(): None}, "is a dict with the key <object object .*, which differs in every"),
        (["Letter"], "holds 'Letter', which is no task"),
        ({"a": [3]}, "holds 3, which is no task"),
        ([Asset], "holds <class .*Asset'>, which is no task"),
        (luigi.LocalTarget("a"), "holds <luigi.local_target.LocalTarget .*, which is no task"),
        (LOOP, "holds itself"),
    ],
    ids=["key", "text", "number", "class", "target", "loop"],
)
def test_what_can_t_be_required_is_refused_before_anything_is_made(
    one, build, caplog, root, required, why
):
    class Odd(Asset):
        suffix = ".json"

        def requires(self):
            return [self.clone(one), required]

        def compute(self, *args):
            pytest.fail("it was computed")

    assert build(Odd()).status is LuigiStatusCode.SCHEDULING_FAILED
    assert re.search(rf"Odd\(.*: what requires\(\) returns {why}.*; return tasks", caplog.text)
    assert not (root / "one").exists()
    for question in (Odd().staleness, Odd().run):
        with pytest.raises(AssetError, match=f"what requires.. returns {why}"):
            question()


def test_inputs_that_were_recorded_by_text_are_current(one, succeed, root):
    class Nested(Asset):
        suffix = ".json"

        def requires(self):
            return {"ones": [self.clone(one), {"<b>": None, Sort.RYE: self.clone(one)}]}

        def compute(self, *, ones):
            return 1

    succeed(Nested())
    assert Nested().partition.record().inputs == {
        "ones": ["one/2026-11-22T1230Z", {"<b>": [], "rye": "one/2026-11-22T1230Z"}]
    }


class TestAgeOfWhatLooksBack:
    """Windows before its own tell the age of an asset only where nothing else does."""

    @pytest.fixture
    def feed(self, clock, succeed):
        class Feed(Asset):
            suffix = ".json"
            window_length = "day"
            capture = True

            def compute(self):
                return self.as_of.day

        succeed(Feed())
        clock.advance(days=1)
        return Feed

    @pytest.mark.parametrize(
        ("capture", "beside", "days"),
        [(False, False, 1), (False, True, 0), (True, False, 0), (True, True, 0)],
    )
    def test_is_that_of_what_it_reads_or_requires_beside_them(
        self, feed, succeed, clock, root, capture, beside, days
    ):
        class Page(Asset):
            suffix = ".json"
            window_length = "day"

            def requires(self):
                day_before = self.as_of - timedelta(days=1)
                before = self.windows(feed, since=day_before, until=self.as_of)
                return [before, self.clone(feed)] if beside else [before]

            def compute(self, before, *_):
                return list(before.values())

        Page.capture = capture
        before = root / "feed/2026-11-22T0000Z.json"
        for _ in range(2):
            succeed(Page())
            assert lag_of(Page()).lag == timedelta(days=days)
            before.write_text(before.read_text())  # the same, but written anew


class TestStoredWindows:
    """The values of several windows, as ``compute`` gets them."""

    @pytest.fixture
    def handed(self, station, clock):
        """What a day that is over gets, made from three ticks, one of them damaged."""
        got = []

        class Handed(station.Day):
            def compute(self, ticks):
                got.append(ticks)
                return len(ticks)

        station.tick("00:10", reading=1)
        station.tick("05:00", reading=2)
        station.tick("23:50", reading=3)
        clock.advance(days=1)
        Path(station.Tick(as_of="2026-11-22T0500").output().path).write_text("{")
        station.succeed(Handed(as_of="2026-11-22"))
        return got[0]

    STARTS = tuple(datetime(2026, 11, 22, *at) for at in ((0, 10), (5, 0), (23, 50)))

    def test_it_is_a_mapping_by_starts_oldest_first(self, handed):
        assert tuple(handed) == self.STARTS
        assert len(handed) == 3
        assert max(handed) == self.STARTS[2]
        assert handed.get(datetime(2026, 11, 22, 0, 20)) is None

    def test_each_is_read_when_it_is_asked_for(self, handed):
        """So that what is damaged hurts who reads it alone."""
        assert self.STARTS[1] in handed
        assert (handed[self.STARTS[0]], handed[self.STARTS[2]]) == (1, 3)
        with pytest.raises(AssetError, match="tick/2026-11-22T0500Z.json"):
            list(handed.values())

    def test_what_was_read_has_a_digest_and_what_was_not_has_none(self, handed):
        handed[self.STARTS[0]]
        read = handed.read.stored
        assert [bool(each.digest) for each in read.values()] == [True, False, False]
        assert [each.size for each in read.values()] == [2, 1, 2]
        assert len(handed.missing) == 141
