"""The words of each year."""

from __future__ import annotations

from hn_luigi.history.shares import history_of
from hn_luigi.history.years import FEWEST, YearWords, words_of_years

from .months import counts


def test_a_word_belongs_to_the_year_of_its_largest_share_the_surest_first():
    history = history_of(
        [
            counts("2024-01", 2_000, Bitcoin=200, AI=100, Rust=50),
            counts("2024-06", 2_000, Bitcoin=200, Zig=60),
            counts("2025-01", 4_000, AI=900, Bitcoin=10, Rust=400, Zig=100),
        ]
    )
    assert words_of_years(history, most=2) == [
        YearWords(2024, ["Bitcoin"]),
        YearWords(2025, ["AI", "Rust"]),
    ]
    (_, later) = words_of_years(history, most=9)
    assert later.words == ["AI", "Rust", "Zig"]


def test_a_year_of_few_headlines_is_not_told_of_and_takes_no_word_from_others():
    history = history_of(
        [
            counts("2006-10", FEWEST - 1, Rust=FEWEST // 2),
            counts("2007-01", 5_000, Rust=500, Zig=9),
            counts("2008-01", 5_000, Rust=100),
        ]
    )
    assert [(year.year, year.words) for year in words_of_years(history, most=9)] == [
        (2007, ["Rust", "Zig"]),
        (2008, []),
    ]


def test_one_year_alone_has_nothing_to_be_compared_with():
    assert words_of_years(history_of([counts("2026-01", 5_000, Rust=99)]), most=9) == []
    assert words_of_years(history_of([]), most=9) == []
