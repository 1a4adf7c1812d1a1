"""What ``requires()`` returns, gone through whatever its shape."""

from __future__ import annotations

import luigi

from hn_luigi.assets.luigi_internals.task_structure import map_tasks


class Flour(luigi.Task):
    pass


def test_the_shape_stays_and_each_task_is_changed():
    flour = Flour()
    shape = {"a": None, "b": (flour, [1]), 3: {("y",), "z"}, "c": flour}
    changed = map_tasks(shape, lambda task: task.task_family)
    assert changed == {**shape, "a": [], "b": ("Flour", [1]), "c": "Flour"}


def test_what_can_be_gone_through_once_becomes_a_list():
    assert map_tasks(iter([Flour()]), lambda task: "flour") == ["flour"]


def test_keys_of_dicts_within_one_another_are_renamed():
    shape = {1: [{2: Flour()}]}
    assert map_tasks(shape, str, rename=str) == {"1": [{"2": "Flour()"}]}
