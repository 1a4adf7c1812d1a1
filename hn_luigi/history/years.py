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
    stories: int
    """All its headlines."""
    words: Sequence[str]
    """Those that it belonged to most surely first."""


def words_of_years(shares: pd.DataFrame, *, most: int) -> list[YearWords]:
    """The words of each year, the first year first.

    A word belongs to one year, that in which its share was the largest; of those of a year, they
    are ranked by the log-odds against all other years, in standard deviations.

    Args:
        shares: with the columns of ``shares.SCHEMA``.
        most: how many words of a year at most.
    """
    import numpy as np

    months = shares.drop_duplicates("month")
    of_year = months.groupby(months["month"].dt.year)["stories"].sum()
    words, row = np.unique(shares["word"].to_numpy(dtype=object), return_inverse=True)
    held = np.zeros((len(of_year), len(words)))
    np.add.at(
        held,
        (of_year.index.get_indexer(shares["month"].dt.year), row),
        shares["headlines"].to_numpy(),
    )
    told = of_year.to_numpy() >= FEWEST
    stories = of_year.to_numpy()[:, np.newaxis].astype(float)
    # Of a year that isn't told of, no word is: it has too few headlines for a share.
    largest = np.where(told[:, np.newaxis], held / stories, -1.0).argmax(axis=0)
    found = []
    for place in np.flatnonzero(told).tolist():
        own = np.flatnonzero((largest == place) & (held[place] > 0))
        rest = stories.sum() - stories[place, 0]
        if not rest:
            continue  # of one year alone nothing can be told
        others = held[:, own].sum(axis=0) - held[place, own]
        _, z = log_odds(held[place, own], float(stories[place, 0]), others, float(rest))
        ranked = own[np.argsort(-z, kind="stable")][:most]
        found.append(
            YearWords(
                int(of_year.index[place]), int(of_year.iloc[place]), [str(words[n]) for n in ranked]
            )
        )
    return found
