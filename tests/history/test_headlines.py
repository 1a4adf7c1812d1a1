"""The headlines of a month's file."""

from __future__ import annotations

import errno
import io
import random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hn_luigi.history.errors import UnknownColumns
from hn_luigi.history.headlines import headlines_of

from .months import COMMENT, JOB, POLL, POLLOPT, item, month_file, open_month, put, table


@pytest.fixture
def headlines(tmp_path):
    """The headlines of a month that holds those items."""

    def read(content):
        return headlines_of(month_file(put(tmp_path, "2026-11", content)), open_month)

    return read


def test_they_are_the_titles_of_stories_in_their_order(headlines):
    others = [item("No story", type=kind) for kind in (COMMENT, POLL, POLLOPT, JOB)]
    assert headlines(table(item("Rust in space"), *others, item("Ask HN: Why?"))) == [
        "Rust in space",
        "Ask HN: Why?",
    ]


def test_dead_deleted_and_untitled_stories_are_left_out(headlines):
    gone = [item("Dead", dead=1), item("Deleted", deleted=1), item(""), item(" \u200b")]
    assert headlines(table(*gone, item("Alive"))) == ["Alive"]


def test_html_entities_are_resolved_as_those_of_the_api_are(headlines):
    assert headlines(["AT&amp;T&#x27;s plan", "R&D"]) == ["AT&T's plan", "R&D"]


def test_missing_marks_and_titles_may_be_null_and_kinds_of_integers_and_strings_differ(headlines):
    content = table(
        item("One", deleted=None, dead=None),
        item(None),
        item("Two", dead=0),
        item("Three", dead=1),
        type=pa.uint32(),
        dead=pa.bool_(),
        deleted=pa.int64(),
        title=pa.large_string(),
    )
    assert headlines(content) == ["One", "Two"]


def test_no_more_is_read_than_the_columns_that_are_needed(tmp_path):
    bodies = pa.array([random.Random(n).randbytes(5_000) for n in range(200)])
    path = put(
        tmp_path, "2026-11", table(*map(item, map(str, range(200)))).append_column("b", bodies)
    )
    read = []

    class Counted(io.FileIO):
        def read(self, size=-1):
            part = super().read(size)
            read.append(len(part))
            return part

    headlines = headlines_of(month_file(path), lambda file: Counted(file.path))
    assert headlines == [*map(str, range(200))]
    assert 0 < sum(read) < path.stat().st_size / 9


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (table(item("A")).drop_columns("dead"), "its column dead isn't there"),
        (
            table(item("A")).set_column(3, "type", pa.array(["story"])),
            "its column type holds string; it has to hold integers, 1 for a story",
        ),
        (
            table(item("A")).drop_columns("title").append_column("title", pa.array([["A"]])),
            "its column title holds list",
        ),
    ],
    ids=["missing", "names of types", "lists"],
)
def test_another_layout_is_refused_with_the_file_what_was_expected_and_a_remedy(
    tmp_path, content, said
):
    path = put(tmp_path, "2026-11", content)
    with pytest.raises(UnknownColumns) as refused:
        headlines_of(month_file(path), open_month)
    message = str(refused.value)
    assert message.startswith(f"{path}: {said}")
    assert message.endswith("set [history] source to one that is laid out like it")
    assert "\n" not in message


@pytest.mark.parametrize("kept", [0, 3, 400])
def test_what_is_no_parquet_or_cut_off_is_refused_in_a_line(tmp_path, kept):
    path = put(tmp_path, "2026-11", ["Rust in space"] * 9)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(UnknownColumns, match="fetch it again") as refused:
        headlines_of(month_file(path), open_month)
    assert str(refused.value).startswith(str(path))
    assert "\n" not in str(refused.value)


def test_titles_that_are_no_utf_8_are_refused_in_a_line(tmp_path):
    content = table(*map(item, ["Rust in space"] * 9))
    titles = pa.array([b"\xff\xfe Rust"] * 9).view(pa.string())
    place = content.schema.get_field_index("title")
    path = put(tmp_path, "2026-11", content.set_column(place, "title", titles))
    with pytest.raises(UnknownColumns, match="utf-8.*fetch it again") as refused:
        headlines_of(month_file(path), open_month)
    assert str(refused.value).startswith(str(path))


def test_a_damaged_column_is_refused_in_a_line(tmp_path):
    path = put(tmp_path, "2026-11", [f"Headline {n}" for n in range(5_000)])
    column = pq.ParquetFile(path).metadata.row_group(0)
    titles = column.column(column.num_columns - 1)
    data = bytearray(path.read_bytes())
    begin = titles.dictionary_page_offset or titles.data_page_offset
    data[begin + 40 : begin + 400] = bytes(360)
    path.write_bytes(data)
    with pytest.raises(UnknownColumns, match="fetch it again") as refused:
        headlines_of(month_file(path), open_month)
    assert "\n" not in str(refused.value)


def test_a_disk_that_fails_isn_t_taken_for_a_bad_file(tmp_path):
    class Failing(io.FileIO):
        def read(self, size=-1):
            raise OSError(errno.EIO, "Input/output error")

    path = put(tmp_path, "2026-11", ["Rust"])
    with pytest.raises(OSError, match="Input/output error"):
        headlines_of(month_file(path), lambda file: Failing(file.path))
