"""What Luigi does with parameters, and that asset classes need it only once."""

from __future__ import annotations

from itertools import count

import luigi
import pytest

from hn_luigi.assets.luigi_internals.task_class import ResolvedOnce

from ..bakery import value_of


class Now(luigi.Parameter):
    """Another value at each look, as a clock has."""

    def __init__(self):
        super().__init__(default=None)
        self.looks = count(1)

    def normalize(self, x):
        return next(self.looks) if x is None else x


class TestLuigi:
    """Each of these that fails is a trick that may go."""

    def test_resolves_parameters_twice_a_task(self):
        class Plain(luigi.Task):
            now = Now()

        assert Plain().now == 2

    def test_finds_parameters_anew_at_each_call(self):
        class Plain(luigi.Task):
            word = luigi.Parameter()

        assert Plain.get_params() is not Plain.get_params()

    def test_can_t_find_parameters_in_init_subclass(self):
        with pytest.raises(AttributeError, match="__abstractmethods__"):

            class Plain(luigi.Task):
                def __init_subclass__(cls):
                    cls.get_params()

            class Below(Plain):
                pass

    def test_gives_a_finished_class_the_parameters_of_what_it_requires(self):
        class Flour(luigi.Task):
            town = luigi.Parameter()

        class Bread(luigi.Task):
            pass

        assert "town" not in vars(Bread)
        luigi.util.requires(Flour)(Bread)
        assert vars(Bread)["town"] is Flour.town


class TestResolvedOnce:
    def test_a_task_and_luigi_s_cache_have_the_same_value(self):
        class Step(ResolvedOnce):
            now = Now()

        assert [Step().now, Step().now] == [1, 2]
        assert Step(now=1) is Step(now=1)

    def test_parameters_are_found_once_a_class(self):
        class Step(ResolvedOnce):
            word = luigi.Parameter()

        class Below(Step):
            other = luigi.Parameter()

        assert Step.get_params() is Step.get_params()
        assert [name for name, _ in Below.get_params()] == ["word", "other"]

    def test_those_that_a_class_is_given_later_are_found_too(self):
        class Flour(luigi.Task):
            town = luigi.Parameter()

        class Bread(ResolvedOnce):
            pass

        assert Bread.get_params() == []
        luigi.util.requires(Flour)(Bread)
        assert [name for name, _ in Bread.get_params()] == ["town"]

    def test_a_class_hears_of_each_that_is_made_below_it(self):
        heard = []

        class Layer(ResolvedOnce):
            @classmethod
            def subclass_made(cls, namespace):
                heard.append((cls.__name__, "word" in namespace, len(cls.get_params())))

        class Step(Layer):
            word = luigi.Parameter()

        assert heard == [("Step", True, 1)]


class TestFormerInstances:
    """An asset decides once which window is the present one, and Luigi keeps instances."""

    @pytest.fixture
    def errand(self, station, tmp_path):
        """A plain task that requires today's day, and has to be done each time."""

        class Errand(luigi.Task):
            hour = luigi.IntParameter()

            def requires(self):
                return station.Day(as_of="2026-11-22")

            def output(self):
                return luigi.LocalTarget(str(tmp_path / f"{self.hour}"))

            def run(self):
                self.output().open("w").close()

        return Errand

    def test_luigi_keeps_what_it_once_made(self, clock):
        """If it fails, none of these need be forgotten."""

        class Plain(luigi.Task):
            number = luigi.IntParameter()

        first = Plain(number=1)
        clock.advance(days=1)
        assert Plain(number=1) is first

    def test_are_in_luigi_s_one_cache_also_once_a_class_was_asked_to_clear_it(self, station):
        station.Day.clear_instance_cache()
        first = station.Day()
        luigi.Task.clear_instance_cache()
        assert station.Day() is not first

    def test_those_of_a_former_minute_are_made_anew(self, station, clock):
        first = station.Day()
        assert station.Day() is first
        clock.advance(seconds=30)
        assert station.Day() is not first

    @pytest.mark.parametrize("workers", [1, 2])
    def test_a_later_run_of_a_plain_task_sees_what_is_new_in_the_day(
        self, errand, station, clock, succeed, root, workers
    ):
        """Where the first instances are made by the run itself."""
        for hour in (12, 13, 14):
            clock.at = clock.at.replace(hour=hour)
            succeed(errand(hour=hour), workers=workers)
        assert value_of(station.Day()) == [3, 3]

    def test_what_is_made_just_after_a_run_is_not_what_it_had(self, station, clock, succeed):
        class Slow(station.Day):
            def compute(self, ticks):
                clock.advance(minutes=10)
                station.Day()  # a look at another asset, in the minute in which the run ends
                return len(ticks)

        succeed(Slow())
        assert not Slow().complete()  # by the tick of the window that has begun

    @pytest.mark.parametrize("workers", [1, 2])
    @pytest.mark.parametrize("minutes", [1, 10, 11, 60])
    def test_a_run_keeps_its_own_across_the_end_of_a_window(
        self, station, clock, succeed, tmp_path, workers, minutes
    ):
        """Were they made anew, it would require what nobody has scheduled."""
        clock.at = clock.at.replace(minute=39, second=59)
        station.Day()  # made before the run, and in the window before

        class Slow(luigi.Task):
            def requires(self):
                return station.Day(as_of="2026-11-22")

            def output(self):
                return luigi.LocalTarget(str(tmp_path / "slow"))

            def run(self):
                clock.advance(minutes=minutes)
                self.output().open("w").close()

        class After(luigi.Task):
            def requires(self):
                return [station.Day(as_of="2026-11-22"), Slow()]

            def output(self):
                return luigi.LocalTarget(str(tmp_path / "after"))

            def run(self):
                self.output().open("w").close()

        clock.advance(seconds=2)
        succeed(After(), workers=workers)
