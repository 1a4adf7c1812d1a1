"""A day's stories from its windows: what they cost to make, and how much smaller they are."""

from __future__ import annotations

import json
from pathlib import Path

from processes import output_of
from row import Row

# 500 stories a window, of which four are new and four gone by the next, whose ranks drift by some
# places and whose counts grow. What a run takes is compared with what pandas takes to read them.
CODE = """
import json
import os
import random
import time
from datetime import datetime, timedelta

import pandas as pd

from hn_luigi import Stories, StoriesOfDay
from hn_luigi.assets import formats
from hn_luigi.hackernews import to_frame
from hn_luigi.replica import bundled_front_page

known = bundled_front_page().items.values()
items = [item for item in known if item and item.get("type") == "story" and not item.get("dead")]
begin = datetime(2026, 11, 16)
chance = random.Random(1)


def seen(n, number):
    since = n + 125 - number // 4  # windows
    grown = {"score": 3 + since * (number % 7), "descendants": since * (number % 5)}
    return {**items[number % len(items)], "id": 40_000_000 + 97 * number, **grown}


paths = []
for n in range(144):
    numbers = sorted(range(4 * n, 4 * n + 500), key=lambda number: number + chance.gauss(0, 3))
    at = begin + n * timedelta(minutes=10)
    frame, _ = to_frame([seen(n, number) for number in numbers], as_of=at)
    partition = Stories(at).partition
    data = formats.encode(".parquet", frame, what="the benchmark")
    partition.store.write(partition.output_key, data)
    paths.append(partition.store.path(partition.output_key))

day = StoriesOfDay(begin)
path = day.partition.store.path(day.partition.output_key)


def fastest(action):
    costs = []
    for _ in range(5):
        began = time.process_time()
        action()
        costs.append(time.process_time() - began)
    return min(costs)


def make():
    if os.path.exists(path):
        os.remove(path)
    day.run()


reading = fastest(lambda: [pd.read_parquet(each) for each in paths])
making = fastest(make)
print(json.dumps([reading, making, sum(map(os.path.getsize, paths)), os.path.getsize(path)]))
"""


def day(folder: Path) -> list[Row]:
    """Make StoriesOfDay of 144 windows of ten minutes."""
    root = folder / "day"
    root.mkdir()
    reading, making, windows, size = json.loads(output_of(["-c", CODE], root))
    return [
        Row(
            "StoriesOfDay of 144 windows, times reading",
            f"{making:.2f} s of CPU, pandas reads them in {reading:.2f} s",
            making / reading,
            2,
        ),
        Row(
            "its size, share of its windows'",
            f"{size / 1e6:.2f} MB, windows {windows / 1e6:.1f} MB",
            size / windows,
            0.25,
        ),
    ]
