"""What Luigi does with parameters, and that asset classes need it only once."""

from __future__ import annotations

from itertools import count

import luigi
import pytest

from hn_luigi.assets.luigi_internals.task_class import ResolvedOnce


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
