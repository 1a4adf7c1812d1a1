"""What tasks require: in which forms, what of plain Luigi tasks counts, and each looked at once."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

import luigi
import pytest

from hn_luigi.assets import Asset, AssetError, requires
from hn_luigi.assets.errors import DefinitionError
from hn_luigi.assets.staleness.required import required_by, upstream_first

from ..bakery import value_of


def test_what_requires_itself_is_refused(clock, root):
    class Hen(Asset):
        suffix = ".json"

        def requires(self):
            return self.clone(Egg)

    class Egg(Asset):
        suffix = ".json"

        def requires(self):
            return self.clone(Hen)

    with pytest.raises(AssetError, match="requires itself"):
        Hen().staleness()


class TestOrder:
    """What is upstream stands in the order in which people would tell it."""

    @pytest.fixture
    def step(self, clock):
        class Step(Asset):
            suffix = ".json"
            name = luigi.Parameter(default="page")

            def requires(self):
                return [self.clone(name=name) for name in MADE_FROM.get(self.name, ())]

        return Step

    def test_each_stands_after_what_it_alone_is_made_from(self, step):
        ordered = [node.task.name for node in upstream_first([step()])]
        assert ordered == ["flour", "dough", "yeast", "leaven", "salt", "page"]

    def test_what_two_are_made_from_stands_with_the_first(self, step):
        ordered = [node.task.name for node in upstream_first([step(name="rye"), step()])]
        assert ordered == ["yeast", "leaven", "rye", "flour", "dough", "salt", "page"]

    def test_what_is_wide_and_deep_takes_no_recursion_and_is_asked_once(self, clock):
        asked = []

        class Deep(Asset):
            suffix = ".json"
            depth = luigi.IntParameter(default=1500)
            place = luigi.IntParameter(default=0)

            def requires(self):
                asked.append(self.task_id)
                below = range(2) if self.depth else ()
                return [self.clone(depth=self.depth - 1, place=place) for place in below]

        assert len(upstream_first([Deep()])) == 3001
        assert len(asked) == 3001


MADE_FROM = {
    "page": ["dough", "leaven", "salt"],
    "dough": ["flour"],
    "leaven": ["yeast"],
    "rye": ["leaven"],
}


class TestShapesOfInput:
    """Single, list and dict of inputs, and plain Luigi tasks among them."""

    @pytest.fixture
    def one(self, clock):
        class One(Asset):
            suffix = ".json"

            def compute(self):
                return 1

        return One

    @pytest.fixture
    def plain(self, tmp_path):
        class Plain(luigi.Task):
            def output(self):
                return luigi.LocalTarget(tmp_path / "plain.txt")

            def run(self):
                with self.output().open("w") as file:
                    file.write("plain")

        return Plain

    def test_a_list_comes_as_positional_arguments(self, one, plain, succeed):
        class Both(Asset):
            suffix = ".json"

            def requires(self):
                return [self.clone(one), plain()]

            def compute(self, number, target):
                with target.open() as file:
                    return [number, file.read()]

        succeed(Both())
        assert value_of(Both()) == [1, "plain"]

    def test_a_dict_comes_as_keyword_arguments(self, one, succeed):
        class Named(Asset):
            suffix = ".json"

            def requires(self):
                return {"number": self.clone(one)}

            def compute(self, *, number):
                return number + 1

        succeed(Named())
        assert value_of(Named()) == 2

    def test_what_is_required_may_be_nested(self, one, plain, succeed):
        class Nested(Asset):
            suffix = ".json"

            def requires(self):
                return {"ones": [self.clone(one), (self.clone(one),)], "plain": {"task": plain()}}

            def compute(self, *, ones, plain):
                with plain["task"].open() as file:
                    return [ones, file.read()]

        succeed(Nested())
        assert value_of(Nested()) == [[1, [1]], "plain"]
        assert Nested().complete()

    def test_nothing_may_be_required_in_any_way(self, succeed, clock):
        class Alone(Asset):
            suffix = ".json"

            def requires(self):
                return None

            def compute(self):
                return 1

        succeed(Alone())
        assert Alone().complete()

    def test_a_plain_task_that_says_it_is_done_but_is_not_is_named(self, clock, tmp_path):
        class Liar(luigi.Task):
            def output(self):
                return luigi.LocalTarget(tmp_path / "nothing.txt")

            def complete(self):
                return True

        class Gullible(Asset):
            suffix = ".json"

            def requires(self):
                return Liar()

        assert not Gullible().complete()
        with pytest.raises(AssetError, match=r"nothing.txt is missing, though Liar\(\) says"):
            Gullible().run()

    def test_a_plain_task_s_new_bytes_make_what_is_made_from_it_stale(
        self, plain, succeed, tmp_path
    ):
        class Shout(Asset):
            suffix = ".txt"

            def requires(self):
                return plain()

            def compute(self, target):
                with target.open() as file:
                    return file.read().upper()

        succeed(Shout())
        assert Shout().complete()
        (tmp_path / "plain.txt").write_text("other")
        assert not Shout().complete()
        succeed(Shout())
        assert Path(Shout().output().path).read_text() == "OTHER"

    def test_what_is_behind_a_wrapper_counts_by_its_bytes(self, plain, succeed, tmp_path):
        class Wrapper(luigi.WrapperTask):
            def requires(self):
                return plain()

        class Counted(Asset):
            suffix = ".txt"

            def requires(self):
                return Wrapper()

            def compute(self, _):
                return (tmp_path / "plain.txt").read_text()

        succeed(Counted())
        assert Counted().complete()
        (tmp_path / "plain.txt").write_text("other")
        assert not Counted().complete()

    def test_a_folder_counts_by_the_bytes_of_its_files(self, succeed, tmp_path):
        class Unpacked(luigi.Task):
            def output(self):
                return luigi.LocalTarget(tmp_path / "unpacked")

            def run(self):
                (tmp_path / "unpacked").mkdir()
                (tmp_path / "unpacked/a").write_text("1")

        class Sized(Asset):
            suffix = ".json"

            def requires(self):
                return Unpacked()

            def compute(self, target):
                return len(os.listdir(target.path))

        succeed(Sized())
        assert Sized().complete()
        (tmp_path / "unpacked/a").write_text("2")
        assert not Sized().complete()

    def test_an_output_that_is_no_file_counts_by_its_name(self, succeed):
        class Row(luigi.Target):
            def exists(self):
                return True

            def __repr__(self):
                return "row 7"

        class Table(luigi.ExternalTask):
            def output(self):
                return Row()

        class Copied(Asset):
            suffix = ".txt"

            def requires(self):
                return Table()

            def compute(self, target):
                return repr(target)

        succeed(Copied())
        assert Copied().complete()

    def test_a_plain_task_runs_on_an_asset(self, one, succeed, tmp_path):
        class Report(luigi.Task):
            def requires(self):
                return one()

            def output(self):
                return luigi.LocalTarget(tmp_path / "report.txt")

            def run(self):
                with self.input().open() as source, self.output().open("w") as report:
                    report.write(source.read())

        succeed(Report())
        assert (tmp_path / "report.txt").read_text() == "1\n"


class TestLengthsOfWindows:
    """What is required has windows as long as one's own, or longer."""

    @pytest.fixture
    def of(self, clock):
        def made(name, length):
            body = {"suffix": ".json", "window_length": length, "compute": lambda self, *given: 1}
            return type(name, (Asset,), body)

        return made

    @pytest.mark.parametrize(
        ("own", "theirs"),
        [
            ("day", timedelta(hours=1)),
            ("week", "day"),
            ("month", "week"),
            ("month", "[assets] window_minutes"),
            (None, "month"),
            (None, timedelta(days=1)),
        ],
    )
    @pytest.mark.parametrize("shape", [list, lambda tasks: {"it": tasks}, lambda tasks: tasks[0]])
    def test_a_shorter_one_is_refused_in_words_that_name_the_remedy(self, of, own, theirs, shape):
        short, long = of("Short", theirs), of("Long", own)
        long.requires = lambda self: shape([self.clone(short)])
        with pytest.raises(DefinitionError, match=r"return self\.windows\(Short"):
            required_by(long())

    def test_one_by_decorator_is_refused_before_anything_is_made(self, of, build, root):
        short, long = of("Short", timedelta(hours=1)), of("Long", "day")
        with pytest.raises(DefinitionError, match="shorter"):
            requires(short)(long)().deps()
        build(long())
        assert not (root / "short").exists()

    def test_the_setting_tells_what_is_shorter_where_it_tells_how_long(self, of, settings):
        own, other = of("Own", "[assets] window_minutes"), of("Other", timedelta(hours=1))
        task = requires(other)(own)
        assert required_by(task()) == other()
        settings("assets", window_minutes=1440)
        with pytest.raises(DefinitionError, match=r"shorter \(60 minutes\) than its own \(a day\)"):
            required_by(task())

    @pytest.mark.parametrize(
        ("own", "theirs", "start"),
        [
            (timedelta(minutes=10), "day", datetime(2026, 11, 22)),
            (timedelta(minutes=15), timedelta(minutes=40), datetime(2026, 11, 22, 12)),
            ("day", "week", datetime(2026, 11, 16)),
            ("week", "month", datetime(2026, 11, 1)),
            ("day", timedelta(days=1), datetime(2026, 11, 22)),
        ],
    )
    def test_of_a_longer_one_it_gets_the_window_that_holds_its_own_start(
        self, of, own, theirs, start
    ):
        task = requires(of("Long", theirs))(of("Own", own))
        assert required_by(task()).as_of == start

    def test_what_has_no_window_may_be_required_by_all(self, of):
        table = of("Table", None)
        for length in ("day", "month", timedelta(minutes=1), None):
            assert required_by(requires(table)(of("Own", length))()) == table()

    def test_a_plain_task_in_between_is_passed(self, of):
        short, long = of("Short", timedelta(hours=1)), of("Long", "day")
        between = requires(short)(type("Between", (luigi.Task,), {}))
        task = requires(between)(long)()
        assert required_by(task) == between(as_of=task.as_of)
