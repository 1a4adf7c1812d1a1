"""The page of a day: its stories and its words in, Markdown out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from hn_luigi.cloud import WEIGHTS, draw, find_words, render
from hn_luigi.page import passed_over, weights_of
from hn_luigi.trends.days import latest_of_each
from hn_luigi.trends.shares import trends_of

if TYPE_CHECKING:
    import pandas as pd

    from hn_luigi.settings import cloud


def trends_in(
    today: pd.DataFrame, before: Mapping[datetime, pd.DataFrame], *, look: cloud
) -> pd.DataFrame:
    """What ``trends_of`` makes of Hacker News' headlines."""
    return trends_of(today, before, **passed_over(look))


def digest_of(
    day: pd.DataFrame, trends: pd.DataFrame, *, feed: str, as_of: datetime, look: cloud
) -> str:
    """The Markdown page of ``day``."""
    stories = latest_of_each(day)
    words = weights_of(stories, find_words(stories["title"], **passed_over(look)), look)
    return render(
        heading=f"Hacker News on {as_of:%Y-%m-%d}",
        facts=[("Feed", feed), ("Stories", str(len(stories))), ("Words", str(len(trends)))],
        picture=draw(words),
        alt="Word cloud of the day",
        words=list(words.items())[:20],
        measure=WEIGHTS[look.weight],
        headlines=[],
    )
