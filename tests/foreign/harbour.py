"""What ships pay in a harbour: parameters of every kind, and a plain task in the middle."""

from __future__ import annotations

import json
from datetime import timedelta

import luigi
from luigi.parameter import ParameterVisibility

from hn_luigi.assets import Asset, FreshnessPolicy, requires

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


@requires(Traffic)
class Ledger(luigi.Task):
    """Not an asset: a file in the folder where it runs."""

    def output(self):
        return luigi.LocalTarget(f"ledger/{self.as_of:%Y-%m-%dT%H%M}.json")

    def run(self):
        with self.input().open() as ships, self.output().open("w") as file:
            file.write(ships.read())


@requires(Ledger)
class Dues(Asset):
    """What is to be paid."""

    limit = luigi.IntParameter()
    share = luigi.FloatParameter(0.5)
    by_night = luigi.BoolParameter(False)
    since = luigi.DateParameter()
    rates = luigi.DictParameter()
    flags = luigi.ListParameter(())
    json = luigi.Parameter("", significant=False)
    pin = luigi.Parameter("", visibility=ParameterVisibility.PRIVATE, significant=False)
    suffix = ".md"
    keeps_latest = True

    def compute(self, ledger):
        with ledger.open() as file:
            ships = json.load(file)
        lines = [f"| {each['ship']} | {each['tons'] * self.share} |" for each in ships]
        return "\n".join(["# Dues", "", "| ship | € |", "|---|---|", *lines, ""])
