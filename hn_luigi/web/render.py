"""Outputs as people would look at them: the page and its picture, the stories, the ids.

All of it is strangers' text, which templates escape, and isolate from what stands beside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from hn_luigi.assets import Asset
from hn_luigi.assets.operations import FormatError, Record, WindowName, data_version_of, formats
from hn_luigi.hackernews import discussion
from hn_luigi.tasks import Stories
from hn_luigi.web.markdown_html import size_of, to_html
from hn_luigi.web.story_table import Story, frame_of, sort, stories_of
from hn_luigi.web.urls import page_url
from hn_luigi.web.views import WindowView

if TYPE_CHECKING:
    import pandas as pd

Area: TypeAlias = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels."""
_AREA = re.compile("[0-9]{1,5}(,[0-9]{1,5}){3}")


def content_of(window: WindowView, *, sorted_by: str) -> dict[str, Any]:
    """What there is to see of the output of ``window``, by what the template calls it.

    Args:
        window: of any asset of the graph.
        sorted_by: the column, one of ``story_table.COLUMNS``.

    Raises:
        FormatError: the output is damaged.
    """
    if window.data is None:
        return {}
    suffix, asset = window.asset.task.suffix, window.asset
    if suffix == ".json":
        return {"ids": ids_of(window.data)}
    if suffix == ".parquet":
        return {"stories": sort(stories_of(frame_of(window.data)), sorted_by)}
    words = _words_in(window)

    def word_url(word: str) -> str:
        return page_url(asset.slug, asset.feed, "word", window=window.name, word=word)

    return {
        "page": to_html(window.data, word_url),
        "picture": page_url(asset.slug, asset.feed, "picture.png", window=window.name),
        "size": size_of(window.data),
        "rows": words.rows if words else {},
        "areas": words.areas if words else {},
        "word_url": word_url,
    }


def stories_with(window: WindowView, word: str) -> list[Story] | None:
    """The stories that have ``word`` in their headline, None if the page of ``window`` hasn't."""
    words = _words_in(window)
    if words is None or word not in words.rows:
        return None
    return stories_of(words.stories, words.rows[word])


def _words_in(window: WindowView) -> Words | None:
    """The words of a page, None if it isn't stored with what it was made of."""
    if window.name is None or window.asset.task.suffix != ".md":
        return None
    try:
        return words_behind(window.asset.task, window.name)
    except FormatError:
        return None


def ids_of(data: bytes) -> list[tuple[int, str]]:
    """The ids of a window with the addresses of their discussions; raises FormatError."""
    ids = formats.decode(".json", data, what="top/story_ids")
    return [(i, discussion(i)) for i in ids if isinstance(i, int)] if isinstance(ids, list) else []


@dataclass(frozen=True)
class Words:
    """The words of a page."""

    stories: pd.DataFrame
    """What it was made of."""
    rows: Mapping[str, Sequence[int]]
    """In which rows of the stories each occurs, those of most first."""
    areas: Mapping[str, Area]
    """Where the picture has it. Empty if that wasn't recorded of this page."""


def words_behind(asset: Asset, name: WindowName) -> Words | None:
    """The words of the page of a window, None if it isn't stored with what it was made of.

    Args:
        asset: a Wordcloud of any window.
        name: of the window.

    Raises:
        FormatError: the stories are damaged.
    """
    from hn_luigi.page import rows_by_word

    partition = asset.dataset.partition(name)
    page, record = partition.read(), partition.record()
    stories = asset.clone(Stories).dataset.partition(name).read()
    if page is None or stories is None or not isinstance(record, Record):
        return None
    frame = frame_of(stories)
    rows = rows_by_word(frame, str(record.settings.get("cloud.stopwords", "")))
    # Somebody else's page in the place of the one that was recorded has its words elsewhere.
    recorded = record.data_version == data_version_of(page)
    areas = _areas_of(record.metadata.get("areas"), size_of(page)) if recorded else {}
    return Words(frame, rows, {word: area for word, area in areas.items() if word in rows})


def _areas_of(reported: object, size: tuple[int, int]) -> dict[str, Area]:
    """Where the words of a picture of ``size`` are, by what Wordcloud ``reported`` of them.

    Older records hold nothing of it, and others may have written into this one: what is no area
    within the picture is passed over.
    """
    areas = {}
    for word, text in (reported if isinstance(reported, dict) else {}).items():
        if isinstance(text, str) and _AREA.fullmatch(text):
            left, top, right, bottom = map(int, text.split(","))
            if left < right <= size[0] and top < bottom <= size[1]:
                areas[word] = (left, top, right, bottom)
    return areas
