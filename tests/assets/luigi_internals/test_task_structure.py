"""What ``requires()`` returns, gone through whatever its shape."""

from __future__ import annotations

import luigi
import pytest
from luigi.task import flatten, getpaths
from luigi.tools import deps, deps_tree

from hn_luigi.assets.luigi_internals.task_structure import Several, map_tasks


class Flour(luigi.Task):
    def output(self):
        return luigi.LocalTarget("flour")


class Sacks(Several):
    def __init__(self, *tasks):
        self.tasks = tasks

    def __iter__(self):
        return iter(self.tasks)


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


class TestSeveral:
    """Luigi takes it for the tasks that it iterates over, wherever it stands."""

    @pytest.fixture(params=[0, 1])
    def sacks(self, request):
        return Sacks(*[Flour()][: request.param])

    @pytest.mark.parametrize(
        "within",
        [
            lambda sacks: sacks,
            lambda sacks: [sacks],
            lambda sacks: {"sacks": sacks},
            lambda sacks: {"all": [{"sacks": sacks}]},
        ],
    )
    def test_luigi_finds_its_tasks(self, sacks, within):
        assert flatten(within(sacks)) == list(sacks)
        paths = [target.path for target in flatten(getpaths(within(sacks)))]
        assert paths == ["flour" for _ in sacks]

    def test_luigi_takes_it_as_what_a_task_requires(self, sacks, build):
        done = []

        class Bread(luigi.Task):
            def requires(self):
                return {"sacks": sacks, "salt": []}

            def complete(self):
                return self.task_id in done

            def run(self):
                done.append(self.task_id)

        bread = Bread()
        assert bread.deps() == list(sacks)
        assert [target.path for target in bread.input()["sacks"]] == ["flour" for _ in sacks]
        assert deps.find_deps(bread, "Flour") == ({bread, *sacks} if sacks.tasks else set())
        assert deps_tree.print_tree(bread).count("Flour") == len(list(sacks))
        for task in sacks:
            task.complete = lambda: True
        assert build(bread).scheduling_succeeded
        assert done == [bread.task_id]

    def test_the_layer_hands_it_on_whole(self, sacks):
        shape = {"sacks": sacks, "flour": Flour()}
        assert map_tasks(shape, str, several=type) == {"sacks": Sacks, "flour": "Flour()"}
        assert map_tasks(shape, str) == {"sacks": sacks, "flour": "Flour()"}
