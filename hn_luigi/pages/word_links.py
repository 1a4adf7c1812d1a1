"""A page whose words can be clicked: each leads to the headlines that hold it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from hn_luigi.assets import Materialization, View
from hn_luigi.cloud.markdown import address, escape
from hn_luigi.formatting import counted
from hn_luigi.hackernews import discussion
from hn_luigi.pages.wordcloud import Counting, rows_by_word
from hn_luigi.strangers import title_of
from hn_luigi.trends.movers import best_first

if TYPE_CHECKING:
    import pandas as pd

_AREA = re.compile("[0-9]{1,5}(,[0-9]{1,5}){3}")
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
    everything = f"All {counted(len(rows), 'word')}"
    # As objects, or pandas would put NaN back in the place of None in a column of numbers.
    records = stories.astype(object).where(stories.notna(), None).to_dict("records")
    details = {word: partial(_headlines, records, numbers) for word, numbers in rows.items()}
    page = _picture_first(_linked(made.value, rows))
    return View(
        _TABLE.sub(f"\\g<0>\n{_link(everything)}\n", page, count=1),
        {everything: partial(_words, rows), **details},
        {word: area for word, area in _areas(made.metadata.get("areas")).items() if word in rows},
    )


def with_words_of_day(made: Materialization) -> View:
    """The page of a day with links from its words that rose or fell to their headlines.

    Args:
        made: of Digest; its inputs are the stories of the day, and the trends of its words.
    """
    day, trends = made.inputs
    stories = best_first(day)
    found = rows_by_word(stories, Counting.recorded(made.settings))
    # Over many days another spelling may be the commonest one.
    spelt = {word.casefold(): numbers for word, numbers in found.items()}
    words = trends["word"].unique()
    rows = {word: spelt[word.casefold()] for word in words if word.casefold() in spelt}
    records = stories.astype(object).where(stories.notna(), None).to_dict("records")
    details = {word: partial(_headlines, records, numbers) for word, numbers in rows.items()}
    return View(_linked(made.value, rows), details)


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
        return f"{found[1]}{_link(words[found[2]])}" if found[2] in words else found[0]

    return _WORD.sub(link, page)


def _link(word: str) -> str:
    return f"[{escape(word)}](#{quote(word, safe='')})"


def _words(rows: Mapping[str, Sequence[int]]) -> str:
    """All words, each with the number of headlines that hold it."""
    return " · ".join(f"{_link(word)} {len(numbers)}" for word, numbers in rows.items())


def _headlines(records: Sequence[Mapping[Any, Any]], numbers: Sequence[int]) -> str:
    """The headlines in those of the ``records`` of stories, in rank order."""
    items = [_item(records[number]) for number in numbers]
    listed = "\n".join(f"{number}. {item}" for number, item in enumerate(items, start=1))
    return f"In {counted(len(items), 'headline')}:\n\n{listed}\n"


def _item(row: Mapping[Any, Any]) -> str:
    talk = discussion(row["id"])
    title, comments, score = escape(title_of(row["title"])), row["descendants"], row["score"]
    said = "discussion" if comments is None else counted(comments, "comment")
    points = "" if score is None else f"{counted(score, 'point')}, "
    return f"[{title}]({address(_text(row['url'])) or talk}) — {points}[{said}]({talk})"


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


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
