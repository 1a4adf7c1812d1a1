"""Days of invented headlines, and words that are planted in them."""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping
from datetime import datetime, timedelta

import pandas as pd

from hn_luigi.trends.days import SCHEMA

DAY = datetime(2026, 11, 22)
A_DAY = timedelta(days=1)
_WORDS = [
    first + vowel + last
    for first, vowel, last in itertools.product(
        ["br", "d", "fl", "gr", "k", "l", "m", "p", "st", "tr", "v", "z"],
        ["a", "e", "i", "o", "u", "ou"],
        ["bbat", "ckon", "dnum", "lfit", "ndor", "mpic", "rvex", "stoy", "ttug", "xlem", "zzod"],
    )
]
# As those of a language are (Zipf), without the articles and the like, which no vocabulary has.
_WEIGHTS = [1 / rank for rank in range(11, len(_WORDS) + 11)]


def table(rows: list[dict[str, object]]) -> pd.DataFrame:
    """Rows of a day, of which only what matters is given."""
    frame = pd.DataFrame(rows, columns=[*SCHEMA])
    return frame.assign(type=1, feed="top").astype(SCHEMA)


def a_day(day: datetime, titles: list[str]) -> pd.DataFrame:
    """A day of one window with these titles, in rank order."""
    first = 1000 * (day - datetime(2026, 1, 1)).days
    return table(
        [
            {"id": first + n, "title": title, "rank": n, "as_of": pd.Timestamp(day, tz="UTC")}
            for n, title in enumerate(titles, start=1)
        ]
    )


def headlines(
    seed: object, count: int = 300, planted: Mapping[str, int] | None = None
) -> list[str]:
    """So many headlines of six words, of which ``planted`` are each in as many as they say.

    A planted word stands for itself: no name goes on across a colon.
    """
    chance = random.Random(str(seed))
    titles = [" ".join(chance.choices(_WORDS, _WEIGHTS, k=6)) for _ in range(count)]
    for word, times in (planted or {}).items():
        for place in chance.sample(range(count), times):
            titles[place] += f": {word}"
    return titles
