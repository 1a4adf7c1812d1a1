"""What changed in a ranked list against the day before: its words, its stories, their ranks."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hn_luigi.trends.days import latest_of_each
from hn_luigi.trends.log_odds import log_odds

if TYPE_CHECKING:
    import pandas as pd

    from hn_luigi.cloud import Vocabulary

# Where chance alone renews a list of 500 as Hacker News does, 400 stories a day, 2 words in 12 days
# passed 1.1, of some 170 a day in three headlines or more. Where it renews all of it, one a day
# does, or two if yesterday is a single window. Of real days in their order, seven had 6 words that
# do: AI twice, ChatGPT, Doge, Iran and model. (4,000 headlines of 2024 to 2026.)
CLEAR = 1.1
"""How much a word has to rise or fall, in standard deviations, for more than chance."""

FEWEST = 3
"""Headlines of a new word: by chance alone 17 are in two that no headline of yesterday has."""


@dataclass(frozen=True)
class WordChange:
    """A word now and the day before."""

    headlines: int
    """How many hold it now."""
    before: float
    """How many of as many headlines did at a time of the day before, on average; 0 if none did."""
    rise: float
    """In standard deviations, below 0 for a fall; infinite for a word that is new."""


def word_changes(
    now: Mapping[str, Sequence[int]], size: int, day: pd.DataFrame, vocabulary: Vocabulary
) -> dict[str, WordChange]:
    """How each word of a list stands against the list of the day before, in the order of ``now``.

    A day's list is taken as it was on average. What stays long counts for more there, as it does
    in any one list: were each story counted once, `AI` would fall each day.

    Args:
        now: the headlines that hold a word, by word.
        size: how many headlines the list has.
        day: of the day before, as ``days.SCHEMA`` has it; its titles are as they were last.
        vocabulary: what finds the words of ``now`` in other titles.
    """
    import numpy as np

    seen = day.groupby("id").size().to_numpy() * (size / len(day))
    found = vocabulary.find(latest_of_each(day)["title"])
    before = np.array([seen[found[word]].sum() if word in found else 0.0 for word in now])
    counts = np.array([float(len(numbers)) for numbers in now.values()])
    _, rise = log_odds(counts, size, before, size)
    return {
        word: WordChange(len(now[word]), float(then), float(z) if word in found else math.inf)
        for word, then, z in zip(now, before, rise, strict=True)
    }


def new_words(changes: Mapping[str, WordChange], *, at_most: int) -> list[str]:
    """Words of three headlines or more that no headline of the day before held, in their order."""
    new = [w for w, c in changes.items() if c.rise == math.inf and c.headlines >= FEWEST]
    return new[:at_most]


def rising_words(changes: Mapping[str, WordChange], *, at_most: int) -> list[str]:
    """Words that rose by more than chance would have it, the clearest first."""
    risen = [w for w, c in changes.items() if CLEAR <= c.rise < math.inf]
    return sorted(risen, key=lambda word: -changes[word].rise)[:at_most]


def new_stories(now: pd.DataFrame, day: pd.DataFrame) -> pd.DataFrame:
    """The rows of ``now`` whose stories the day before didn't list, in their order."""
    return now[~now["id"].isin(day["id"])]


def climbers(now: pd.DataFrame, day: pd.DataFrame, *, at_most: int) -> pd.DataFrame:
    """The rows of ``now`` that rose by most places since they were last seen the day before.

    Of equal rises the best ranked comes first. ``rank_before`` is added to their columns.
    """
    last = latest_of_each(day).set_index("id")["rank"]
    there = now[now["id"].isin(last.index)]
    there = there.assign(rank_before=last.loc[there["id"]].astype("int64").to_numpy())
    risen = there[there["rank_before"] > there["rank"]]
    places = (risen["rank"] - risen["rank_before"]).sort_values(kind="stable")
    return risen.loc[places.index].head(at_most)
