"""All months in one table."""

from __future__ import annotations

import random

import pandas as pd
import pytest
from pandas.api.types import pandas_dtype

from hn_luigi.assets import PARQUET_ZSTD, formats
from hn_luigi.history.shares import FEWEST, SCHEMA, history_of

from .months import counts


def told(*tables):
    """Headlines by word and month."""
    frame = history_of(tables)
    rows = zip(frame["word"], frame["month"], frame["headlines"], strict=True)
    return {(word, f"{month:%Y-%m}"): number for word, month, number in rows}


def test_a_row_has_the_share_of_the_month_s_headlines():
    frame = history_of([counts("2026-11", 300, Rust=30, Zig=7)])
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == {
        name: str(pandas_dtype(kind)) for name, kind in SCHEMA.items()
    }
    row = frame.iloc[0]
    assert row["word"] == "Rust"
    assert row["month"] == pd.Timestamp("2026-11-01", tz="UTC")
    assert (row["headlines"], row["stories"], row["share"]) == (30, 300, 0.1)


def test_rows_are_sorted_by_word_as_in_an_alphabet_and_month():
    assert [
        *told(
            counts("2026-11", 99, zig=9, Ada=9, ada_lovelace=9, Zebra=9),
            counts("2026-10", 99, Zebra=9),
        )
    ] == [
        ("Ada", "2026-11"),
        ("ada lovelace", "2026-11"),
        ("Zebra", "2026-10"),
        ("Zebra", "2026-11"),
        ("zig", "2026-11"),
    ]


def test_a_word_that_no_month_had_often_is_left_out_and_others_with_all_their_months():
    few, enough = FEWEST - 1, FEWEST
    assert told(
        counts("2026-10", 99, Zig=few, Rust=1), counts("2026-11", 99, Zig=few, Rust=enough)
    ) == {("Rust", "2026-10"): 1, ("Rust", "2026-11"): enough}


def test_spellings_of_different_months_are_one_word_shown_as_most_headlines_spell_it():
    assert told(
        counts("2026-10", 99, **{"open-source": 20}), counts("2026-11", 99, Open_Source=7)
    ) == {("open-source", "2026-10"): 20, ("open-source", "2026-11"): 7}


def test_a_plural_that_stands_alone_in_a_month_is_one_word_with_the_singular_of_others():
    assert told(counts("2026-10", 99, compilers=6), counts("2026-11", 99, compiler=30)) == {
        ("compiler", "2026-10"): 6,
        ("compiler", "2026-11"): 30,
    }


def test_two_forms_that_a_month_told_apart_are_no_more_than_its_headlines():
    assert told(counts("2026-10", 10, compilers=8, compiler=9))[("compiler", "2026-10")] == 10


def test_the_order_in_which_months_were_counted_changes_no_byte():
    chance = random.Random(3)
    words = [f"word{n}" for n in range(300)]
    tables = [
        counts(f"20{year}-{month:02}", 900, **{w: chance.randint(1, 9) for w in words})
        for year in range(20, 24)
        for month in range(1, 13)
    ]

    def encoded(tables):
        return formats.encode(".parquet", history_of(tables), what="it", own=PARQUET_ZSTD)

    first = encoded(tables)
    for _ in range(5):
        chance.shuffle(tables)
        assert encoded(tables) == first


@pytest.mark.parametrize("tables", [[], [counts("2026-11", 9)], [counts("2026-11", 9, Rust=1)]])
def test_where_nothing_is_told_the_table_is_empty(tables):
    frame = history_of(tables)
    assert frame.empty
    assert [*frame.columns] == [*SCHEMA]
