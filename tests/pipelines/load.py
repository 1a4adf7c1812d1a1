"""Measurements in a database: a window's rows are replaced in one transaction, with a receipt."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from hn_luigi.assets import Asset, requires

DATABASE = "measured.db"


class Measured(Asset):
    """What a sensor shows, a number each."""

    suffix = ".json"
    window_length = "day"
    capture = True

    def compute(self):
        return json.loads(Path("sensor.json").read_text())


@requires(Measured)
class Loaded(Asset):
    """The receipt for a window whose rows are in the database."""

    suffix = ".json"
    window_length = "day"

    def compute(self, numbers):
        day = f"{self.as_of:%Y-%m-%d}"
        with closing(sqlite3.connect(DATABASE)) as database, database:
            database.execute("CREATE TABLE IF NOT EXISTS measured (day, number)")
            database.execute("DELETE FROM measured WHERE day = ?", [day])
            rows = [(day, number) for number in numbers]
            database.executemany("INSERT INTO measured VALUES (?, ?)", rows)
        return {"day": day, "rows": len(rows)}
