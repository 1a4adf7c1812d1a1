"""The words of a month."""

from __future__ import annotations

import gc
import pickle
import re

import pytest

from hn_luigi.history.counting import Count, counts_schema
from hn_luigi.history.errors import UnknownColumns

from .months import month_file, open_month, put


def rows(table):
    return [tuple(row.values()) for row in table.to_pylist()]


def test_a_word_has_a_row_with_its_headlines_of_all_headlines_of_the_month(tmp_path):
    path = put(tmp_path, "2026-11", ["Rust in space", "rust", "Space probes", "42"])
    counts = Count(open_month)(month_file(path))
    assert counts.schema == counts_schema()
    november = month_file(path).month
    assert rows(counts)[:2] == [(november, "Rust", 2, 4), (november, "Space", 2, 4)]


def test_what_is_passed_over_counts_for_nothing(tmp_path):
    path = put(tmp_path, "2026-11", ["Show HN: Rust in space", "Ask HN: Rust or Zig?"])
    count = Count(open_month, {"stop_words": {"Zig"}, "ignore": re.compile("(Show|Ask) HN")})
    assert set(count(month_file(path))["word"].to_pylist()) == {"Rust", "space"}


def test_it_can_be_handed_to_another_process(tmp_path):
    file = month_file(put(tmp_path, "2026-11", ["Rust in space"]))
    count = Count(open_month, {"ignore": re.compile("x"), "stop_words": {"Zig"}})
    assert pickle.loads(pickle.dumps(count))(file).equals(count(file))


def test_a_month_without_a_headline_has_no_row(tmp_path):
    assert Count(open_month)(month_file(put(tmp_path, "2026-11", []))).num_rows == 0


def test_counting_leaves_nothing_that_only_the_collector_frees(tmp_path):
    """Which is paused meanwhile, in a process that counts a hundred months."""
    titles = [
        f"Climate change hits {place}, state-of-the-art" for place in ("Rome", "Oslo", "Bonn")
    ]
    file = month_file(put(tmp_path, "2026-11", titles))
    count = Count(open_month)
    count(file)  # what is imported, once
    gc.collect()
    gc.disable()
    try:
        assert "Climate change" in count(file)["word"].to_pylist()
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_the_collector_is_on_again_even_if_a_month_cant_be_read(tmp_path):
    path = tmp_path / "2026-11.parquet"
    path.write_bytes(b"not Parquet")
    with pytest.raises(UnknownColumns):
        Count(open_month)(month_file(path))
    assert gc.isenabled()
