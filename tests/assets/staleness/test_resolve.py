"""Staleness looks at each asset once, however many paths lead there."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from tempfile import TemporaryDirectory

import luigi
import pytest

from hn_luigi.assets import Asset
from hn_luigi.assets.storage import Folder

from ..properties import MEMORY


@pytest.fixture
def evaluated(monkeypatch):
    """The assets that were evaluated, in order."""
    evaluated = []
    settings = Asset.recorded_settings

    def noted(self):
        evaluated.append(self)
        return settings(self)

    monkeypatch.setattr(Asset, "recorded_settings", noted)
    return evaluated


def test_each_upstream_is_evaluated_once(clock, succeed, evaluated):
    """A diamond of many layers has exponentially many paths."""
    layers = []

    class Bottom(Asset):
        suffix = ".json"

        def compute(self):
            return 0

    layers.append([Bottom])
    for _ in range(12):
        below = layers[-1]
        layers.append([layer(below, side) for side in ("left", "right")])
    top = layer(layers[-1], "top")()
    succeed(top)
    evaluated.clear()
    assert top.complete()
    assert len(evaluated) == len(set(evaluated)) == 26


def test_an_input_required_from_two_sides_is_evaluated_once(clock, succeed, evaluated):
    class Bottom(Asset):
        suffix = ".json"

        def compute(self):
            return 0

    middle = layer([Bottom], "middle")
    top = layer([middle, Bottom, middle], "top")()
    succeed(top)
    evaluated.clear()
    assert top.complete()
    assert len(evaluated) == len(set(evaluated)) == 3


def test_latest_of_a_wide_graph_is_found_at_once(clock, succeed):
    class Bottom(Asset):
        suffix = ".json"
        capture = True

        def compute(self):
            return 0

    below = [Bottom]
    for _ in range(40):  # 2**40 paths
        below = [layer(below, side) for side in ("left", "right")]
    succeed(Bottom())
    assert below[0].from_str_params({"as_of": "latest"}).as_of == datetime(2026, 11, 22, 12, 30)


def layer(below, side):
    class Layer(Asset):
        suffix = ".json"

        def requires(self):
            return [self.clone(cls) for cls in below]

        def compute(self, *values):
            return sum(values) + 1

    Layer.__name__ = f"{side.title()}{id(below)}"
    return Layer


def ladder(rungs: int) -> list[Asset]:
    """Two assets a rung, each made from both of the rung below; from the bottom up."""
    tasks: list[Asset] = []
    for rung in range(rungs):
        inputs = tasks[-2:]
        tasks += [one_above(inputs, f"{side}{rung}") for side in ("Left", "Right")]
    return tasks


def one_above(inputs: list[Asset], name: str) -> Asset:
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
