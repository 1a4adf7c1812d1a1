"""The shares of words as curves."""

from __future__ import annotations

from datetime import date

from hn_luigi.history.series import curves_of
from hn_luigi.history.shares import history_of

from .months import counts

SHARES = history_of(
    [
        counts("2026-07", 100, Rust=10, compiler=5),
        counts("2026-09", 200, compiler=5, **{"open-source": 50}),
        counts("2026-10", 100, Rust=20),
    ]
)


def test_a_curve_has_each_month_with_gaps_where_there_is_none():
    (curve,), missing = curves_of(SHARES, ["Rust"])
    assert missing == []
    assert [*curve.days] == [date(2026, n, 1) for n in (7, 8, 9, 10)]
    assert [*curve.shares] == [0.1, None, 0.0, 0.2]
    assert [*curve.headlines] == [10, None, 0, 20]
    assert [*curve.stories] == [100, None, 200, 100]
    assert curve.share == 0.2


def test_words_are_found_however_they_are_written_and_each_once():
    curves, missing = curves_of(SHARES, ["Open source", "rust", "compilers", "RUST", "Zig", "C"])
    assert [curve.word for curve in curves] == ["open-source", "Rust", "compiler"]
    assert missing == ["Zig", "C"]


def test_of_an_empty_history_no_word_has_a_curve():
    assert curves_of(history_of([]), ["Rust"]) == ([], ["Rust"])


def test_a_month_of_far_fewer_headlines_than_others_is_no_point_of_a_curve():
    ordinary = [counts(f"2007-{month:02}", 2_000, Rust=20) for month in range(1, 4)]
    first, last = counts("2006-12", 61, Rust=30), counts("2007-04", 90, Rust=1)
    (curve,), _ = curves_of(history_of([first, *ordinary, last]), ["Rust"])
    assert [*curve.shares] == [None, 0.01, 0.01, 0.01, None]
