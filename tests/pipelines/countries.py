"""Visits by country: a table that knows no time, joined into each day."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path

from hn_luigi.assets import Asset, requires

TABLE = Path(__file__).with_name("countries.csv")


class Countries(Asset):
    """Names of countries by their codes."""

    suffix = ".json"
    window_length = None
    files = ("countries.csv",)

    def compute(self):
        return {row["code"]: row["name"] for row in csv.DictReader(io.StringIO(TABLE.read_text()))}


class Visits(Asset):
    """Where today's visitors came from, a code each."""

    suffix = ".json"
    window_length = "day"
    capture = True

    def compute(self):
        return Path("visits.txt").read_text().split()


@requires(Countries, Visits)
class VisitsByCountry(Asset):
    """How many came from each country."""

    suffix = ".json"
    window_length = "day"

    def compute(self, countries, visits):
        return Counter(countries.get(code, "elsewhere") for code in visits)
