"""Tables of any columns are shown with their types, in any order, and cut."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hn_luigi.display import tables
from hn_luigi.display.tables import (
    csv_table,
    parquet_table,
    records_table,
    shown,
)


def texts(table):
    return [[text for text, _ in row] for row in table.rows]


def stored(table, **options):
    file = io.BytesIO()
    pq.write_table(table, file, **options)
    file.seek(0)
    return file


@pytest.mark.parametrize(
    "values, kind, text",
    [
        ([7], "int64", "7"),
        ([0.1], "double", "0.1"),
        ([True], "bool", "True"),
        (["a\n b"], "string", "a b"),
        ([None], "null", "-"),
        ([b"abc"], "binary", "3 bytes"),
        (
            [datetime(2026, 11, 22, 12, 30, tzinfo=UTC)],
            "timestamp[us, tz=UTC]",
            "2026-11-22 12:30:00",
        ),
        ([Decimal("1.50")], "decimal128(3, 2)", "1.50"),
        ([[1, 2]], "list<item: int64>", "[1, 2]"),
        ([{"a": 1}], "struct<a: int64>", "{'a': 1}"),
        (["\u202exyz"], "string", "xyz"),
    ],
)
def test_a_value_is_shown_by_its_type(values, kind, text):
    (column,) = shown(pa.table({"x": values}), None).columns
    assert column.kind == kind
    assert texts(shown(pa.table({"x": values}), None)) == [[text]]


def test_a_cell_that_is_a_web_address_leads_there():
    table = shown(
        pa.table({"x": ["https://a.example/", "javascript:x", "see https://a.example/"]}), None
    )
    assert [url for ((_, url),) in table.rows] == ["https://a.example/", None, None]


@pytest.mark.parametrize(
    "values, up, down",
    [
        ([3, None, 1, 2], ["1", "2", "3", "-"], ["3", "2", "1", "-"]),
        ([2.0, float("nan"), None, 1.0], ["1.0", "2.0", "nan", "-"], ["2.0", "1.0", "nan", "-"]),
        (["b", None, "A", "c"], ["A", "b", "c", "-"], ["c", "b", "A", "-"]),
        (pa.array(["b", "a", None]).dictionary_encode(), ["a", "b", "-"], ["b", "a", "-"]),
    ],
)
def test_it_is_sorted_either_way_and_what_has_no_value_comes_last(values, up, down):
    table = pa.table({"x": values})
    assert [row[0] for row in texts(shown(table, "x"))] == up
    assert [row[0] for row in texts(shown(table, "-x"))] == down
    assert shown(table, "x").columns[0].other_order == "-x"
    assert shown(table, "-x").columns[0].other_order == "x"


@pytest.mark.parametrize("values", [[[2], [1]], [None, None]])
def test_what_has_no_order_stays_as_it_is(values):
    table = pa.table({"x": values})
    assert texts(shown(table, "x")) == texts(shown(table, None))


def test_a_column_may_have_any_name():
    table = pa.table([[1, 2], [4, 3], [5, 6]], names=["-x", "x", ""])
    assert [row[0] for row in texts(shown(table, "-x"))] == ["1", "2"]
    assert [row[1] for row in texts(shown(table, "x"))] == ["3", "4"]
    twice = pa.table([[1, 2], [4, 3]], names=["x", "x"])
    assert texts(shown(twice, "-x")) == [["2", "3"], ["1", "4"]]


@pytest.mark.parametrize(
    "rows, columns, cut",
    [
        (1000, 1, ""),
        (1001, 1, "The first 1,000 of 1,001 rows"),
        (3, 101, "The first 100 of 101 columns"),
        (1001, 50, "The first 400 of 1,001 rows"),
        (300, 101, "The first 200 of 300 rows and 100 of 101 columns"),
        (0, 1, ""),
        (0, 0, ""),
    ],
)
def test_it_is_cut_with_a_word_of_how_much_there_is(rows, columns, cut):
    table = pa.table({f"c{n}": list(range(rows)) for n in range(columns)})
    assert shown(table, None).cut == cut


def test_of_a_large_file_the_first_rows_are_read_and_it_isn_t_sorted(monkeypatch):
    monkeypatch.setattr(tables, "_MOST_SORTED", 10)
    file = stored(pa.table({"x": list(range(5000))}), row_group_size=1500)
    table = parquet_table(file, "-x")
    assert (table.cut, table.is_sortable) == ("The first 1,000 of 5,000 rows", False)
    assert texts(table)[0] == ["0"]
    assert not table.columns[0].order
    monkeypatch.setattr(tables, "_MOST_SORTED", 5000)
    file.seek(0)
    assert texts(parquet_table(file, "-x"))[0] == ["4999"]


def test_a_file_without_rows_is_a_table():
    assert parquet_table(stored(pa.table({"x": pa.array([], pa.int64())})), "x").rows == []


def test_text_that_isn_t_utf_8_costs_its_own_cell_alone():
    bad = pa.Array.from_buffers(
        pa.string(), 2, [None, pa.array([0, 1, 2], pa.int32()).buffers()[1], pa.py_buffer(b"a\xff")]
    )
    table = shown(pa.table({"x": bad}), "x")
    assert sorted(texts(table)) == [["(unreadable)"], ["a"]]


def test_times_that_python_has_none_for_are_said_to_be_unreadable():
    far = pa.array([2**62], pa.timestamp("s"))
    assert texts(shown(pa.table({"x": far}), None)) == [["(unreadable)"]]


def test_separated_values_have_the_types_that_they_look_like():
    table = csv_table(io.BytesIO(b'city,n\nUlm,10\n"a,b\nc",9\n'), "n", delimiter=",")
    assert [column.kind for column in table.columns] == ["string", "int64"]
    assert texts(table) == [["a,b c", "9"], ["Ulm", "10"]]
    assert texts(csv_table(io.BytesIO(b"a\tb\n1\t2\n"), None, delimiter="\t")) == [["1", "2"]]


def test_objects_are_rows_whichever_has_which_keys():
    assert texts(records_table([{"a": 1}, {"b": "x"}], None)) == [["1", "-"], ["-", "x"]]
    with pytest.raises(pa.ArrowException):
        records_table([{"a": 1}, {"a": "x"}], None)
