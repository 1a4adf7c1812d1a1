"""What ships pay in a harbour: parameters of every kind, and a plain task in the middle."""

from __future__ import annotations

import json
from datetime import timedelta

import luigi
from luigi.parameter import ParameterVisibility

from hn_luigi.assets import Asset, FreshnessPolicy

luigi.namespace("port", scope=__name__)


class Traffic(Asset):
    """Which ships lie at a quay."""

    quay = luigi.Parameter()
    suffix = ".json"
    capture = True
    freshness = FreshnessPolicy(maximum_lag=timedelta(minutes=30))

    def compute(self):
        self.report(ships=2)
        return [{"ship": "Ané <b>maria</b>", "tons": 1200}, {"ship": "Bora", "tons": 90}]


class Ledger(luigi.Task):
    """Not an asset: a file that is there for ever once it is written."""

    quay = luigi.Parameter()

    def requires(self):
        return Traffic(quay=self.quay)

    def output(self):
        return luigi.LocalTarget("ledger/quay.json")

    def run(self):
        with self.input().open() as ships, self.output().open("w") as file:
            file.write(ships.read())


class Dues(Asset):
    """What is to be paid."""

    quay = luigi.Parameter()
    limit = luigi.IntParameter()
    share = luigi.FloatParameter(0.5)
    by_night = luigi.BoolParameter(False)
    since = luigi.DateParameter()
    rates = luigi.DictParameter()
    flags = luigi.ListParameter(())
    json = luigi.Parameter("", significant=False)
    pin = luigi.Parameter("", visibility=ParameterVisibility.PRIVATE, significant=False)
    suffix = ".md"
    window_length = timedelta(hours=1)
    keeps_latest = True

    def requires(self):
        return Ledger(quay=self.quay)

    def compute(self, ledger):
        with ledger.open() as file:
            ships = json.load(file)
        lines = [f"| {each['ship']} | {each['tons'] * self.share} |" for each in ships]
        return "\n".join(["# Dues", "", "| ship | € |", "|---|---|", *lines, ""])
