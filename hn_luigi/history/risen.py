"""The words that rose in the newest month: likelier in its headlines than in those of a year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hn_luigi.trends.log_odds import log_odds

if TYPE_CHECKING:
    import pandas as pd

MONTHS_BEFORE = 12
"""So that each season is among them once."""


@dataclass(frozen=True)
class RisenWord:
    """A word in the newest month, and in those before."""

    word: str
    share: float
    """Of the month's headlines."""
    before: float
    """Of all headlines of the months before."""
    z: float
    """How much it rose, in standard deviations."""


def risen_words(shares: pd.DataFrame, *, most: int) -> list[RisenWord]:
    """The words that rose in the newest month, those that did most surely first.

    They are compared with the ``MONTHS_BEFORE`` before; where none of these is there, nothing rose.

    Args:
        shares: with the columns of ``shares.SCHEMA``.
        most: how many words at most.
    """
    import numpy as np
    import pandas as pd

    newest = shares["month"].max()
    year = shares[shares["month"] >= newest - pd.DateOffset(months=MONTHS_BEFORE)]
    is_now = year["month"] == newest
    stories_before = int(year[~is_now].drop_duplicates("month")["stories"].sum())
    if not stories_before:
        return []
    now = year[is_now].set_index("word")
    totals = year[~is_now].groupby("word")["headlines"].sum()
    before = totals.reindex(now.index, fill_value=0).to_numpy(dtype=float)
    _, z = log_odds(
        now["headlines"].to_numpy(dtype=float),
        float(now["stories"].iloc[0]),
        before,
        stories_before,
    )
    first = [place for place in np.argsort(-z, kind="stable")[:most].tolist() if z[place] > 0]
    return [
        RisenWord(
            str(now.index[place]),
            float(now["share"].iloc[place]),
            float(before[place] / stories_before),
            float(z[place]),
        )
        for place in first
    ]
