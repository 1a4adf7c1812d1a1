"""The words of a month."""

from __future__ import annotations

import pickle
import re

from hn_luigi.history.counting import Count, counts_schema

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
