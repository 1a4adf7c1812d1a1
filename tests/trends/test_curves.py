"""Which words stand out, and the share of each by day."""

from __future__ import annotations

import math

import pytest

from hn_luigi.trends.curves import CLEAR, days_compared, fallen, risen, rises

from .invented import A_DAY, DAY
from .test_shares import days, planted_trends, trends


@pytest.fixture(scope="module")
def table():
    return planted_trends(1, without=DAY - 5 * A_DAY)


def test_what_rose_comes_with_the_surest_first_and_its_shares(table):
    curves = risen(table, most=5)
    assert {curve.word for curve in curves[:2]} == {"Doubled", "Fresh"}
    assert [curve.z for curve in curves] == sorted((c.z for c in curves), reverse=True)
    doubled = next(curve for curve in curves if curve.word == "Doubled")
    assert [str(day) for day in (doubled.days[0], doubled.days[-1])] == ["2026-10-25", "2026-11-22"]
    assert doubled.headlines == [20] * 23 + [None] + [20] * 4 + [40]
    assert doubled.stories == [300] * 23 + [None] + [300] * 5
    assert doubled.shares[23] is None
    assert doubled.share == pytest.approx(40 / 300, abs=1e-6)
    assert doubled.share_before == pytest.approx(20 / 300)


def test_what_fell_comes_with_the_surest_first(table):
    curves = fallen(table, most=5)
    assert curves[0].word == "Halved"
    assert [curve.z for curve in curves] == sorted(curve.z for curve in curves)


def test_what_hardly_moved_did_neither(table):
    found = [*risen(table, most=10_000), *fallen(table, most=10_000)]
    assert "Steady" not in {curve.word for curve in found}
    assert all(abs(curve.z) >= CLEAR for curve in found)


def test_on_the_first_day_nothing_moved():
    first = trends(days(1)[0], {})
    assert risen(first, most=5) == fallen(first, most=5) == []
    assert days_compared(first).before == []
    assert len(days_compared(first).missing) == 28


def test_it_says_which_days_are_missing(table):
    compared = days_compared(table)
    assert compared.missing == [(DAY - 5 * A_DAY).date()]
    assert len(compared.before) == 27
    assert DAY.date() not in compared.before


def test_changes_are_those_of_all_words_and_infinite_for_new_ones(table):
    told = rises(table)
    assert told["Fresh"] == told["Threefold"] == math.inf
    assert told["Halved"] < -1 < abs(told["Steady"]) < 1 < told["Doubled"] < math.inf
    assert len(told) == table["word"].nunique()
    assert rises(trends(days(1)[0], {})) == {}


def test_a_table_without_words_has_no_curves(table):
    empty = table.iloc[:0]
    assert risen(empty, most=5) == fallen(empty, most=5) == []
    assert days_compared(empty).before == days_compared(empty).missing == []
