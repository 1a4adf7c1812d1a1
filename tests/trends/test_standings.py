"""Which stories stood highest for longest, and how each of them stood in its course."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd

from hn_luigi.hackernews import to_frame
from hn_luigi.trends.days import stories_of_day
from hn_luigi.trends.standings import by_the_hour, course_of, standings

BEGIN = datetime(2026, 11, 22)


def item(number, **facts):
    return {"id": number, "type": "story", "title": f"Story {number}", **facts}


def day_of(*lists, minutes=10):
    """A day of lists of items, read one after another from midnight on; None was missed."""
    windows = [
        to_frame(items, as_of=BEGIN + n * timedelta(minutes=minutes))[0]
        for n, items in enumerate(lists)
        if items is not None
    ]
    return stories_of_day(windows, feed="top")


def ids_of(*lists):
    return [story.id for story in standings(day_of(*lists))]


class TestTheOrder:
    def test_is_that_of_the_ranks_where_all_stay(self):
        assert ids_of([item(3), item(1), item(2)]) == [3, 1, 2]

    def test_has_one_that_stood_higher_before_one_that_stood_as_long(self):
        assert ids_of(*[[item(9), item(8), item(n)] for n in range(5)])[:2] == [9, 8]

    def test_has_one_that_stayed_before_one_that_was_first_for_a_moment(self):
        assert ids_of([item(1), item(2)], [item(3), item(2)], [item(4), item(2)])[0] == 2

    def test_has_the_older_of_equal_ones_first(self):
        assert ids_of([item(7), item(5)], [item(5), item(7)]) == [5, 7]


def test_a_story_is_told_of_as_it_was_last_seen_and_with_its_best_rank():
    early = item(7, title="Rust", score=1, by="ann", time=3600, url="https://a.example/")
    late = {**early, "title": "Rust!", "score": 9, "descendants": 4}
    (story, _) = standings(day_of([early, item(8)], [item(8), late]))
    assert (story.id, story.title, story.score, story.comments) == (7, "Rust!", 9, 4)
    assert (story.best, story.by, story.url) == (1, "ann", "https://a.example/")
    assert story.time == datetime(1970, 1, 1, 1, tzinfo=UTC)
    seen = [moment.replace(tzinfo=None) for moment in (story.first, story.last)]
    assert seen == [BEGIN, BEGIN + timedelta(minutes=10)]


def test_what_is_unknown_of_it_is_none():
    (story,) = standings(day_of([item(7)]))
    assert (story.url, story.by, story.time, story.score, story.comments) == (None,) * 5


def test_a_day_of_nothing_has_no_stories():
    assert standings(day_of()) == []


class TestACourse:
    def ranks(self, day, story=7):
        course = course_of(day, story)
        minutes = (pd.DatetimeIndex(course.index) - pd.Timestamp(BEGIN, tz="UTC")).seconds // 60
        return [
            (minute, None if pd.isna(rank) else int(rank))
            for minute, rank in zip(minutes, course["rank"], strict=True)
        ]

    def test_has_no_value_where_the_story_was_not_in_the_list(self):
        day = day_of([item(7)], [item(8)], [item(8), item(7)])
        assert self.ranks(day) == [(0, 1), (10, None), (20, 2)]

    def test_has_none_where_no_list_was_read_either(self):
        day = day_of([item(7)], [item(7)], None, None, [item(7)])
        assert self.ranks(day) == [(0, 1), (10, 1), (20, None), (30, None), (40, 1)]

    def test_of_one_time_is_that(self):
        assert self.ranks(day_of([item(7)])) == [(0, 1)]

    def test_has_its_points_and_comments(self):
        course = course_of(day_of([item(7, score=1)], [item(7, score=3, descendants=2)]), 7)
        assert list(course["score"]) == [1, 3]
        assert list(course["descendants"].isna()) == [True, False]

    def test_by_the_hour_has_the_first_of_each_and_the_last(self):
        lists = [[item(7)] if n not in (0, 6, 7) else [item(8)] for n in range(15)]
        course = by_the_hour(course_of(day_of(*lists), 7))
        times = [f"{at:%H:%M}" for at in pd.DatetimeIndex(course.index)]
        assert times == ["00:10", "01:20", "02:00", "02:20"]

    def test_by_the_hour_has_nothing_twice(self):
        assert len(by_the_hour(course_of(day_of([item(7)]), 7))) == 1
