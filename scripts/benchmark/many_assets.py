"""Many watched assets: what a look at 50 of them costs, beside the same look at 3."""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import median

from processes import LUIGI_FLAGS, environment, run
from row import Row
from server import seconds_of_page, server
from windows import WEEK, store_windows

FEW, MANY = 3, 50
STATUS = ["-m", "hn_luigi.cli", "status", "--json"]
GRAPH = """
from datetime import timedelta

import luigi

from hn_luigi.assets import Asset, FreshnessPolicy


class Source(Asset):
    number = luigi.IntParameter()
    suffix = ".json"
    capture = True
    freshness = FreshnessPolicy(maximum_lag=timedelta(minutes=30))

    def compute(self):
        return self.number


class Total(Asset):
    count = luigi.IntParameter()
    suffix = ".json"

    def requires(self):
        return [self.clone(Source, number=number) for number in range(self.count - 1)]

    def compute(self, *numbers):
        return sum(numbers)
"""


def many_assets(folder: Path) -> list[Row]:
    """Look at assets with 1,000 windows each, by the page and by the command."""
    folders = {count: made(folder / f"of-{count}", count) for count in (FEW, MANY)}
    few, many = map(seconds_of_assets, folders.values())
    rounds = [
        [
            run(STATUS, each, f"the status of {count} assets").cpu_seconds
            for count, each in folders.items()
        ]
        for _ in range(5)
    ]
    status_of_few, status_of_many = map(median, zip(*rounds, strict=True))
    return [
        Row(
            f"/assets of {MANY}, each, times one of {FEW}",
            f"{1000 * many:.0f} ms, {FEW} assets {1000 * few:.0f} ms, {WEEK:,} windows each",
            many / MANY / (few / FEW),
            1,
        ),
        Row(
            f"status of {MANY} assets, times {FEW}",
            f"{status_of_many:.2f} s of CPU, {FEW} assets {status_of_few:.2f} s",
            median(many / few for few, many in rounds),
            1.5,
        ),
    ]


def made(folder: Path, count: int, window_minutes: int = 10) -> Path:
    """A folder with so many assets, all watched, of 1,000 windows each."""
    folder.mkdir()
    (folder / "assets_of_bench.py").write_text(GRAPH)
    watch = f"watch = assets_of_bench Total --count {count}"
    (folder / "luigi.cfg").write_text(f"[assets]\n{watch}\nwindow_minutes = {window_minutes}\n")
    task = ["-m", "luigi", "--module", "assets_of_bench", "Total", "--count", str(count)]
    run([*task, *LUIGI_FLAGS], folder, f"{count} assets")
    store_windows(folder, WEEK)
    return folder


def seconds_of_assets(folder: Path) -> float:
    """The time that ``/assets`` takes to load, the least disturbed of three."""
    print(f"\rmeasuring {'the pages of many assets':<30}", end="", file=sys.stderr, flush=True)
    with server(folder, environment(folder)) as base:
        return min(seconds_of_page(f"{base}/assets") for _ in range(3))
