"""URLs name an asset by its folder, whatever that is, and windows that a record names have one."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest

from hn_luigi import Stories, StoryIds
from hn_luigi.assets import Asset
from hn_luigi.web.urls import output_url, page_url, url_of_key

ASSETS = [StoryIds(feed="show"), Stories()]


@pytest.mark.parametrize(
    "folder", ["top/stories", "a%2Fb/x", "%2E%2E/x", "city=x y/unit=%25/z", "größe", "a+b;c@d/e~1"]
)
def test_a_folder_comes_back_from_its_url(folder):
    url = page_url(folder)
    assert url.isascii()
    assert not set(url) & set('"<>?# ')
    assert unquote(urlsplit(url).path) == f"/assets/{folder}"
    assert unquote(output_url(f"{folder}/x.md")) == f"/assets/_outputs/{folder}/x.md"


def test_what_there_is_not_is_left_out_of_a_query():
    assert page_url("top/stories", window=None) == "/assets/top/stories"
    assert page_url("top/stories", window=None, sort="by") == "/assets/top/stories?sort=by"


def test_a_query_can_hold_anything():
    url = page_url("top/wordcloud", detail="C++ & <b>")
    assert url == "/assets/top/wordcloud?detail=C%2B%2B+%26+%3Cb%3E"


def test_a_window_that_a_record_names_has_a_url():
    url = "/assets/show/story_ids?window=2026-11-22T1230Z"
    assert url_of_key("show/story_ids/2026-11-22T1230Z", ASSETS) == url


def test_several_windows_lead_to_their_asset():
    key = "top/stories/2026-11-22T0000Z--2026-11-23T0000Z"
    assert url_of_key(key, ASSETS) == "/assets/top/stories"


def test_what_has_no_window_has_a_url():
    names = type(Asset)("Names", (Asset,), {"window_length": None, "__module__": "x"})()
    assert url_of_key("names/names", [names]) == "/assets/names"
    for key in ("names/x", "names/2026-11-22T1230Z", "names"):
        assert url_of_key(key, [names]) is None


@pytest.mark.parametrize(
    "key",
    [
        *("", "/", "top/stories", "top/stories/", "top/stories/x", "top/nope/2026-11-22T1230Z"),
        *("nope/stories/2026-11-22T1230Z", "top/stories/2026-11-22T1230Z/x", "Plain_1"),
        *("top/Stories/2026-11-22T1230Z", "/top/stories/2026-11-22T1230Z"),
        *("top/stories/2026-11-22T0000Z--x", "top/stories/--", "show/stories/2026-11-22T1230Z"),
    ],
)
def test_what_is_no_window_of_a_watched_asset_has_none(key):
    assert url_of_key(key, ASSETS) is None
