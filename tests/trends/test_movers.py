"""Which stories stood out of a day."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hn_luigi.trends.movers import (
    Climb,
    Discussion,
    Stay,
    climbed_fastest,
    most_discussed,
    stayed_longest,
)

from .invented import DAY, table

TEN_MINUTES = timedelta(minutes=10)


def seen(paths, *, step=TEN_MINUTES, submitted=-1.0, comments=None):
    """A day, of the rank of each story in each window, None where it isn't listed.

    Args:
        paths: ranks by story.
        submitted: hours after the day began.
        comments: as the ranks, if they matter.
    """
    rows = [
        {
            "id": story,
            "title": f"Story {story}",
            "rank": rank,
            "descendants": (comments or {}).get(story, [None] * len(ranks))[n],
            "time": pd.Timestamp(DAY + timedelta(hours=submitted), tz="UTC"),
            "as_of": pd.Timestamp(DAY + n * step, tz="UTC"),
        }
        for story, ranks in paths.items()
        for n, rank in enumerate(ranks)
        if rank is not None
    ]
    return table(rows)


class TestStayed:
    def test_the_time_among_the_first_counts(self):
        day = seen({1: [3] * 6, 2: [1] * 5 + [31], 3: [99] * 6})
        assert stayed_longest(day, within=30, most=5) == [
            Stay(1, pytest.approx(1), 3),
            Stay(2, pytest.approx(5 / 6), 1),
        ]

    def test_who_comes_back_stays_on(self):
        day = seen({1: [3, 99, 99, 3], 2: [4, 4, 4, 4]})
        assert [s.hours for s in stayed_longest(day, within=30, most=5)] == pytest.approx(
            [4 / 6, 2 / 6]
        )

    def test_of_equal_stays_the_better_rank_comes_first_then_the_older_story(self):
        day = seen({3: [5, 5], 2: [5, 5], 1: [9, 9], 4: [6, 2]})
        assert [s.story for s in stayed_longest(day, within=30, most=3)] == [4, 2, 3]

    def test_what_nobody_read_meanwhile_counts_for_nothing(self):
        day = seen({1: [1] * 12})
        night = day["as_of"].between("2026-11-22 00:20", "2026-11-22 01:30", inclusive="both")
        assert stayed_longest(day[~night], within=30, most=1)[0].hours == pytest.approx(4 / 6)

    def test_one_window_has_no_length(self):
        assert stayed_longest(seen({1: [1]}), within=30, most=5) == []


class TestClimbed:
    def test_by_ranks_an_hour_to_its_best_rank(self):
        hourly = timedelta(hours=1)
        day = seen({1: [40, 25, 10], 2: [90, 60, 20], 3: [10, 20, 40]}, step=hourly)
        assert climbed_fastest(day, within=30, most=5) == [
            Climb(2, 60, 20, 1.0),
            Climb(1, 40, 10, 2.0),
        ]

    def test_from_where_it_began_to_climb(self):
        """Not from the morning, when it was nowhere either."""
        day = seen({1: [400, 390, 399, 398, 9]}, step=timedelta(hours=1))
        assert climbed_fastest(day, within=30, most=1) == [Climb(1, 398, 9, 1.0)]

    def test_within_an_hour_counts_as_an_hour(self):
        day = seen({1: [400, 30] + [30] * 11, 2: [None] * 6 + [500, 490, 25] + [25] * 4})
        (first, second) = climbed_fastest(day, within=30, most=2)
        assert (first.story, first.ranks_per_hour) == (2, 475.0)
        assert (second.story, second.ranks_per_hour) == (1, 370.0)

    def test_who_never_comes_among_the_first_is_left_out(self):
        assert climbed_fastest(seen({1: [400, 31], 2: [31, 30]}), within=30, most=5) == [
            Climb(2, 31, 30, pytest.approx(1 / 6))
        ]

    def test_who_begins_at_the_best_rank_doesnt_climb(self):
        assert climbed_fastest(seen({1: [2, 9, 2], 2: [1, 1, 1]}), within=30, most=5) == []

    @given(st.lists(st.integers(1, 500), min_size=1, max_size=30))
    def test_none_of_a_story_was_faster(self, ranks):
        day = seen({1: ranks})
        best = min(ranks)
        top = ranks.index(best)
        rates = [(rank - best) / max((top - n) / 6, 1) for n, rank in enumerate(ranks[:top])]
        found = climbed_fastest(day, within=500, most=1)
        assert [round(climb.ranks_per_hour, 6) for climb in found] == (
            [round(max(rates), 6)] if rates else []
        )


class TestDiscussed:
    def test_the_comments_of_this_day_count(self):
        day = seen({1: [1, 1], 2: [2, 2]}, comments={1: [500, 510], 2: [0, 90]})
        assert most_discussed(day, most=5) == [Discussion(2, 90, 90), Discussion(1, 510, 10)]

    def test_of_what_was_submitted_on_it_all_count(self):
        """Also those from before it was first seen."""
        day = seen({1: [1, 1]}, comments={1: [40, 60]}, submitted=0.1)
        assert most_discussed(day, most=5) == [Discussion(1, 60, 60)]

    def test_without_comments_it_is_left_out(self):
        day = seen({1: [1, 1], 2: [2, 2]}, comments={1: [0, 0]})
        assert most_discussed(day, most=5) == []

    def test_comments_that_are_taken_away_count_for_nothing(self):
        assert most_discussed(seen({1: [1, 1]}, comments={1: [9, 4]}), most=5) == []


def test_the_order_of_the_rows_doesnt_matter():
    day = seen(
        {n: [n + 40, n + 30, 1 + n // 2] for n in range(60)},
        comments={n: [n % 7, n % 7 + n % 5, n % 7 + 9] for n in range(60)},
    )
    mixed = day.sample(frac=1, random_state=3)
    for found in (
        lambda rows: stayed_longest(rows, within=30, most=9),
        lambda rows: climbed_fastest(rows, within=30, most=9),
        lambda rows: most_discussed(rows, most=9),
    ):
        assert found(mixed) == found(day)
