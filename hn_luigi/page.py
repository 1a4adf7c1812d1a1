"""The page of a window: stories in, Markdown out. Where Hacker News and the cloud meet."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from hn_luigi.cloud import Headline, Picture, count_words, draw, find_words, render
from hn_luigi.hackernews import DECORATIONS, STOP_WORDS, discussion

if TYPE_CHECKING:
    import pandas as pd

    from hn_luigi.settings import cloud

# The 20th word of 500 real headlines is in 6 or 7 of them, as are some ten others: which of those
# comes next is for the alphabet to say.
_LEADING_WORDS, _LEADING_STORIES = 20, 10


def page_of(
    stories: pd.DataFrame,
    yesterday: pd.DataFrame | None,
    *,
    feed: str,
    as_of: datetime,
    look: cloud,
) -> tuple[str, Picture]:
    """The Markdown page of ``stories``, and the picture on it.

    Args:
        stories: rows in rank order, with the columns of ``hackernews.SCHEMA``.
        yesterday: those of the day before, with the columns of ``trends.days.SCHEMA``, if they are
            stored.
        feed: which list they are from.
        as_of: start of the window they were read for, UTC.
        look: the ``[cloud]`` settings.

    Raises:
        CloudError: no word can be drawn, or a setting that can't be drawn with.
    """
    words = count_words(stories["title"], **passed_over(look.stopwords))
    picture = draw(
        words,
        width=look.width,
        height=look.height,
        max_words=look.max_words,
        background=look.background,
        colormap=look.colormap,
    )
    leading = list(words.items())[:_LEADING_WORDS]
    heading = f"Hacker News: the words of its {feed} stories"
    page = render(
        heading=f"{look.label} · {heading}" if look.label else heading,
        facts=[
            ("Window", f"{as_of:%Y-%m-%d %H:%M} UTC"),
            ("Feed", feed),
            ("Stories", str(len(stories))),
        ],
        picture=picture,
        alt="Word cloud of the headlines; largest: " + ", ".join(word for word, _ in leading[:5]),
        words=leading,
        headlines=_headlines(stories.head(_LEADING_STORIES)),
    )
    return page, picture


def rows_by_word(stories: pd.DataFrame, stopwords: str) -> dict[str, list[int]]:
    """The rows whose titles hold a word, by word, those of most rows first.

    Args:
        stories: as for ``page_of``.
        stopwords: words that don't count, as in ``[cloud] stopwords``.
    """
    return find_words(stories["title"], **passed_over(stopwords))


def passed_over(stopwords: str) -> dict[str, Any]:
    """What of a title counts for nothing, as arguments of the counting functions."""
    return {"stop_words": {*STOP_WORDS, *_listed(stopwords)}, "ignore": DECORATIONS}


def _listed(words: str) -> list[str]:
    return [word.strip() for word in words.split(",") if word.strip()]


def _headlines(stories: pd.DataFrame) -> list[Headline]:
    rows = stories.astype(object).where(stories.notna(), None)
    return [
        Headline(
            title=row["title"],
            url=row["url"],
            discussion=discussion(row["id"]),
            score=row["score"],
            comments=row["descendants"],
        )
        for row in rows.to_dict("records")
    ]
