"""The words that belonged to a year: likelier in its headlines than in those of all other years."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hn_luigi.trends.log_odds import log_odds

if TYPE_CHECKING:
    import pandas as pd

FEWEST = 1_000
"""Headlines of a year that words are told of; 2006 has some sixty."""


@dataclass(frozen=True)
class YearWords:
    """A year, and the words that belonged to it."""

    year: int
    words: Sequence[str]
    """Those that it belonged to most surely first."""


def words_of_years(shares: pd.DataFrame, *, most: int) -> list[YearWords]:
    """The words of each year, the first year first.

    A word belongs to one year, that in which its share was the largest; of those of a year, they
    are ranked by the log-odds against all other years, in standard deviations. A year of few
    headlines is left out; of one alone nothing can be told.

    Args:
        shares: with the columns of ``shares.SCHEMA``.
        most: how many words of a year at most.
    """
    import numpy as np

    months = shares.drop_duplicates("month")
    stories_of = months.groupby(months["month"].dt.year)["stories"].sum()
    stories_of = stories_of[stories_of >= FEWEST]
    if len(stories_of) < 2:
        return []
    words, word = np.unique(shares["word"].to_numpy(dtype=object), return_inverse=True)
    year = stories_of.index.get_indexer(shares["month"].dt.year)
    held = np.zeros((len(stories_of), len(words)))
    told = year >= 0
    np.add.at(held, (year[told], word[told]), shares["headlines"].to_numpy()[told])
    stories = stories_of.to_numpy(dtype=float)
    largest = (held / stories[:, np.newaxis]).argmax(axis=0)
    found = []
    for n, number in enumerate(stories_of.index):
        own = np.flatnonzero((largest == n) & (held[n] > 0))
        now, others = held[n, own], held[:, own].sum(axis=0) - held[n, own]
        _, z = log_odds(now, stories[n], others, stories.sum() - stories[n])
        ranked = own[np.argsort(-z, kind="stable")][:most]
        found.append(YearWords(int(number), [str(words[place]) for place in ranked]))
    return found
