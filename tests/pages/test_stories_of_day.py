"""A day's page lists its stories, and each leads to how it stood through the day."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from urllib.parse import unquote

import pytest

from hn_luigi.display.markdown_html import to_html
from hn_luigi.hackernews import to_frame
from hn_luigi.pages.stories_of_day import day_view
from hn_luigi.trends.days import stories_of_day

from ..web.document import parsed, require_harmless

BEGIN = datetime(2026, 11, 22)
LINK = re.compile(r"\]\(#([^)]*)\)")
RUST = {
    "id": 7,
    "type": "story",
    "title": "Rust in space",
    "url": "https://a.example/",
    "by": "ann",
    "time": 1795305600,
    "score": 12,
    "descendants": 1,
}


def view_of(*lists):
    windows = [
        to_frame(items, as_of=BEGIN + n * timedelta(minutes=30))[0] for n, items in enumerate(lists)
    ]
    return day_view(stories_of_day(windows, feed="top"), feed="top", as_of=BEGIN)


def many(count):
    return [{"id": n, "type": "story", "title": f"Story {n}"} for n in range(1, count + 1)]


def led_to(markdown):
    return [unquote(name) for name in LINK.findall(markdown)]


def test_it_says_what_it_is_of_and_lists_stories_with_how_they_did():
    assert view_of([RUST], [RUST]).markdown == (
        "# Hacker News' top stories on 2026-11-22\n\n"
        "1 of [1 story](#All%20of%201%20story) in 2 windows: those that stood highest for longest."
        "\n\n1. [Rust in space](#Rust%20in%20space) — best rank 1, 12 points, 1 comment"
    )


class TestTheWayToAllStories:
    @pytest.mark.parametrize("count", [1, 20, 21, 200, 201, 1234])
    def test_leads_to_each_once_in_the_order_of_the_page(self, count):
        view = view_of(many(count))
        todo, found, lists = [led_to(view.markdown)[0]], [], []
        while todo:
            name = todo.pop(0)
            if name not in lists:
                lists.append(name)
                to = led_to(view.details[name]())
                found += [each for each in to if each.startswith("Story ")]
                todo += [each for each in to if not each.startswith("Story ")]
        assert found == [f"Story {n}" for n in range(1, count + 1)]
        assert len(lists) == -(-count // 200)
        assert {*lists, *found} == {*view.details}

    def test_numbers_them_by_their_places(self):
        view = view_of(many(201))
        (last,) = [name for name in view.details if name.startswith("Stories 201")]
        assert '<ol start="201">' in to_html(view.details[last]()).body

    def test_takes_no_longer_lists_than_pages_show(self):
        stories = [story | {"title": f"{'界' * 76}{story['id']}"} for story in many(1500)]
        view = view_of(stories)
        assert max(len(view.details[n]()) for n in view.details if n[:8] == "Stories ") < 200_000


class TestAStory:
    def test_has_its_links_a_picture_and_a_row_an_hour(self):
        later = RUST | {"score": 40, "descendants": None}
        page = view_of([RUST], many(2), [*many(2), later]).details["Rust in space"]()
        first, second, picture, table = page.split("\n\n")
        assert first == (
            "[Story](https://a.example/) · "
            "[Discussion](https://news.ycombinator.com/item?id=7) · "
            "submitted by ann on 2026-11-22 00:00 UTC"
        )
        assert second == "Seen from 00:00 to 01:00 UTC: best rank 1, 40 points."
        assert picture.startswith(
            "![Rank, points and comments from 00:00 to 01:00 UTC: best rank 1"
        )
        assert table == (
            "| UTC   | Rank | Points | Comments |\n| ----- | ---: | -----: | -------: |\n"
            "| 00:00 |    1 |     12 |        1 |\n| 01:00 |    3 |     40 |        - |"
        )
        html = parsed(to_html(page).body)
        assert html.one("figure", class_="picture").one("img")["width"] == "480"

    def test_that_is_its_own_discussion_has_one_link(self):
        page = view_of([{"id": 9, "title": "Ask HN: Rust?"}]).details["Ask HN: Rust?"]()
        assert page.startswith("[Discussion](https://news.ycombinator.com/item?id=9)\n\nSeen from")

    def test_of_the_same_title_has_a_page_of_its_own(self):
        twins = [RUST, RUST | {"id": 8, "score": 3}, RUST | {"id": 9, "title": "All of 3 stories"}]
        view = view_of(twins)
        assert led_to(view.markdown)[1:] == [
            "Rust in space",
            "Rust in space (8)",
            "All of 3 stories (9)",
        ]
        assert ["12 points" in view.details[name]() for name in led_to(view.markdown)[1:3]] == [
            True,
            False,
        ]

    @pytest.mark.parametrize(
        "title",
        [
            "[x](javascript:y) | <script>alert(1)</script>",
            "\u202eתסט\u2066 #",
            "x" * 100_000,
            "100% of C++ & C#",
            "$`\\",
        ],
    )
    def test_of_any_title_is_led_to_and_stays_text(self, title):
        hostile = RUST | {"title": title, "by": "<b>|", "url": "javascript:alert(1)"}
        view = view_of([hostile])
        everything, name = led_to(view.markdown)
        assert len(name) <= 150
        for markdown in (view.markdown, view.details[everything](), view.details[name]()):
            require_harmless(parsed(to_html(markdown, lambda name: "#x").body))


def test_a_file_of_it_has_the_stories_of_the_page_alone():
    view = view_of(many(1500))
    assert view.in_file == [f"Story {n}" for n in range(1, 21)]


def test_a_day_of_nothing_is_a_page_all_the_same():
    assert "0 of [0 stories]" in view_of().markdown
