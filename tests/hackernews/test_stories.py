from __future__ import annotations

from datetime import datetime

import pandas as pd
import pytest

from hn_luigi.hackernews import (
    DECORATIONS,
    SCHEMA,
    Lost,
    NoStories,
    discussion,
    require_stories,
    to_frame,
)

AS_OF = datetime(2026, 11, 22, 12, 30)
STORY = {
    "id": 8863,
    "type": "story",
    "title": "My YC app",
    "url": "http://www.GetDropbox.com/u/2/screencast.html",
    "by": "dhouston",
    "score": 104,
    "descendants": 71,
    "time": 1175714200,
    "kids": [9224],
    "text": "not kept",
}


def frame_of(*items):
    return to_frame(items, as_of=AS_OF)[0]


def row_of(item):
    return frame_of(item).iloc[0].to_dict()


def test_a_story_is_one_row():
    assert row_of(STORY) == {
        "rank": 1,
        "id": 8863,
        "type": "story",
        "title": "My YC app",
        "url": "http://www.GetDropbox.com/u/2/screencast.html",
        "domain": "getdropbox.com",
        "by": "dhouston",
        "score": 104,
        "descendants": 71,
        "time": pd.Timestamp("2007-04-04 19:16:40", tz="UTC"),
        "as_of": pd.Timestamp("2026-11-22 12:30", tz="UTC"),
    }


@pytest.mark.parametrize(
    "items",
    [
        [],
        [Lost("null")],
        [STORY],
        [{"id": 1, "title": "bare"}],
        [{**STORY, "url": ""}, {**STORY, "score": None, "time": None, "by": None}],
    ],
    ids=["empty", "lost", "whole", "only a title", "gaps"],
)
def test_columns_and_dtypes_are_the_same_whatever_the_feed_held(items):
    assert {name: str(dtype) for name, dtype in frame_of(*items).dtypes.items()} == SCHEMA


def test_the_dtypes_survive_parquet(tmp_path):
    for items in ([], [{"id": 1, "title": "bare"}], [STORY]):
        frame = frame_of(*items)
        frame.to_parquet(tmp_path / "stories.parquet")
        pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "stories.parquet"), frame)


def test_ranks_keep_the_gaps_of_what_was_skipped():
    items = [
        STORY,
        Lost("null"),
        {"id": 2, "deleted": True},
        {**STORY, "dead": True},
        {**STORY, "title": " "},
        {**STORY, "title": "&nbsp;"},
        {**STORY, "title": None},
        {**STORY, "title": ["x"]},
        STORY,
    ]
    frame, skipped = to_frame(items, as_of=AS_OF)
    assert list(frame["rank"]) == [1, 9]
    assert skipped == {"null": 1, "deleted": 1, "dead": 1, "untitled": 4}


@pytest.mark.parametrize(
    ("served", "title"),
    [
        ("Q&amp;A", "Q&A"),
        ("Don&#x27;t &lt;panic&gt;", "Don't <panic>"),
        ("&amp;lt; is an entity", "&lt; is an entity"),
        ("  spaced ", "spaced"),
        ("BTC&ETH, tips&notes, AT&T", "BTC&ETH, tips&notes, AT&T"),
        ("&copy=2 &ltd &#65 &#x42 &notit; &amp", "&copy=2 &ltd &#65 &#x42 &notit; &amp"),
        ("&copy; &ltimes; &#65; &#x42;", "\N{COPYRIGHT SIGN} \u22c9 A B"),
        ("&amp;#91; &amp;amp;", "&#91; &amp;"),
        ("&#99999999;", "&#99999999;"),
    ],
)
def test_entities_in_titles_are_resolved_once(served, title):
    assert row_of({**STORY, "title": served})["title"] == title


NOTHING = [
    *("\u200b", "\u2800", "\u3164", "\ufeff", "\u00ad", "\u115f", "\u1160", "\uffa0", "\ufe0f"),
    *("\U000e0041", "\u034f", "\u2060\u2063", "\u200e\u200f\u061c", "\u180e", "\u17b4", "\u202e"),
    *("\U0001d159", "\u3000\u00a0\u2003", " \u200b \u2800\t", "&#8203;", "&zwj;&ZeroWidthSpace;"),
]
SOMETHING = ["\u200bx", "\u2800\u2801", ".", "\u0301", "\U0001f600\ufe0f", "\u2422", "\u3131"]


@pytest.mark.parametrize("title", NOTHING, ids=ascii)
def test_a_title_that_shows_nothing_is_none(title):
    frame, skipped = to_frame([{"id": 1, "title": title}], as_of=AS_OF)
    assert (len(frame), skipped) == (0, {"untitled": 1})


@pytest.mark.parametrize("title", SOMETHING, ids=ascii)
def test_a_title_that_shows_one_mark_stays_as_it_is(title):
    assert row_of({**STORY, "title": title})["title"] == title


@pytest.mark.parametrize("lie", ["many", -1, 2**40, True, 1.5, [1], {}])
@pytest.mark.parametrize("name", ["score", "descendants", "time"])
def test_a_number_that_is_none_is_null(name, lie):
    assert frame_of({**STORY, name: lie})[name].isna().all()


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://news.ycombinator.com:443/x", "news.ycombinator.com"),
        ("https://WWW.Example.org", "example.org"),
        ("", None),
        (None, None),
        (7, None),
        ("http://[broken", None),
        ("mailto:a@example.com", None),
    ],
)
def test_the_domain_is_the_host_of_the_url(url, domain):
    found = (
        frame_of({**STORY, "url": url})["domain"].astype(object).where(lambda s: s.notna(), None)
    )
    assert list(found) == [domain]


def test_a_title_that_html_can_t_resolve_stays_as_it_is():
    title = "boom &#" + "1" * 5000 + ";"
    assert row_of({**STORY, "title": title})["title"] == title


def test_half_a_surrogate_pair_does_not_cost_the_other_stories(tmp_path):
    frame = frame_of({**STORY, "title": "broken \ud83d emoji", "by": "\udc00"}, STORY)
    frame.to_parquet(tmp_path / "stories.parquet")
    assert list(frame["title"]) == ["broken ? emoji", "My YC app"]


def test_no_story_left_is_an_error_with_the_reasons():
    frame, skipped = to_frame([Lost("null"), {"id": 1, "dead": True}], as_of=AS_OF)
    with pytest.raises(NoStories, match=r"no story is left to show \(1 null, 1 dead\)"):
        require_stories(frame, skipped)
    with pytest.raises(NoStories, match="the feed is empty"):
        require_stories(*to_frame([], as_of=AS_OF))


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("A History of Lisp (1979) [pdf]", "A History of Lisp  "),
        ("Talk [Video] (12345)", "Talk  (12345)"),
    ],
)
def test_marks_of_the_moderators_are_no_words(title, words):
    assert DECORATIONS.sub("", title) == words


def test_a_discussion_s_address():
    assert discussion(8863) == "https://news.ycombinator.com/item?id=8863"
