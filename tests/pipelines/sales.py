"""What a shop sells: a day rolled up from the tills of ten minutes, a month from its days."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd

from hn_luigi.assets import Asset, columns, not_null, requires, row_count_between


class Till(Asset):
    """What was sold in ten minutes."""

    suffix = ".parquet"
    capture = True
    checks = (columns({"amount": "int64"}), not_null("article"))

    def compute(self):
        return pd.read_csv(io.StringIO(Path("till.csv").read_text()))


class DaySales(Asset):
    """How many of each article were sold in a day."""

    suffix = ".parquet"
    window_length = "day"
    checks = (row_count_between(1, 1000),)

    def requires(self):
        return self.windows(Till)

    def compute(self, tills):
        sold = pd.concat(tills.values())
        self.report(tills=len(tills))
        return sold.groupby("article", as_index=False)["amount"].sum()


class MonthSales(Asset):
    """How many articles were sold, day by day."""

    suffix = ".json"
    window_length = "month"

    def requires(self):
        return self.windows(DaySales)

    def compute(self, days):
        return {f"{day:%Y-%m-%d}": int(sales["amount"].sum()) for day, sales in days.items()}


@requires(MonthSales)
class SalesPage(Asset):
    """The month as people read it."""

    suffix = ".md"
    window_length = "month"
    keeps_latest = True

    def compute(self, days):
        return "".join(f"| {day} | {sold} |\n" for day, sold in days.items())
