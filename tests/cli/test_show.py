"""How times, sizes and strangers' text look."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from hn_luigi.cli import show


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (59.5, "1 min"),
        (180, "3 min"),
        (1800, "30 min"),
        (1800.1, "31 min"),
        (3600, "1 h"),
        (7500, "2 h 5 min"),
        (86400, "1 d"),
        (3 * 86400 + 4 * 3600, "3 d 4 h"),
        (-180, "-3 min"),
    ],
)
def test_an_age_is_in_units_a_person_counts_in_and_past_a_limit_looks_past_it(seconds, shown):
    assert show.age(timedelta(seconds=seconds)) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.0404, "40 ms"),
        (1.26, "1.2 s"),
        (9.99, "9.9 s"),
        (14.7, "14 s"),
        (65, "1 min 5 s"),
        (7500, "2 h 5 min"),
        (float("nan"), "-"),
        (float("inf"), "-"),
        (-1, "-"),
        (10**400, "-"),
    ],
)
def test_a_duration_is_short_and_nonsense_is_not_shown(seconds, shown):
    assert show.duration(seconds) == shown


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (5432, "5.4 kB"),
        (9960, "10 kB"),
        (81_600, "82 kB"),
        (999_600, "1.0 MB"),
        (1_200_000, "1.2 MB"),
        (-1, "-"),
        (10**400, "-"),
    ],
)
def test_a_size_has_two_or_three_digits_and_a_unit(count, shown):
    assert show.size(count) == shown


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (datetime(2026, 11, 22, 12, 30), "12:30"),
        (datetime(2026, 11, 21, 12, 30), "11-21 12:30"),
        (datetime(2025, 11, 22, 12, 30), "2025-11-22 12:30"),
    ],
)
def test_a_time_is_as_long_as_it_must_be(moment, shown, clock):
    assert show.clock(moment) == shown


def test_a_stranger_s_text_is_one_harmless_line():
    assert show.plain("a\n\tb \x1b[2J\u202e\ud800 [red]x[/red] é") == (
        "a b \\x1b[2J\\u202e\\ud800 [red]x[/red] é"
    )


def test_what_a_step_reported_is_told_in_words_whatever_it_is():
    told = show.facts({"rows": 9, "skipped": {"dead": 2, "null": 1}, "x": {}, "y": [1, None]})
    assert told == "rows 9, skipped dead 2 and null 1, x none, y [1, null]"


@pytest.mark.parametrize("width", [40, 80, 200])
def test_on_a_terminal_long_lines_are_folded_and_nothing_is_cut_off(width, capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", str(width))
    show.show(show.styled("FAIL", " " + "x" * 300))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("\x1b[1;31mFAIL\x1b[0m")
    assert "".join(lines).count("x") == 300
    assert all(line.count("x") <= width for line in lines)


def test_in_a_pipe_a_line_stays_a_line_without_colour(capsys):
    show.show(show.styled("FAIL", " [red]" + "x " * 300))
    assert capsys.readouterr().out == "FAIL [red]" + ("x " * 300).rstrip() + "\n"


def test_json_is_ascii_and_has_null_for_what_is_no_number(capsys):
    show.show_json([{"a": float("nan"), "b": (1.5, "\x1bé")}])
    out = capsys.readouterr().out
    assert out.isascii()
    assert json.loads(out) == [{"a": None, "b": [1.5, "\x1bé"]}]
