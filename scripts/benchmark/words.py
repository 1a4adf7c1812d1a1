"""A month of headlines, and a window: what their words cost, against splitting and counting."""

from __future__ import annotations

import json
from pathlib import Path

from processes import output_of
from row import Row

# The sample's titles, cut in two and put together anew; in every other one, a word is a new one, so
# that a month has about one for each title, as real ones do.
CODE = """
import json
import random
import re
import time
from collections import Counter

from hn_luigi.cloud import count_words
from hn_luigi.hackernews import DECORATIONS, STOP_WORDS
from hn_luigi.replica import bundled_front_page

sample = [item["title"] for item in bundled_front_page().items.values() if item and "title" in item]
chance = random.Random(7)


def title():
    first, second = (chance.choice(sample).split() for _ in range(2))
    words = first[: len(first) // 2] + second[len(second) // 2 :]
    if chance.random() < 0.5:
        word = "".join(chance.choices(("ba", "re", "ti", "lo", "kun", "ser", "max", "ip"), k=5))
        words[chance.randrange(len(words))] = word.capitalize()
    return " ".join(words)


def split_and_count(titles):
    return Counter(word for title in titles for word in set(re.findall(r"\\w+", title.lower())))


def ours(titles):
    return count_words(titles, stop_words=STOP_WORDS, ignore=DECORATIONS)


def fastest(action, titles):
    costs = []
    for _ in range(5):
        began = time.process_time()
        action(titles)
        costs.append(time.process_time() - began)
    return min(costs)


month = [title() for _ in range(25_000)]
ours(month[:10])  # what is imported, once
parts = (month, month[:500])
print(json.dumps([[fastest(way, part) for way in (ours, split_and_count)] for part in parts]))
"""


def words(folder: Path) -> list[Row]:
    """Count the words of a month's titles, and of a window's, and the pieces that they split to."""
    month, window = json.loads(output_of(["-c", CODE], folder))
    return [
        Row(
            f"words of {titles:,} titles, times a naive count",
            f"{1e6 * ours / titles:.0f} µs of CPU a title, naive {1e6 * naive / titles:.1f} µs",
            ours / naive,
            bound,
        )
        for titles, (ours, naive), bound in ((25_000, month, 8), (500, window, 14))
    ]
