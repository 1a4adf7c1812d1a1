"""The trends of a day, and how they are shown: what rose and fell, each word's share by day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from hn_luigi.assets import Materialization, View
from hn_luigi.cloud import find_words
from hn_luigi.cloud.markdown_page import table
from hn_luigi.pages.headlines import link_to
from hn_luigi.pages.look import passed_over
from hn_luigi.trends.curves import days_compared, fallen, risen
from hn_luigi.trends.shares import DAYS_BEFORE, trends_of
from hn_luigi.trends.small_multiples import percent

if TYPE_CHECKING:
    import pandas as pd

    from hn_luigi.settings import cloud
    from hn_luigi.trends.curves import Curve

_MOST = 20
"""Words that rose, and that fell; with the days of each, an exported page has 90 kB."""


def trends_in(
    today: pd.DataFrame, before: Mapping[datetime, pd.DataFrame], *, as_of: datetime, look: cloud
) -> pd.DataFrame:
    """What ``trends_of`` makes of Hacker News' headlines."""
    find = partial(find_words, **passed_over(look))
    return trends_of(today, before, day=as_of, find_words=find)


def trends_shown(made: Materialization) -> View:
    """The words that rose and fell most surely, which lead to their shares by day."""
    trends: pd.DataFrame = made.value
    up, down = risen(trends, most=_MOST), fallen(trends, most=_MOST)
    return View(
        "\n\n".join(_page(made.window[:10], trends, up, down)) + "\n",
        {curve.word: partial(_by_day, curve) for curve in [*up, *down]},
    )


def _page(
    day: str, trends: pd.DataFrame, up: Sequence[Curve], down: Sequence[Curve]
) -> Iterator[str]:
    before = len(days_compared(trends).before)
    yield f"# What rose and fell on {day}"
    words = f"Words: {trends['word'].nunique():,}"
    if before:
        yield f"{words} · Compared with {before} of the {DAYS_BEFORE} days before"
    else:
        yield words
        yield "There is nothing to compare this day with."
    for heading, curves in (("Rose", up), ("Fell", down)):
        if curves:
            yield f"## {heading}"
            yield table([("Word", "Share", "Before", "z"), *map(_row, curves)])
    if up or down:
        yield (
            "*Share* is that of the headlines of a day, *before* of all headlines of the days "
            "before. *z* is how much the word rose or fell in standard deviations."
        )


def _row(curve: Curve) -> tuple[str, ...]:
    return (
        link_to(curve.word),
        percent(curve.share),
        percent(curve.share_before or 0),
        f"{curve.z:+.1f}",
    )


def _by_day(curve: Curve) -> str:
    """The share of a word on each day, the last one first."""
    days = zip(curve.days, curve.headlines, curve.stories, curve.shares, strict=True)
    rows = [
        (str(day), "missing", "")
        if share is None
        else (str(day), f"{headlines} of {stories:,}", percent(share))
        for day, headlines, stories, share in days
    ]
    return table([("Day", "Headlines", "Share"), *reversed(rows)])
