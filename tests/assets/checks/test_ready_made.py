"""The checks that most tables need, on frames and on what is stored as JSON."""

from __future__ import annotations

import subprocess
import sys

import pandas as pd
import pytest

from hn_luigi.assets import (
    Severity,
    columns,
    not_null,
    row_count_between,
    row_count_change,
    unique,
)

CITIES = [
    {"city": "Ulm", "country": "DE", "degrees": 3},
    {"city": "Oslo", "country": "NO", "degrees": None},
    {"city": "Ulm", "country": "DE", "degrees": 4},
]
BOTH = pytest.mark.parametrize("rows", [CITIES, pd.DataFrame(CITIES)], ids=["list", "frame"])


def problem(check, value, **last):
    return check.problem_of(value, last)


class TestRowCountBetween:
    @BOTH
    def test_both_ends_are_allowed(self, rows):
        assert problem(row_count_between(3, 3), rows) is None
        assert problem(row_count_between(0), rows) is None

    @BOTH
    def test_fewer_and_more_are_told(self, rows):
        assert problem(row_count_between(1_000), rows) == "3 rows, fewer than 1,000"
        assert problem(row_count_between(0, 2), rows) == "3 rows, more than 2"

    def test_a_dict_is_one_row(self):
        assert problem(row_count_between(2), {"a": 1, "b": 2}) == "1 row, fewer than 2"


class TestColumns:
    def test_others_may_be_there(self):
        frame = pd.DataFrame({"a": [1], "b": [1.5], "c": ["x"]})
        assert problem(columns({"a": "int64", "b": float}), frame) is None

    def test_a_missing_one_and_one_of_another_dtype_are_told(self):
        frame = pd.DataFrame({"a": [1], "b": [1.5]})
        found = problem(columns({"z": "int64", "a": "string", "b": "float64"}), frame)
        assert found == "z is missing; a is int64, not string"

    def test_a_list_has_no_dtypes(self):
        assert problem(columns({"a": int}), CITIES).startswith("TypeError: a list has no columns")


class TestUnique:
    @BOTH
    def test_columns_together(self, rows):
        assert problem(unique("city", "degrees"), rows) is None
        assert problem(unique("city"), rows) == "1 row repeats another, such as Ulm"
        assert problem(unique("city", "country"), rows) == "1 row repeats another, such as Ulm, DE"

    def test_whole_rows(self):
        assert problem(unique(), pd.DataFrame({"a": [1, 1], "b": [1, 2]})) is None
        assert problem(unique(), pd.DataFrame({"a": [1, 1]})) == "1 row repeats another"
        assert problem(unique(), [{"a": [1]}, {"a": [1]}]).startswith("1 row repeats another")

    def test_few_are_shown(self):
        found = problem(unique(), [*range(9), *range(9)])
        assert found == "9 rows repeat another, such as 0; 1; 2"

    @BOTH
    def test_a_column_that_is_not_there_is_wrong(self, rows):
        assert problem(unique("town"), rows).startswith("KeyError: ")


class TestNotNull:
    @BOTH
    def test_the_columns_named_or_all(self, rows):
        assert problem(not_null("city", "country"), rows) is None
        assert problem(not_null("city", "degrees"), rows) == "1 row without degrees"
        assert problem(not_null(), rows) == "1 row without degrees"

    def test_what_a_dict_lacks_is_null(self):
        assert (
            problem(not_null("a", "b"), {"a": float("nan")}) == "1 row without a; 1 row without b"
        )

    def test_items_of_a_list(self):
        assert problem(not_null(), [1, None, None]) == "2 rows without a value"

    def test_a_column_that_is_not_there_is_wrong_in_a_frame(self):
        assert problem(not_null("town"), pd.DataFrame(CITIES)).startswith("KeyError: ")


class TestRowCountChange:
    @pytest.mark.parametrize(("before", "is_wrong"), [(2, False), (6, False), (7, True), (1, True)])
    def test_it_compares_with_the_last_good_output(self, before, is_wrong):
        found = problem(row_count_change(at_most=0.5), CITIES, rows=before)
        assert found == (
            f"3 rows, and {before} last time: a change of more than 50%" if is_wrong else None
        )

    @pytest.mark.parametrize("last", [{}, {"rows": None}, {"rows": "9"}, {"rows": 0}])
    def test_without_a_number_to_compare_with_it_says_nothing(self, last):
        assert problem(row_count_change(at_most=0.5), CITIES, **last) is None

    def test_it_warns_and_reports_what_the_next_is_compared_with(self):
        check = row_count_change(at_most=0.5)
        assert check.severity is Severity.WARN
        assert check.reports(CITIES) == {"rows": 3}


@pytest.mark.parametrize("check", [row_count_between(1), unique(), not_null()])
def test_what_has_no_rows_is_said_to_have_none(check):
    assert problem(check, "# Page") == (
        "TypeError: a str has no rows to check; write a function for it"
    )


def test_it_is_called_by_what_it_asks():
    made = [row_count_between(1), row_count_between(1, 9), columns({"a": int}), unique("a", "b")]
    assert [check.name for check in made] == [
        "row_count_between(1)",
        "row_count_between(1, 9)",
        "columns(a)",
        "unique(a, b)",
    ]


def test_lists_are_checked_without_pandas():
    code = (
        "import sys; from hn_luigi.assets import not_null, unique\n"
        "assert unique().problem_of([1, 1], {}) and not_null().problem_of([None], {})\n"
        "assert 'pandas' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
