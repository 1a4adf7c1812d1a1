"""How times, sizes and reported facts read."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from hn_luigi import formatting as words
from hn_luigi.assets import window
from hn_luigi.assets.window_length import DAY, length_of, of_minutes


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (59.5, "1 min"),
        (180, "3 min"),
        (1800, "30 min"),
        (1800.1, "31 min"),
        (3600, "1 h"),
        (7500, "2 h 5 min"),
        (86400, "1 d"),
        (3 * 86400 + 4 * 3600, "3 d 4 h"),
        (-180, "-3 min"),
    ],
)
def test_an_age_is_in_units_a_person_counts_in_and_past_a_limit_looks_past_it(seconds, shown):
    assert words.age(timedelta(seconds=seconds)) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.0404, "40 ms"),
        (1.26, "1.2 s"),
        (9.99, "9.9 s"),
        (14.7, "14 s"),
        (65, "1 min 5 s"),
        (7500, "2 h 5 min"),
        (float("nan"), "-"),
        (float("inf"), "-"),
        (-1, "-"),
        (10**400, "-"),
    ],
)
def test_a_duration_is_short_and_nonsense_is_not_shown(seconds, shown):
    assert words.duration(seconds) == shown


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (5432, "5.4 kB"),
        (9960, "10 kB"),
        (81_600, "82 kB"),
        (999_600, "1.0 MB"),
        (1_200_000, "1.2 MB"),
        (-1, "-"),
        (10**400, "-"),
    ],
)
def test_a_size_has_two_or_three_digits_and_a_unit(count, shown):
    assert words.size(count) == shown


class TestATime:
    """Two forms and no more: this one for people, ISO 8601's for programs."""

    def test_is_the_same_whether_it_is_a_clock_s_a_record_s_or_a_window_s(self):
        assert words.clock(datetime(2026, 11, 22, 12, 31, 59)) == "2026-11-22 12:31"
        assert words.moment("2026-11-22T12:31:59.999Z") == "2026-11-22 12:31"
        assert words.window_name("2026-11-22T1230Z", of_minutes(10)) == "2026-11-22 12:30"

    @pytest.mark.parametrize("length", [of_minutes(10), DAY, length_of("week"), length_of("month")])
    def test_of_a_window_is_taken_as_it_is_shown(self, length):
        start = length.floor(datetime(2026, 11, 22, 12, 30))
        shown = words.window_name(window.name(start), length)
        assert length.floor(window.parse(shown)) == start

    def test_that_is_none_is_shown_as_it_is(self):
        assert words.window_name("of\nold", DAY) == "of old"


@pytest.mark.parametrize(
    ("limit", "shown"),
    [(13, "top/wordcloud"), (12, "top/w…dcloud"), (6, "to…oud"), (3, "t…d"), (2, "…d"), (1, "…")],
)
def test_what_is_too_long_keeps_its_ends(limit, shown):
    assert words.shortened("top/wordcloud", limit) == shown


def test_what_a_step_reported_is_told_in_words_whatever_it_is():
    told = words.facts({"rows": 9, "skipped": {"dead": 2, "null": 1}, "x": {}, "y": [1, None]})
    assert told == "rows 9, skipped dead 2 and null 1, x none, y [1, null]"


def test_of_many_values_their_number_is_told():
    assert words.fact([7] * 20) == json.dumps([7] * 20)
    assert words.fact([7] * 21) == words.fact({str(n): [n] for n in range(21)}) == "21 values"
    assert words.facts({"areas": {str(n): n for n in range(1500)}}) == "areas 1,500 values"


def test_a_reported_fact_is_200_characters_at_most():
    assert words.fact("x" * 200) == "x" * 200
    assert words.fact("x" * 201) == "x" * 199 + "…"
    assert len(words.fact({"k" * 500: "v", "l": ["v"] * 500})) == 200
    assert words.facts({"k" * 500: 1}) == "k" * 199 + "… 1"


def test_facts_together_are_2_000_characters_at_most():
    assert len(words.facts({str(i): "v" * 100 for i in range(100)})) == 2_000
