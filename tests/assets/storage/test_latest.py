"""A folder of windows is a data set: what engines read as a table holds no window twice."""

from __future__ import annotations

import io
from datetime import datetime
from typing import ClassVar

import duckdb
import pandas as pd
import pyarrow.dataset
import pytest

from hn_luigi.assets import FORMATS, Asset, Format
from hn_luigi.assets.errors import FileUnavailable
from hn_luigi.assets.operations.verify import verify_outputs
from hn_luigi.assets.staleness.evaluate import State
from hn_luigi.assets.storage import open_store

FIRST, LAST = "2026-11-22T1230Z", "2026-11-22T1240Z"
TABLES = [".parquet", ".csv", ".jsonl", ".csv.gz"]
OURS = "_latest/sales/latest{}"
OLDER = "sales/latest{}"


def to_csv(frame):
    return frame.to_csv(index=False).encode()


def from_csv(data):
    return pd.read_csv(io.BytesIO(data), parse_dates=["at"])


@pytest.fixture(params=["folder", "memory", "moto"])
def store(request, enter):
    return open_store(enter(request.param).root)


@pytest.fixture
def folder(enter):
    return open_store(enter("folder").root)


@pytest.fixture
def sales(monkeypatch, clock):
    """Makes an asset whose outputs are tables of one row, by suffix; ``made`` tells which."""
    for suffix in TABLES[1:]:
        monkeypatch.setitem(FORMATS, suffix, Format(to_csv, from_csv))

    def make(ending, *, captures=False):
        class Sales(Asset):
            suffix = ending
            keeps_latest = True
            capture = captures
            made: ClassVar = []

            def compute(self):
                type(self).made.append(self.as_of)
                return pd.DataFrame({"at": [self.as_of], "sold": [len(type(self).made)]})

        return Sales

    return make


@pytest.fixture
def two_windows(sales, succeed, clock):
    """Makes two windows of such an asset."""

    def make(suffix, **kind):
        found = sales(suffix, **kind)
        succeed(found())
        clock.advance(minutes=10)
        succeed(found())
        found.made.clear()
        return found

    return make


@pytest.fixture
def as_before(two_windows):
    """Makes two windows as an older hn_luigi has left them, in a store."""

    def make(store, suffix=".parquet", **kind):
        found = two_windows(suffix, **kind)
        store.write(OLDER.format(suffix), store.read(OURS.format(suffix)))
        store.remove(OURS.format(suffix))
        return found

    return make


@pytest.mark.parametrize("suffix", TABLES)
def test_a_table_s_latest_lies_apart(store, two_windows, suffix):
    sales = two_windows(suffix)
    assert sorted(store.names("sales")) == [FIRST + suffix, LAST + suffix]
    assert store.read(OURS.format(suffix)) == store.read(f"sales/{LAST}{suffix}")
    assert sales().latest().path == store.path(OURS.format(suffix))
    assert sales().complete()
    assert verify_outputs([sales()]).problems == ()


def test_what_is_no_table_keeps_it_beside_the_windows(store, succeed, clock):
    class Note(Asset):
        suffix = ".md"
        keeps_latest = True

        def compute(self):
            return "a note"

    succeed(Note())
    assert sorted(store.names("note")) == [f"{FIRST}.md", "latest.md"]
    assert Note().latest().path == store.path("note/latest.md")


def counts(rows):
    return sorted(pd.to_datetime(rows).tolist())


def test_every_engine_counts_each_window_once(folder, two_windows):
    """Spark passes over names that begin with _ or a dot, as pyarrow does where told nothing."""
    two_windows(".parquet")
    root, once = folder.root, [datetime(2026, 11, 22, 12, 30), datetime(2026, 11, 22, 12, 40)]
    assert counts(pd.read_parquet(f"{root}/sales")["at"]) == once
    assert counts(duckdb.sql(f"from '{root}/sales/*.parquet'").df()["at"]) == once
    assert counts(duckdb.sql(f"from '{root}/sales/**/*.parquet'").df()["at"]) == once
    for place in (root, f"{root}/sales"):
        table = pyarrow.dataset.dataset(place, format="parquet").to_table()
        assert counts(table["at"].to_pandas()) == once


def test_every_engine_counts_each_window_of_somebody_s_own_format_once(folder, two_windows):
    two_windows(".csv")
    once = [datetime(2026, 11, 22, 12, 30), datetime(2026, 11, 22, 12, 40)]
    assert counts(duckdb.sql(f"from '{folder.root}/sales/*.csv'").df()["at"]) == once
    table = pyarrow.dataset.dataset(f"{folder.root}/sales", format="csv").to_table()
    assert counts(table["at"].to_pandas()) == once


class TestAnOlderRoot:
    @pytest.mark.parametrize("captures", [False, True])
    def test_has_its_copy_moved_and_nothing_made(self, store, as_before, succeed, captures, clock):
        """A capture's window is over by then, so that nothing could be made."""
        sales = as_before(store, captures=captures)
        task = sales()
        clock.advance(hours=5)
        before = store.read(f"sales/{LAST}.parquet"), task.partition.record().created_at
        assert task.staleness().needs_only_latest
        assert "the next run moves it" in verify_outputs([task]).problems[0].problem
        succeed(task)
        assert sales.made == []
        assert sorted(store.names("sales")) == [f"{FIRST}.parquet", f"{LAST}.parquet"]
        assert store.read(OURS.format(".parquet")) == before[0]
        assert (store.read(f"sales/{LAST}.parquet"), task.partition.record().created_at) == before
        assert task.complete()
        assert verify_outputs([task]).problems == ()

    def test_has_it_moved_by_the_next_window_too(self, store, as_before, succeed, clock):
        sales = as_before(store)
        clock.advance(minutes=10)
        succeed(sales())
        assert sorted(store.names("_latest/sales")) == ["latest.parquet"]
        assert "latest.parquet" not in store.names("sales")

    @pytest.mark.parametrize(
        ("method", "left"), [("write", [OLDER]), ("remove", [OURS, OLDER])], ids=["new", "old"]
    )
    def test_has_one_copy_at_least_if_the_run_dies(
        self, store, as_before, build, succeed, monkeypatch, method, left
    ):
        """Before the new one is there, or before the old one is gone."""
        task = as_before(store)()

        def die(self, *keys):
            raise FileUnavailable("the machine is gone")

        with monkeypatch.context() as patch:
            patch.setattr(type(store), method, die)
            build(task)
        there = [key for key in (OURS, OLDER) if store.stat(key.format(".parquet"))]
        assert there == left
        assert not task.complete()
        succeed(task)
        assert type(task).made == []
        assert not store.stat(OLDER.format(".parquet"))
        assert store.stat(OURS.format(".parquet"))
        assert task.complete()

    def test_s_latest_never_goes_back(self, store, as_before, succeed, clock):
        """Its window's output is gone: the copy is the only one of it."""
        sales = as_before(store)
        first = sales(as_of=datetime(2026, 11, 22, 12, 30))
        store.remove(f"sales/{LAST}.parquet")
        data = store.read(OLDER.format(".parquet"))
        assert first.complete()
        store.remove(first.partition.record_key)
        succeed(first)
        assert store.read(OLDER.format(".parquet")) == data
        assert not store.stat(OURS.format(".parquet"))

    def test_that_an_older_hn_luigi_has_gone_on_with_is_put_right(self, store, as_before, succeed):
        sales = as_before(store)
        succeed(sales())
        store.write(OLDER.format(".parquet"), store.read(f"sales/{LAST}.parquet"))
        assert sales().staleness().state is State.STALE
        succeed(sales())
        assert sorted(store.names("sales")) == [f"{FIRST}.parquet", f"{LAST}.parquet"]
