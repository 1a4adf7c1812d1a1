"""The words that stand out of a day's trends, each with its share on every day."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

# On days of 500 headlines that are drawn from the same 4,000, so that no word truly rose, some ten
# words have more than 1, and the first has 2 to 2.5. A new word in three headlines has 1.2475 at
# most, however many days it is compared with.
CLEAR = 1.25
"""How much a word has to move, in standard deviations, to be told of."""


@dataclass(frozen=True)
class Curve:
    """The share of headlines that hold a word, over days."""

    word: str
    days: Sequence[date]
    """One after the other, the last one the day that it is about."""
    shares: Sequence[float | None]
    """Of each of these days, from 0 to 1; None where the day is missing."""
    headlines: Sequence[int | None]
    """How many headlines of each day hold it."""
    stories: Sequence[int | None]
    """How many headlines each day has."""
    share_before: float | None
    """In all headlines of the days before; None if there are none."""
    z: float | None
    """How much it rose, or fell if it is below 0, in standard deviations."""

    @property
    def share(self) -> float:
        """That of the last day, which is never missing."""
        return self.shares[-1] or 0.0


@dataclass(frozen=True)
class DaysCompared:
    """Which of the days before some trends know."""

    before: Sequence[date]
    missing: Sequence[date]


def days_compared(trends: pd.DataFrame) -> DaysCompared:
    """Which days ``trends`` compare with the last one; none are known if they have no word."""
    rows = trends.drop_duplicates("day").iloc[:-1]  # the days of the first word but the last
    is_missing = rows["headlines"].isna()
    return DaysCompared([*rows["day"][~is_missing].dt.date], [*rows["day"][is_missing].dt.date])


def risen(trends: pd.DataFrame, *, most: int) -> list[Curve]:
    """The words that rose, those that did so most surely first.

    Args:
        trends: with the columns of ``shares.SCHEMA``.
        most: how many at most.
    """
    return _curves(trends, [word for word, z in _by_z(trends)[::-1] if z >= CLEAR][:most])


def fallen(trends: pd.DataFrame, *, most: int) -> list[Curve]:
    """The words that fell, as ``risen``."""
    return _curves(trends, [word for word, z in _by_z(trends) if z <= -CLEAR][:most])


def rises(trends: pd.DataFrame) -> dict[str, float]:
    """How much each word rose, or fell, as for `draw`: its z, infinite for one that is new.

    Empty on the first day.
    """
    last = trends.dropna(subset="z")
    rises = zip(last["word"], last["z"], last["headlines_before"], strict=True)
    return {word: float(z) if before else math.inf for word, z, before in rises}


def _by_z(trends: pd.DataFrame) -> list[tuple[str, float]]:
    """Words and their z, ascending; of equal ones, as they come in the alphabet."""
    told = trends.dropna(subset="z").sort_values("z", kind="stable")
    return [*zip(told["word"], told["z"].astype(float), strict=True)]


def _curves(trends: pd.DataFrame, words: Sequence[str]) -> list[Curve]:
    chosen = trends[trends["word"].isin(words)]
    rows = dict(list(chosen.astype(object).where(chosen.notna(), None).groupby("word")))
    return [_curve(word, rows[word]) for word in words]


def _curve(word: str, rows: pd.DataFrame) -> Curve:
    last = rows.iloc[-1]
    is_compared = last["stories_before"]
    return Curve(
        word=word,
        days=[day.date() for day in rows["day"]],
        shares=[*rows["share"]],
        headlines=[*rows["headlines"]],
        stories=[*rows["stories"]],
        share_before=last["headlines_before"] / last["stories_before"] if is_compared else None,
        z=last["z"],
    )
