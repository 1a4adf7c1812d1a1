"""A page whose words can be clicked: each leads to the headlines that hold it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from hn_luigi.assets import Materialization, View
from hn_luigi.cloud import Headline, escape, find_words, vocabulary_of
from hn_luigi.cloud.markdown_page import counted, item
from hn_luigi.pages.headlines import headlines_of, link_to
from hn_luigi.pages.look import Counting, passed_over, weights_of
from hn_luigi.trends.movers import best_first

if TYPE_CHECKING:
    import pandas as pd

_AREA = re.compile("[0-9]{1,5}(,[0-9]{1,5}){3}")
_BEGINS = re.compile(r"\.?\w")
_WORD = re.compile(r"^(\| |[0-9]+\. \*\*)(.+?)(?= +\| +[0-9]+ \||\*\*: )", re.MULTILINE)
"""A word that begins a row of a table, whose columns pages of old don't pad, or of headlines."""
_TABLE = re.compile(r"^\| Word +\| [^|\n]+ \|\n(?:\|.*\n)+", re.MULTILINE)
"""The leading words."""
_PICTURE = re.compile(r"^!\[.*\n\n(?:(?!## ).+\n\n)*", re.MULTILINE)
"""The picture, and what is said of it below."""


def with_words(made: Materialization) -> View:
    """The page of a window with links from its words, in the picture too, to their headlines.

    Args:
        made: of Wordcloud; the first of its inputs are the stories.
    """
    stories: pd.DataFrame = made.inputs[0]
    rows = rows_by_word(stories, Counting.recorded(made.settings))
    everything, present = f"All {counted(len(rows), 'word')}", rows
    areas = _areas(made.metadata.get("areas"))
    rows = {**rows, **_as_spelt(areas.keys() - rows.keys(), stories["title"])}
    page = _picture_first(_linked(made.value, rows))
    return View(
        _TABLE.sub(f"\\g<0>\n{link_to(everything)}\n", page, count=1),
        {everything: partial(_words, present), **_details(stories, rows)},
        {word: area for word, area in areas.items() if word in rows},
    )


def _as_spelt(words: Iterable[str], titles: Iterable[str]) -> dict[str, list[int]]:
    """The places of the titles that hold those ``words``, without the words that none holds.

    They are on a page that was made when other words were told apart: a window that is over keeps
    its page.
    """
    folded = [title.casefold() for title in titles]
    found = {}
    for word in sorted(filter(_BEGINS.match, words)):  # a record may have been edited
        held = re.compile(rf"(?<!\w){re.escape(word.casefold())}(?![\w+#])")
        if numbers := [number for number, title in enumerate(folded) if held.search(title)]:
            found[word] = numbers
    return found


def with_words_of_day(made: Materialization) -> View:
    """The page of a day with links from its words that rose or fell to their headlines.

    Args:
        made: of Digest; its inputs are the stories of the day, and the trends of its words.
    """
    day, trends = made.inputs
    stories = best_first(day)
    vocabulary = vocabulary_of(stories["title"], **passed_over(Counting.recorded(made.settings)))
    found = vocabulary.find(stories["title"])
    forms = vocabulary.forms_of(trends["word"].unique())
    rows = {word: found[form] for word, form in forms.items()}
    return View(_linked(made.value, rows), _details(stories, rows))


def rows_by_word(stories: pd.DataFrame, look: Counting) -> dict[str, list[int]]:
    """The rows whose titles hold a word, by word, in the order of ``weights_of``.

    Args:
        stories: rows in rank order, with the columns of ``hackernews.SCHEMA``.
        look: the settings that its page was made with.
    """
    found = find_words(stories["title"], **passed_over(look))
    return {word: found[word] for word in weights_of(stories, found, look)}


def _picture_first(page: str) -> str:
    """``page`` with its picture above the words, which in the file come first for terminals."""
    if not (picture := _PICTURE.search(page)):
        return page
    head, heading, rest = (page[: picture.start()] + page[picture.end() :]).partition("\n## ")
    return f"{head}\n{picture[0]}## {rest}" if heading else page


def _linked(page: str, rows: Mapping[str, Sequence[int]]) -> str:
    """``page`` with a link from each word in its tables and before its headlines."""
    words = {escape(word): word for word in rows}

    def link(found: re.Match[str]) -> str:
        return f"{found[1]}{link_to(words[found[2]])}" if found[2] in words else found[0]

    return _WORD.sub(link, page)


def _words(rows: Mapping[str, Sequence[int]]) -> str:
    """All words, each with the number of headlines that hold it."""
    return " · ".join(f"{link_to(word)} {len(numbers)}" for word, numbers in rows.items())


def _details(
    stories: pd.DataFrame, rows: Mapping[str, Sequence[int]]
) -> dict[str, Callable[[], str]]:
    """Of each word the headlines in those ``rows`` of ``stories``."""
    headlines = headlines_of(stories)
    return {word: partial(_headlines, headlines, numbers) for word, numbers in rows.items()}


def _headlines(headlines: Sequence[Headline], numbers: Sequence[int]) -> str:
    """Those of the ``headlines`` that have these numbers, in their order."""
    items = (f"{n}. {item(headlines[number])}" for n, number in enumerate(numbers, start=1))
    return "\n".join([f"In {counted(len(numbers), 'headline')}:\n", *items, ""])


def _areas(told: object) -> dict[str, tuple[int, int, int, int]]:
    """Where the picture has each word, by what was reported of that.

    Older records tell nothing of it, and others may have written into this one: what is no area is
    passed over.
    """
    areas = {}
    for word, text in (told if isinstance(told, dict) else {}).items():
        if isinstance(text, str) and _AREA.fullmatch(text):
            left, top, right, bottom = map(int, text.split(","))
            areas[word] = (left, top, right, bottom)
    return areas
