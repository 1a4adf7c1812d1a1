"""What is new against yesterday, in Markdown: words, stories, and who climbed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from hn_luigi.cloud import escape
from hn_luigi.cloud.markdown_page import listed, table
from hn_luigi.pages.headlines import headlines_of
from hn_luigi.trends.changes import climbers, new_stories, new_words, rising_words

if TYPE_CHECKING:
    import pandas as pd

    from hn_luigi.trends.changes import WordChange

_MOST, _MOST_OF_WINDOW = 5, 3
"""Of each kind, and of what was submitted in the last minutes, which nobody has voted for yet."""


def news_of(
    stories: pd.DataFrame,
    yesterday: pd.DataFrame,
    changes: Mapping[str, WordChange],
    *,
    since: datetime,
) -> list[str]:
    """What changed since ``yesterday``, in blocks.

    Args:
        stories: rows in rank order, with the columns of ``hackernews.SCHEMA``.
        yesterday: those of the day before, with the columns of ``trends.days.SCHEMA``.
        changes: of the words.
        since: start of the window before, UTC.
    """
    first, last = yesterday["as_of"].min(), yesterday["as_of"].max()
    count = yesterday["id"].nunique()
    return [
        "## What changed since yesterday",
        f"Yesterday: {first:%Y-%m-%d, %H:%M} to {last:%H:%M} UTC · Stories: {count}",
        *_words(changes),
        *_new_stories(stories, yesterday, since),
        *_climbers(stories, yesterday),
    ]


def _words(changes: Mapping[str, WordChange]) -> Iterator[str]:
    rows = [(word, "new") for word in new_words(changes, at_most=_MOST)]
    rising = rising_words(changes, at_most=_MOST)
    rows += [(word, f"{changes[word].before:.1f}") for word in rising]
    if rows:
        yield "### New and rising words"
        yield table(
            [
                ("Word", "Headlines", "Yesterday"),
                *((escape(word), str(changes[word].headlines), then) for word, then in rows),
            ]
        )
    if rising:
        yield "Yesterday's numbers are means over the day."


def _new_stories(stories: pd.DataFrame, yesterday: pd.DataFrame, since: datetime) -> Iterator[str]:
    import pandas as pd

    new = new_stories(stories, yesterday)
    latest = stories[stories["time"] >= pd.Timestamp(since, tz="UTC")]
    yield "### New stories"
    for found, what, most in (
        (new, f"Not listed yesterday: {len(new)} of {len(stories)}", _MOST),
        (latest, f"Submitted since {since:%H:%M} UTC: {len(latest)}", _MOST_OF_WINDOW),
    ):
        yield what
        if not found.empty:
            shown = found.head(most)
            yield listed(headlines_of(shown, [f"rank {rank}" for rank in shown["rank"]]))


def _climbers(stories: pd.DataFrame, yesterday: pd.DataFrame) -> Iterator[str]:
    risen = climbers(stories, yesterday, at_most=_MOST)
    if not risen.empty:
        ranks = zip(risen["rank"], risen["rank_before"], strict=True)
        yield "### Climbers"
        yield listed(headlines_of(risen, [f"rank {then} → {now}" for now, then in ranks]))
