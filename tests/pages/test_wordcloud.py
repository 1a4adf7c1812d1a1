"""What counts on the page of a window, and how much."""

from __future__ import annotations

import re
from datetime import datetime

import pandas as pd
import pytest

from hn_luigi.assets import Materialization, settings_of
from hn_luigi.hackernews import SCHEMA
from hn_luigi.pages.look import Counting
from hn_luigi.pages.word_links import rows_by_word, with_words
from hn_luigi.pages.wordcloud import page_of
from hn_luigi.settings import cloud

AS_OF = datetime(2026, 11, 22)
STORIES = [
    {"rank": 1, "id": 1, "title": "Okapi at large", "score": 40},
    {"rank": 2, "id": 2, "title": "Vellum, again", "score": 3},
    {"rank": 3, "id": 3, "title": "Show HN: Vellum on TV"},
    {"rank": 90, "id": 4, "title": "Zebra", "score": 7},
    {"rank": 91, "id": 5, "title": "Zebra, two", "score": 8},
    {"rank": 92, "id": 6, "title": "Zebra, three"},
]


@pytest.fixture
def stories():
    return pd.DataFrame(STORIES, columns=[*SCHEMA]).astype(SCHEMA)


@pytest.fixture
def table(stories):
    """The rows of the leading words of a page that is made with some settings."""

    def table(**settings):
        look = cloud(**settings)
        page, _ = page_of(stories, None, feed="top", since=AS_OF, as_of=AS_OF, look=look)
        found = re.findall(r"^\| (.*?) +\| +(.*?) +\|$|^\| (.*) \|$", page, re.MULTILINE)
        return [(word, number) for word, number, _ in found if not word.startswith("-")]

    return table


def test_a_headline_counts_one_and_equal_words_are_in_the_order_of_their_ranks(table):
    rows = [("Word", "Headlines"), ("Zebra", "3"), ("Vellum", "2"), ("Okapi", "1"), ("TV", "1")]
    assert table() == rows


def test_or_its_points_of_which_a_story_has_one_at_least(table):
    rows = [("Word", "Points"), ("Okapi", "40"), ("Zebra", "16"), ("Vellum", "4"), ("TV", "1")]
    assert table(weight="points") == rows


def test_or_by_its_rank(table):
    rows = [("Word", "Weight by rank"), ("Vellum", "113"), ("Okapi", "100"), ("TV", "50")]
    assert table(weight="rank") == [*rows, ("Zebra", "45")]


def test_words_of_the_user_are_left_out_or_kept_whichever_list_has_them(table):
    def words(**settings):
        return {word.casefold() for word, _ in table(**settings)} - {"word"}

    assert words(stopwords="zebra, TV") == {"vellum", "okapi"}
    assert words(stopwords="zebra", keep=" Zebra ,two, at,HN") == words() | {"two", "at"}


def test_what_counted_for_a_page_counts_for_its_links_whatever_the_settings_are_now(
    stories, settings
):
    settings("cloud", stopwords="vellum", keep="large", weight="points")
    recorded = settings_of(cloud())
    settings("cloud", stopwords="okapi", weight="rank", keep="")
    view = with_words(Materialization("", [stories], recorded, {}))
    words = [word for word in view.details if not word.startswith("All ")]
    assert words == ["large", "Okapi", "Zebra", "TV"]


@pytest.mark.parametrize(
    "recorded",
    [
        {},
        {"cloud.stopwords": 5, "cloud.keep": None, "cloud.weight": ["rank"]},
        {"cloud.weight": ""},
    ],
)
def test_a_record_that_tells_nothing_of_them_is_of_a_page_that_had_none(stories, recorded):
    found = rows_by_word(stories, Counting.recorded(recorded))
    assert found == {"Zebra": [3, 4, 5], "Vellum": [1, 2], "Okapi": [0], "TV": [2]}
    assert list(found) == ["Zebra", "Vellum", "Okapi", "TV"]
