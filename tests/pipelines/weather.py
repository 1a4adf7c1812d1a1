"""How much warmer each city is than yesterday: partitions by day and city, and a page over all."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import luigi

from hn_luigi.assets import Asset

CITIES = ("bonn", "ulm")


class Reading(Asset):
    """What the station of a city shows today."""

    city = luigi.Parameter()
    suffix = ".json"
    window_length = "day"
    capture = True

    def compute(self):
        return json.loads(Path("stations", f"{self.city}.json").read_text())


class Change(Asset):
    """Degrees that it is warmer in a city than a day before."""

    city = luigi.Parameter()
    suffix = ".json"
    window_length = "day"

    def requires(self):
        yesterday = self.as_of - timedelta(days=1)
        return {
            "today": self.clone(Reading),
            "before": self.clone(Reading, as_of=yesterday),
        }

    def compute(self, today, before):
        return round(today["degrees"] - before["degrees"], 1)


class Weather(Asset):
    """All cities on a page."""

    suffix = ".md"
    window_length = "day"
    keeps_latest = True

    def requires(self):
        return {city: self.clone(Change, city=city) for city in CITIES}

    def compute(self, **changes):
        return "".join(f"- {city}: {change:+}\n" for city, change in changes.items())
