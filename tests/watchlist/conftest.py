"""A folder of a user's with a graph of its own, which isn't installed."""

from __future__ import annotations

import sys

import pytest

SHOPS = '''
import luigi
from hn_luigi.assets import Asset, requires


class Prices(Asset):
    city = luigi.Parameter()
    unit = luigi.Parameter("EUR")
    suffix = ".json"
    capture = True

    def compute(self):
        return [1, 2]


class Audit(luigi.Task):
    """A plain task between two assets."""

    city = luigi.Parameter()

    def requires(self):
        return Prices(city=self.city)

    def output(self):
        return self.input()


class Names(Asset):
    suffix = ".json"
    window_length = None

    def compute(self):
        return {}


class Total(Asset):
    city = luigi.Parameter()
    deep = luigi.BoolParameter(False, significant=False)
    suffix = ".json"
    window_length = "day"

    def requires(self):
        return {"audit": Audit(self.city), "names": Names(), "prices": self.windows(Prices)}

    def compute(self, audit, names, prices):
        return sum(sum(each) for each in prices.values())


class Plain(luigi.Task):
    pass
'''


@pytest.fixture
def shops(tmp_path, monkeypatch):
    """The present folder, with ``shops.py`` in it, where nothing else looks for modules."""
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "shops.py").write_text(SHOPS)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    before = set(sys.modules)
    yield folder
    for name in set(sys.modules) - before:
        if (
            getattr(sys.modules[name], "__file__", None)
            and str(folder) in sys.modules[name].__file__
        ):
            del sys.modules[name]
