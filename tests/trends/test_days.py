"""A day's table has the names and types of the public archive, whatever its windows held."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest

from hn_luigi.assets import PARQUET_ZSTD, formats
from hn_luigi.hackernews import to_frame
from hn_luigi.trends.days import SCHEMA, latest_of_each, stories_of_day

NOON = datetime(2026, 11, 22, 12)
LATER = datetime(2026, 11, 22, 12, 10)
STORY = {"id": 7, "type": "story", "title": "Rust", "url": "https://a.example/", "by": "ann"}


def window(*items, at=NOON):
    frame, _ = to_frame(items, as_of=at)
    return frame


def day_of(*windows):
    return stories_of_day(windows, feed="top")


@pytest.fixture
def archive(tmp_path):
    """A day as a file that DuckDB reads."""

    def store(*windows):
        path = tmp_path / "day.parquet"
        path.write_bytes(formats.encode(".parquet", day_of(*windows), what="day", own=PARQUET_ZSTD))
        return path

    return store


NO_WINDOWS = ()
ONE = (window(STORY | {"score": 3, "descendants": 1, "time": 1}),)
NOTHING_KNOWN = (window({"id": 7, "title": "Rust"}),)
EMPTY = (window(), window(STORY, at=LATER))


@pytest.mark.parametrize("windows", [NO_WINDOWS, ONE, NOTHING_KNOWN, EMPTY])
def test_the_types_are_the_archive_s_whatever_there_is(windows, archive):
    day = day_of(*windows)
    assert day.dtypes.astype(str).to_dict() == SCHEMA
    told = duckdb.sql(f"DESCRIBE SELECT * FROM '{archive(*windows)}'").fetchall()
    assert {name: kind for name, kind, *_ in told} == {
        "id": "UINTEGER",
        "type": "TINYINT",
        "by": "VARCHAR",
        "time": "TIMESTAMP WITH TIME ZONE",
        "url": "VARCHAR",
        "score": "INTEGER",
        "title": "VARCHAR",
        "descendants": "INTEGER",
        "rank": "SMALLINT",
        "feed": "VARCHAR",
        "as_of": "TIMESTAMP WITH TIME ZONE",
    }


def test_it_joins_with_the_archive_by_id_and_type(archive, tmp_path):
    theirs = tmp_path / "archive.parquet"
    pd.DataFrame({"id": [7, 8], "type": [1, 1], "text": ["of 7", "of 8"]}).astype(
        {"id": "uint32", "type": "int8"}
    ).to_parquet(theirs)
    day = archive(window(STORY, {"id": 8, "type": "job", "title": "Hiring"}))
    joined = duckdb.sql(f"SELECT title, text FROM '{day}' JOIN '{theirs}' USING (id, type)")
    assert joined.fetchall() == [("Rust", "of 7")]


def test_rows_are_sorted_by_story_and_time_in_whatever_order_windows_come():
    early, late = window(STORY | {"id": 8}, STORY), window(STORY, STORY | {"id": 8}, at=LATER)
    day = day_of(late, early)
    assert list(zip(day["id"], day["as_of"].dt.minute, day["rank"], strict=True)) == [
        (7, 0, 2),
        (7, 10, 1),
        (8, 0, 1),
        (8, 10, 2),
    ]
    assert set(day["feed"]) == {"top"}


@pytest.mark.parametrize(
    ("kind", "number"), [("story", 1), ("poll", 3), ("job", 5), ("nosuch", None), (None, 1)]
)
def test_kinds_are_the_archive_s_numbers_and_null_where_it_has_none(kind, number):
    (found,) = day_of(window(STORY | {"type": kind}))["type"]
    assert found is pd.NA if number is None else found == number


@pytest.mark.parametrize("url", ["", None])
def test_no_url_is_null(url):
    stories = window(STORY)
    stories["url"] = pd.array([url], "string")
    assert day_of(stories)["url"].isna().all()


def test_a_story_that_a_window_has_twice_is_there_once_at_its_better_rank():
    day = day_of(window(STORY, STORY | {"id": 8}, STORY | {"title": "Rust!"}))
    assert list(zip(day["id"], day["rank"], strict=True)) == [(7, 1), (8, 2)]


class TestANumberThatDoesNotFit:
    @pytest.mark.parametrize("number", [2**32, 2**32 + 7, -1])
    def test_is_no_id_of_another_story(self, number):
        with pytest.raises(ValueError, match=rf"the id {number} doesn't fit into uint32"):
            day_of(window(STORY), window(STORY | {"id": number}))

    def test_is_no_other_rank(self):
        stories = window(STORY)
        stories["rank"] = 2**15
        with pytest.raises(ValueError, match="the rank 32768 doesn't fit into int16"):
            day_of(stories)

    @pytest.mark.parametrize("name", ["score", "descendants"])
    def test_is_an_unknown_count_and_others_stay(self, name):
        counts = [2**31 - 1, 2**31, 2**33 - 1, 0, None]
        day = day_of(window(*[STORY | {"id": n, name: count} for n, count in enumerate(counts)]))
        assert day[name].to_list() == [2**31 - 1, pd.NA, pd.NA, 0, pd.NA]

    def test_is_none_at_the_limits(self):
        day = day_of(window(STORY | {"id": 2**32 - 1}, STORY | {"id": 0}))
        assert list(day["id"]) == [0, 2**32 - 1]


def test_a_title_of_a_megabyte_is_stored_once(archive):
    title = "x" * 1_000_000
    windows = [
        window(STORY | {"title": title}, at=NOON.replace(hour=hour, minute=minute))
        for hour in range(4)
        for minute in range(0, 60, 10)
    ]
    path = archive(*windows)
    assert path.stat().st_size < 100_000
    back = formats.decode(".parquet", path.read_bytes(), what="day")
    assert set(back["title"]) == {title}
    assert len(back) == 24


def test_it_is_compressed_by_zstd(archive):
    file = pq.ParquetFile(io.BytesIO(archive(*ONE).read_bytes()))
    columns = [file.metadata.row_group(0).column(n) for n in range(len(SCHEMA))]
    assert {column.compression for column in columns} == {"ZSTD"}


def test_the_latest_of_each_story_is_as_it_was_last_seen():
    day = day_of(
        window(STORY | {"score": 1}, STORY | {"id": 8}), window(STORY | {"score": 5}, at=LATER)
    )
    latest = latest_of_each(day)
    assert list(zip(latest["id"], latest["score"], strict=True)) == [(7, 5), (8, pd.NA)]
    assert list(latest["as_of"]) == [LATER.replace(tzinfo=UTC), NOON.replace(tzinfo=UTC)]
