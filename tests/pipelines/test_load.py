"""Rows in a database, with a receipt for each window."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

from hn_luigi.assets.operations import invalidate_asset


@pytest.fixture
def rows(folder):
    """The rows in the database."""

    def rows():
        with closing(sqlite3.connect(folder / "measured.db")) as database:
            return database.execute("SELECT * FROM measured ORDER BY rowid").fetchall()

    return rows


@pytest.fixture
def load(pipeline, folder, days, made):
    """The pipeline, after two days of two numbers."""
    load = pipeline("load")
    for day in (20, 21):
        days(day)
        (folder / "sensor.json").write_text(json.dumps([day, day]))
        assert made(load.Loaded()) == ["Measured", "Loaded"]
    return load


def test_each_window_is_in_the_database_once_however_often_it_is_loaded(load, rows, made, value):
    expected = [("2026-11-20", 20)] * 2 + [("2026-11-21", 21)] * 2
    assert rows() == expected
    assert made(load.Loaded()) == []
    invalidate_asset(load.Loaded())
    assert made(load.Loaded()) == ["Loaded"]
    assert rows() == expected
    assert value(load.Loaded()) == {"day": "2026-11-21", "rows": 2}


def test_a_load_that_fails_leaves_the_rows_and_the_receipt_as_they_were(
    load, pipeline, rows, failed, made, value
):
    before = rows()
    load = pipeline("load", {"rows = [(day, number)": "rows = [(day, number // 0)"})
    assert "ZeroDivisionError" in failed(load.Loaded())
    assert rows() == before
    assert value(load.Loaded())["rows"] == 2
    load = pipeline("load", {"number // 0": "number + 1"})
    assert made(load.Loaded()) == ["Loaded"]
    assert rows() == before[:2] + [("2026-11-21", 22)] * 2
