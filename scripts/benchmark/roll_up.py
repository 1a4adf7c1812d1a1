"""An asset made from many windows: what a look at it costs."""

from __future__ import annotations

import json
from pathlib import Path

from processes import output_of
from row import Row

# Three assets over the same windows, which are stored when it is first asked. As in a run of
# Luigi's, what is asked is asked again.
GRAPH = """
import json
import time
from datetime import datetime, timedelta

from hn_luigi.assets import Asset


class Tick(Asset):
    suffix = ".json"

    def compute(self):
        return 1


class Total(Asset):
    suffix = ".json"

    def requires(self):
        return self.windows(Tick)

    def compute(self, ticks):
        return sum(ticks.values())


class Day(Total):
    window_length = "day"


class Week(Total):
    window_length = "week"


def fastest(task):
    costs = []
    for _ in range(200):
        began = time.process_time()
        assert task.complete()
        costs.append(time.process_time() - began)
    return min(costs)


def main():
    monday = datetime(2026, 11, 16)
    for n in range(1008):
        Tick(monday + n * timedelta(minutes=10)).run()
    tasks = [Total(monday), Day(monday), Week(monday)]
    for task in tasks:
        task.run()
    print(json.dumps([fastest(task) for task in tasks]))
"""


def roll_up(folder: Path) -> list[Row]:
    """Ask of an asset over a day's windows, and over a week's, whether it is complete."""
    (folder / "roll_up_graph.py").write_text(GRAPH)
    code = "from roll_up_graph import main; main()"
    one, day, week = json.loads(output_of(["-c", code], folder))
    return [
        Row(f"complete() over {count:,} windows, times one", detail, cost / one, bound)
        for count, cost, bound in ((144, day, 1.5), (1008, week, 4))
        for detail in [f"{1000 * cost:.2f} ms of CPU, one {1000 * one:.2f} ms"]
    ]
