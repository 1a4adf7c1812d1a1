"""The page of a window: stories in, Markdown out. Where Hacker News and the cloud meet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from hn_luigi.cloud import WEIGHTS, Picture, render, vocabulary_of
from hn_luigi.pages.headlines import headlines_of
from hn_luigi.pages.look import drawn, labelled, passed_over, weights_of
from hn_luigi.pages.news import news_of
from hn_luigi.trends.changes import word_changes

if TYPE_CHECKING:
    import pandas as pd

    from hn_luigi.settings import cloud
    from hn_luigi.trends.changes import WordChange

_LEADING_WORDS, _LEADING_STORIES = 20, 10
_WORDS_WITH_EXAMPLES, _EXAMPLES = 10, 3


def page_of(
    stories: pd.DataFrame,
    yesterday: pd.DataFrame | None,
    *,
    feed: str,
    since: datetime,
    as_of: datetime,
    look: cloud,
) -> tuple[str, Picture]:
    """The Markdown page of ``stories``, and the picture on it.

    Args:
        stories: rows in rank order, with the columns of ``hackernews.SCHEMA``.
        yesterday: those of the day before, with the columns of ``trends.days.SCHEMA``, if they are
            stored.
        feed: which list they are from.
        since: start of the window before, UTC.
        as_of: start of the window they were read for, UTC.
        look: the ``[cloud]`` settings.

    Raises:
        CloudError: no word can be drawn, or a setting that can't be drawn with.
    """
    vocabulary = vocabulary_of(stories["title"], **passed_over(look))
    rows = vocabulary.find(stories["title"])
    words = weights_of(stories, rows, look)
    changes, news = None, []
    if yesterday is not None and not yesterday.empty:
        changes = word_changes(rows, len(stories), yesterday, vocabulary)
        news = news_of(stories, yesterday, changes, since=since)
    rises = {word: change.rise for word, change in (changes or {}).items()}
    picture = drawn(words, look, None if changes is None else rises)
    headlines = headlines_of(stories)
    leading = list(words.items())[:_LEADING_WORDS]
    page = render(
        heading=labelled(f"Hacker News: the words of its {feed} stories", look),
        facts=[
            ("Window", f"{as_of:%Y-%m-%d %H:%M} UTC"),
            ("Feed", feed),
            ("Stories", str(len(stories))),
        ],
        picture=picture,
        alt="Word cloud of the headlines; largest: " + ", ".join(word for word, _ in leading[:5]),
        words=leading,
        measure=WEIGHTS[look.weight],
        headlines=headlines[:_LEADING_STORIES],
        news=news,
        note=_note(changes, look),
        examples=[
            (word, len(rows[word]), [headlines[row] for row in rows[word][:_EXAMPLES]])
            for word, _ in leading[:_WORDS_WITH_EXAMPLES]
        ],
    )
    return page, picture


def _note(changes: Mapping[str, WordChange] | None, look: cloud) -> str:
    if look.colours != "change" or changes is not None:
        return ""
    return "The colours tell nothing: no list of the day before is stored to compare with."
