"""A history that grows by a day, from its own last window: it survives a day that was missed."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

from hn_luigi.assets import Asset

BEGINS = datetime(2026, 11, 20)


class Price(Asset):
    """What a loaf costs today."""

    suffix = ".json"
    window_length = "day"
    capture = True

    def compute(self):
        return json.loads(Path("price.json").read_text())


class Prices(Asset):
    """What a loaf has cost each day."""

    suffix = ".json"
    window_length = "day"
    keeps_latest = True

    def requires(self):
        price = self.clone(Price)
        if self.as_of <= BEGINS:
            return {"price": price}
        last_week = self.as_of - timedelta(days=7)
        return {"price": price, "before": self.windows(Prices, since=last_week, until=self.as_of)}

    def compute(self, price, before=None):
        history = before[max(before)] if before else {}
        return {**history, f"{self.as_of:%Y-%m-%d}": price}
