"""URLs name an asset in one spelling, and windows that a record names have one."""

from __future__ import annotations

import pytest

from hn_luigi import StoryIds
from hn_luigi.web.urls import class_of, page_url, slug_of, url_of_key


def test_an_asset_has_one_slug():
    assert slug_of(StoryIds) == "story_ids"
    assert class_of("story_ids") is StoryIds
    for other in ("storyids", "StoryIds", "story_ids_", "_story_ids", "", "nope"):
        assert class_of(other) is None


def test_what_is_the_default_is_left_out():
    assert page_url("stories", "top") == "/assets/stories"
    assert page_url("stories", "top", window=None) == "/assets/stories"
    assert page_url("stories", "show", sort="by") == "/assets/stories?feed=show&sort=by"


def test_a_query_can_hold_anything():
    url = page_url("wordcloud", "top", "word", word="C++ & <b>")
    assert url == "/assets/wordcloud/word?word=C%2B%2B+%26+%3Cb%3E"


def test_a_window_that_a_record_names_has_a_url():
    url = "/assets/story_ids?feed=show&window=2026-11-22T1230Z"
    assert url_of_key("show/story_ids/2026-11-22T1230Z") == url


@pytest.mark.parametrize(
    "key",
    [
        *("", "/", "top/stories", "top/stories/", "top/stories/x", "top/nope/2026-11-22T1230Z"),
        *("nope/stories/2026-11-22T1230Z", "top/stories/2026-11-22T1230Z/x", "Plain_1"),
        *("top/Stories/2026-11-22T1230Z", "/top/stories/2026-11-22T1230Z"),
    ],
)
def test_what_is_no_window_of_the_graph_has_none(key):
    assert url_of_key(key) is None
