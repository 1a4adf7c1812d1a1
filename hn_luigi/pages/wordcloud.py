"""The page of a window: stories in, Markdown out. Where Hacker News and the cloud meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from hn_luigi.cloud import WEIGHTS, Picture, draw, find_words, render, vocabulary_of, weigh
from hn_luigi.hackernews import DECORATIONS, STOP_WORDS
from hn_luigi.pages.news import headlines_of, news_of
from hn_luigi.trends.changes import word_changes

if TYPE_CHECKING:
    import pandas as pd

    from hn_luigi.settings import cloud
    from hn_luigi.trends.changes import WordChange

_LEADING_WORDS, _LEADING_STORIES = 20, 10
_WORDS_WITH_EXAMPLES, _EXAMPLES = 10, 3


@dataclass(frozen=True)
class Counting:
    """Those of the ``[cloud]`` settings that say which words count, and how much."""

    stopwords: str = ""
    keep: str = ""
    weight: str = "headlines"

    @classmethod
    def recorded(cls, settings: Mapping[str, object]) -> Counting:
        """As it was when a record was written that holds these ``settings``, or lacks some."""
        told = {name: settings.get(f"cloud.{name}") for name in ("stopwords", "keep", "weight")}
        return cls(**{name: value for name, value in told.items() if isinstance(value, str)})


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
    picture = draw(
        words,
        width=look.width,
        height=look.height,
        max_words=look.max_words,
        background=look.background,
        colormap=look.colormap,
        changes=_colours(changes, look),
    )
    headlines = headlines_of(stories)
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


def _colours(changes: Mapping[str, WordChange] | None, look: cloud) -> Mapping[str, float] | None:
    """What the words' colours are to tell, if that is known."""
    if look.colours != "change" or changes is None:
        return None
    return {word: change.rise for word, change in changes.items()}


def _note(changes: Mapping[str, WordChange] | None, look: cloud) -> str:
    if look.colours != "change" or changes is not None:
        return ""
    return "The colours tell nothing: no list of the day before is stored to compare with."


def rows_by_word(stories: pd.DataFrame, look: Counting) -> dict[str, list[int]]:
    """The rows whose titles hold a word, by word, in the order of ``weights_of``.

    Args:
        stories: as for ``page_of``.
        look: the settings that its page was made with.
    """
    found = find_words(stories["title"], **passed_over(look))
    return {word: found[word] for word in weights_of(stories, found, look)}


def weights_of(
    stories: pd.DataFrame, found: Mapping[str, Sequence[int]], look: cloud | Counting
) -> dict[str, int]:
    """How much each word weighs, the heaviest first.

    Args:
        stories: with their ``rank`` and ``score``, in any order.
        found: by word, the numbers of the rows whose titles hold it.
        look: the settings.
    """
    points = stories["score"].fillna(0).astype(int)
    return weigh(found, by=look.weight, ranks=list(stories["rank"]), points=list(points))


def passed_over(look: cloud | Counting) -> dict[str, Any]:
    """What of a title counts for nothing, as arguments of the counting functions."""
    return {
        "stop_words": {*STOP_WORDS, *_listed(look.stopwords)},
        "keep": _listed(look.keep),
        "ignore": DECORATIONS,
    }


def _listed(words: str) -> list[str]:
    return [word.strip() for word in words.split(",") if word.strip()]
