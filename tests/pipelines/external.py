"""Orders of a day, from a file that somebody drops: a luigi.ExternalTask as an input."""

from __future__ import annotations

import csv

import luigi

from hn_luigi.assets import Asset


class Inbox(luigi.ExternalTask):
    """The file of a day, which comes when it comes."""

    date = luigi.DateParameter()

    def output(self):
        return luigi.LocalTarget(f"inbox/{self.date}.csv")


class Orders(Asset):
    """The orders of a day that aren't cancelled."""

    suffix = ".json"
    window_length = "day"
    keeps_latest = True

    def requires(self):
        return Inbox(date=self.as_of.date())

    def compute(self, inbox):
        with inbox.open() as file:
            return [row["order"] for row in csv.DictReader(file) if row["state"] != "cancelled"]
