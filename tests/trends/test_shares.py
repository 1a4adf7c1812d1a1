"""The share of headlines that hold a word, by day, and how it is compared."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hn_luigi.assets.formats import parquet
from hn_luigi.cloud import find_words
from hn_luigi.trends.shares import FEWEST, SCHEMA, trends_of

from .invented import A_DAY, DAY, a_day, headlines

WORDS = ("Doubled", "Halved", "Steady", "Threefold", "Fresh")
"""What is planted: 20 a day and 40 on the last one, 40 and 20, 20, three on the last, and 15."""


def planted(day):
    is_last = day == DAY
    return {
        "Doubled": 40 if is_last else 20,
        "Halved": 20 if is_last else 40,
        "Steady": 20,
        "Threefold": 3 if is_last else 0,
        "Fresh": 15 if is_last else 0,
    }


@cache
def days(seed, count=28):
    """The last day, and those before, not to be changed."""
    found = {
        day: a_day(day, headlines((seed, day), planted=planted(day)))
        for day in (DAY - n * A_DAY for n in range(count + 1))
    }
    return found.pop(DAY), MappingProxyType(found)


@cache
def planted_trends(seed, without=None):
    today, before = days(seed)
    return trends(today, {day: found for day, found in before.items() if day != without})


def trends(today, before, day=DAY):
    return trends_of(today, before, day=day, find_words=find_words)


def last_rows(table):
    """The rows of the day itself, by word."""
    return table[table["day"] == pd.Timestamp(DAY, tz="UTC")].set_index("word")


@pytest.mark.parametrize("seed", range(3))
class TestPlanted:
    def test_what_doubled_is_found_first_but_for_what_is_new_in_many(self, seed):
        ranked = last_rows(planted_trends(seed))["z"].sort_values(ascending=False)
        assert set(ranked.index[:2]) == {"Doubled", "Fresh"}

    def test_what_halved_is_found_last(self, seed):
        assert last_rows(planted_trends(seed))["z"].idxmin() == "Halved"

    def test_three_headlines_are_not_found_first(self, seed):
        z = last_rows(planted_trends(seed))["z"]
        assert z["Threefold"] < 0.6 * z["Doubled"]

    def test_a_missing_day_changes_no_sign(self, seed):
        whole = last_rows(planted_trends(seed))["z"]
        for missing in (DAY - A_DAY, DAY - 28 * A_DAY):
            rest = last_rows(planted_trends(seed, without=missing))["z"]
            sure = whole[whole.abs() > 0.5].index.intersection(rest.index)
            assert len(sure) > 10
            assert ((whole[sure] > 0) == (rest[sure] > 0)).all()

    def test_two_days_before_are_enough_to_find_it_among_the_first(self, seed):
        ranked = last_rows(trends(*days(seed, count=2)))["z"].sort_values(ascending=False)
        assert {"Doubled", "Fresh"} <= set(ranked.index[:4])


def test_it_is_a_row_a_word_and_day_of_the_schema():
    table = planted_trends(1)
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == SCHEMA
    assert len(table) == 29 * table["word"].nunique()
    assert not table.duplicated(["word", "day"]).any()
    doubled = table[table["word"] == "Doubled"]
    assert doubled["headlines"].tolist() == [20] * 28 + [40]
    assert doubled["share"].tolist() == [round(20 / 300, 6)] * 28 + [round(40 / 300, 6)]
    assert doubled["headlines_before"].isna().tolist() == [True] * 28 + [False]
    assert doubled.iloc[-1][["headlines_before", "stories_before"]].tolist() == [560, 8400]
    assert (last_rows(table)["stories"] == 300).all()


def test_a_day_without_the_word_is_zero_and_a_day_without_stories_null():
    table = planted_trends(1, without=DAY - 5 * A_DAY)
    fresh = table.set_index(["word", "day"]).loc["Fresh"]
    known = fresh.loc[pd.Timestamp(DAY - 4 * A_DAY, tz="UTC")]
    missing = fresh.loc[pd.Timestamp(DAY - 5 * A_DAY, tz="UTC")]
    assert known[["headlines", "stories", "share"]].tolist() == [0, 300, 0.0]
    assert missing[["headlines", "stories", "share"]].isna().all()
    assert fresh["stories_before"].iloc[-1] == 27 * 300


def test_a_day_that_holds_no_story_is_missing():
    table = trends(a_day(DAY, ["Alpha"] * 5), {DAY - A_DAY: a_day(DAY - A_DAY, [])})
    assert table["share"].isna().tolist() == [True] * 28 + [False]
    assert last_rows(table)["z"].isna().all()


def test_on_the_first_day_nothing_is_compared():
    today, _ = days(1)
    last = last_rows(trends(today, {}))
    assert last[["log_odds", "z"]].isna().all(axis=None)
    assert (last[["headlines_before", "stories_before"]] == 0).all(axis=None)
    assert last["share"]["Doubled"] == round(40 / 300, 6)


def test_half_a_day_is_compared_by_its_shares():
    """In the morning a word has fewer headlines, and hasn't fallen for that."""
    _, before = days(1)
    morning = a_day(DAY, headlines("morning", count=100, planted={"Steady": 7, "Doubled": 14}))
    z = last_rows(trends(morning, before))["z"]
    assert abs(z["Steady"]) < 0.1
    assert z["Doubled"] > 0.5


def test_a_story_counts_once_a_day_by_its_last_title():
    windows = [
        a_day(DAY, [f"Alpha {n}" for n in range(5)]),
        a_day(DAY, [f"Beta {n}" for n in range(5)]).assign(
            as_of=pd.Timestamp(DAY + timedelta(minutes=10), tz="UTC")
        ),
    ]
    today = pd.concat(windows).sort_values(["id", "as_of"], ignore_index=True)
    last = last_rows(trends(today, {}))
    assert [*last.index] == ["Beta"]
    assert last.loc["Beta", ["headlines", "stories"]].tolist() == [5, 5]


def test_a_story_counts_on_each_day_that_lists_it():
    titles = [f"Alpha {n}" for n in range(5)]
    table = trends(a_day(DAY, titles), {DAY - A_DAY: a_day(DAY, titles)})
    assert table["headlines"].dropna().tolist() == [5, 5]
    assert last_rows(table)["z"].tolist() == [0.0]


def test_the_same_title_twice_is_two_headlines():
    assert last_rows(trends(a_day(DAY, ["Alpha"] * 4), {})).loc["Alpha", "headlines"] == 4


def test_what_no_day_has_three_times_is_left_out():
    today = a_day(DAY, ["Alpha", "Alpha"] + ["Beta"] * FEWEST)
    table = trends(today, {DAY - A_DAY: a_day(DAY - A_DAY, ["Alpha", "Alpha"])})
    assert set(table["word"]) == {"Beta"}


def test_without_any_word_it_is_an_empty_table():
    table = trends(a_day(DAY, ["1", "2"]), {})
    assert table.empty
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == SCHEMA
    assert parquet.decode(parquet.encode(table)).equals(table)


def test_a_word_in_every_headline_has_a_finite_z():
    table = trends(a_day(DAY, ["Alpha"] * 9), {DAY - A_DAY: a_day(DAY - A_DAY, ["Alpha"] * 9)})
    assert last_rows(table)["z"].tolist() == [0.0]


def test_one_day_is_held_at_a_time():
    today, before = days(1, count=5)

    read = []

    class OneByOne(Mapping):
        def __getitem__(self, day):
            read.append(day)
            return before[day]

        def __iter__(self):
            return iter(sorted(before))

        def __len__(self):
            return len(before)

    table = trends(today, OneByOne())
    assert read == sorted(before)
    assert table.equals(trends(today, before))


def test_the_order_of_the_days_doesnt_matter():
    today, before = days(1, count=6)
    turned = dict(reversed(before.items()))
    assert parquet.encode(trends(today, before)) == parquet.encode(trends(today, turned))


@pytest.mark.slow
def test_the_same_input_gives_the_same_bytes_whatever_the_order_of_sets():
    code = (
        "import hashlib\n"
        "from hn_luigi.assets.formats import parquet\n"
        "from tests.trends.test_shares import days, trends\n"
        "print(hashlib.sha256(parquet.encode(trends(*days(3, count=4)))).hexdigest())"
    )
    root = Path(__file__).parents[2]
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(said) == 1


titles = st.lists(
    st.lists(st.sampled_from(["Alpha", "Beta", "Gamma", "c", "شلوم", "7"]), min_size=1, max_size=3),
    min_size=1,
    max_size=9,
).map(lambda lists: [": ".join(words) for words in lists])


@settings(max_examples=30)
@given(titles, st.dictionaries(st.integers(1, 28), titles, max_size=3))
def test_counts_are_those_of_the_titles_of_each_day(today, before):
    table = trends(
        a_day(DAY, today), {DAY - n * A_DAY: a_day(DAY - n * A_DAY, t) for n, t in before.items()}
    )
    for row in table.itertuples():
        day = (DAY - row.day.tz_localize(None)).days
        listed = today if day == 0 else before.get(day)
        if listed is None:
            assert pd.isna(row.headlines)
        else:
            assert row.stories == len(listed)
            assert row.headlines == sum(row.word in title.split(": ") for title in listed)
    assert parquet.decode(parquet.encode(table)).equals(table)
