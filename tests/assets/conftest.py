"""A small pipeline to look after, Flour → Bread, and windows of it."""

from __future__ import annotations

from types import SimpleNamespace

import luigi
import pytest

from hn_luigi.assets import Asset, Number, requires, settings_of, window


class bakehouse(luigi.Config):
    loaves = Number(2, minimum=0, maximum=9)


@pytest.fixture
def mill(clock):
    """Flour, a capture, and Bread, made from it; ``made`` logs what was computed."""
    mill = SimpleNamespace(made=[], flour="rye", burnt=())

    class Flour(Asset):
        suffix = ".json"
        capture = True

        def compute(self):
            mill.made.append(self.key)
            return mill.flour

    @requires(Flour)
    class Bread(Asset):
        suffix = ".txt"
        keeps_latest = True

        def settings(self):
            return settings_of(bakehouse(), "loaves")

        def compute(self, flour):
            mill.made.append(self.key)
            if window.name(self.as_of) in mill.burnt:
                raise RuntimeError("the oven\nis too hot")
            return f"{bakehouse().loaves} {flour} loaves of {window.name(self.as_of)}"

    mill.Flour, mill.Bread = Flour, Bread
    return mill


@pytest.fixture
def bake(mill, succeed, clock):
    """Makes as many windows as it is told, from 12:30 on, and stays in the last."""

    def run(windows=1):
        for i in range(windows):
            if i:
                clock.advance(minutes=10)
            succeed(mill.Bread())
        mill.made.clear()

    return run
