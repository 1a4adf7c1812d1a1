"""Trends and Digest of a day: what they take, against a word cloud of one window."""

from __future__ import annotations

import json
from pathlib import Path

from processes import output_of
from row import Row

# 29 days of 144 windows of 500 stories, of which each day has 600 new ones; each is listed for as
# long as it takes to be pushed out, some 20 hours. Their titles are the sample's, in another order
# and with another number each, so that no two are alike.
CODE = """
import json
import random
import time
from collections import UserDict
from datetime import datetime, timedelta

import pandas as pd

from hn_luigi import Digest, StoriesOfDay, Trends, Wordcloud
from hn_luigi.assets import formats
from hn_luigi.hackernews import to_frame
from hn_luigi.replica import bundled_front_page
from hn_luigi.trends.days import stories_of_day

LAST = datetime(2026, 11, 22)
titles = [item["title"] for item in bundled_front_page().items.values() if item and "title" in item]
chance = random.Random(7)
counts = {"score": 9, "descendants": 3, "time": 0}
all_stories, _ = to_frame(
    [{"id": n, "title": f"{chance.choice(titles)} {n}", **counts} for n in range(32 * 600)],
    as_of=LAST,
)


def window(at):
    newest = 1200 + int((at - (LAST - timedelta(days=28))) / timedelta(days=1) * 600)
    listed = all_stories.iloc[newest - 500 : newest]
    return listed.assign(rank=range(500, 0, -1), as_of=pd.Timestamp(at, tz="UTC"))


def day_of(start):
    windows = (window(start + n * timedelta(minutes=10)) for n in range(144))
    return stories_of_day(windows, feed="top")


class Days(UserDict):
    def __getitem__(self, day):
        asset = StoriesOfDay(day)
        data = self.data[day]
        return formats.decode(asset.suffix, data, what=str(day), own=asset.own_format)


def encoded(day):
    asset = StoriesOfDay(day)
    return formats.encode(asset.suffix, day_of(day), what=str(day), own=asset.own_format)


def fastest(action):
    costs = []
    for _ in range(3):
        began = time.process_time()
        made = action()
        costs.append(time.process_time() - began)
    return min(costs), made


days = Days({d: encoded(d) for n in range(29) for d in [LAST - timedelta(days=n)]})
stories = window(LAST)
today = days[LAST]
before = Days({d: days.data[d] for d in days if d != LAST})
Wordcloud(LAST).compute(stories)  # what is imported, once
cloud, _ = fastest(lambda: Wordcloud(LAST).compute(stories))
trends_took, trends = fastest(lambda: Trends(LAST).compute(today, before))
digest, page = fastest(lambda: Digest(LAST).compute(today, trends))
size = len(formats.encode(".parquet", trends, what="Trends", own=Trends.own_format))
print(json.dumps([cloud, trends_took, digest, size, len(page)]))
"""


def trends(folder: Path) -> list[Row]:
    """Make a day's trends over 28 days before, and its digest."""
    cloud, trending, digest, size, page = json.loads(output_of(["-c", CODE], folder))
    unit = f"a word cloud {cloud:.2f} s of CPU"
    return [
        Row(
            "Trends over 28 days, times a word cloud",
            f"{trending:.2f} s, {unit}; {size / 1000:.0f} kB",
            trending / cloud,
            12,
        ),
        Row(
            "Digest, times a word cloud",
            f"{digest:.2f} s, {unit}; {page / 1000:.0f} kB",
            digest / cloud,
            4,
        ),
    ]
