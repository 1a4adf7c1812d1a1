"""What changed in a ranked list against the day before: its words, its stories, their ranks."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from hn_luigi.cloud import Vocabulary

# Where chance alone renews a list of 500, some 170 words are in three headlines or more: 7 of them
# pass 1.0 a day, one does 1.28 every other day, and in 12 days none 1.5 (4,000 headlines of 2024 to
# 2026 in random order, 400 new ones a day, ranked as Hacker News does). In their own order, seven
# days had 7 above 1.28, as Doge, Trump and Iran.
CLEAR = 1.28
"""How much a word has to rise or fall, in standard deviations, for more than chance."""

FEWEST = 3
"""Headlines of a new word: by chance alone 17 are in two that no headline of yesterday has."""

_PRIOR = 500
"""Headlines, as many as a list holds: so a word that three of them hold can't rise clearly."""


@dataclass(frozen=True)
class WordChange:
    """A word now and the day before, in headlines of the list at a time."""

    headlines: int
    """How many hold it now."""
    share: float
    """Of all headlines now, 0 to 1."""
    share_before: float
    """The mean over the windows of the day before; 0 where no headline of that day held it."""
    rise: float
    """Standard deviations, below 0 for a fall; infinite for a word that is new."""


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
    windows = day["as_of"].nunique()
    seen = day.groupby("id")["as_of"].size().to_numpy() / windows
    titles = _last_seen(day)["title"]
    mean = {word: float(sum(seen[rows])) for word, rows in vocabulary.find(titles).items()}
    size_before = len(day) / windows
    return {
        word: WordChange(
            headlines=len(numbers),
            share=len(numbers) / size,
            share_before=mean.get(word, 0) / size_before,
            rise=rise(len(numbers), size, mean[word], size_before) if word in mean else math.inf,
        )
        for word, numbers in now.items()
    }


def rise(now: float, size: float, before: float, size_before: float) -> float:
    """How clearly the share of a word rose: ``now`` of ``size``, ``before`` of ``size_before``.

    The log-odds ratio with an informative Dirichlet prior, here the share in both, divided by its
    standard deviation (Monroe, Colaresi and Quinn 2008, Fightin' Words, equations 16 and 22).
    """
    share = (now + before) / (size + size_before)
    one, other = now + _PRIOR * share, before + _PRIOR * share
    ratio = _log_odds(one, size + _PRIOR) - _log_odds(other, size_before + _PRIOR)
    return ratio / math.sqrt(1 / one + 1 / other)


def _log_odds(count: float, size: float) -> float:
    # A word that every headline holds would divide by zero.
    return math.log(count / max(size - count, 0.5))


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
    last = _last_seen(day).set_index("id")["rank"]
    there = now[now["id"].isin(last.index)]
    there = there.assign(rank_before=last.loc[there["id"]].astype("int64").to_numpy())
    risen = there[there["rank_before"] > there["rank"]]
    places = (risen["rank"] - risen["rank_before"]).sort_values(kind="stable")
    return risen.loc[places.index].head(at_most)


def _last_seen(day: pd.DataFrame) -> pd.DataFrame:
    """Each story of a ``day`` once; its rows are sorted by story and time."""
    return day.drop_duplicates("id", keep="last")
