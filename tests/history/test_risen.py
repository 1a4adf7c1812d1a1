"""The words that rose in the newest month."""

from __future__ import annotations

import pytest

from hn_luigi.history.risen import risen_words
from hn_luigi.history.shares import history_of

from .months import counts


def test_those_that_rose_most_surely_come_first_by_their_shares():
    history = history_of(
        [
            counts("2026-09", 1_000, AI=200, Rust=40, Zig=50, Bitcoin=9),
            counts("2026-10", 3_000, AI=600, Rust=120, Zig=150),
            counts("2026-11", 500, AI=100, Rust=60, Zig=5, Doge=9),
        ]
    )
    rust, doge = risen_words(history, most=9)
    assert (rust.word, rust.share, rust.before) == ("Rust", 0.12, pytest.approx(0.04))
    assert (doge.word, doge.share, doge.before) == ("Doge", 0.018, 0)
    assert rust.z > doge.z > 0
    assert risen_words(history, most=1) == [rust]


def test_what_was_more_than_a_year_ago_doesn_t_count():
    history = history_of(
        [
            counts("2025-10", 9_000, Rust=9_000),
            counts("2025-11", 1_000, Rust=10, Zig=99),
            counts("2026-11", 1_000, Rust=50),
        ]
    )
    (rust,) = risen_words(history, most=9)
    assert rust.before == 0.01


def test_one_month_alone_has_nothing_to_be_compared_with():
    assert risen_words(history_of([counts("2026-11", 1_000, Rust=99)]), most=9) == []
    old = counts("2024-11", 1_000, Rust=9)
    assert risen_words(history_of([old, counts("2026-11", 1_000, Rust=99)]), most=9) == []
    assert risen_words(history_of([]), most=9) == []
