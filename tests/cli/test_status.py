"""``hn-luigi status`` tells how every asset stands."""

from __future__ import annotations

import re

import pytest

from hn_luigi import Wordcloud
from hn_luigi.assets import Check, warn
from hn_luigi.cli import status
from hn_luigi.replica import Faults


def test_tells_state_window_age_rows_and_lag_of_each_asset(made, clock, say):
    clock.advance(minutes=3)
    said = say("status")
    assert said.code == 0
    assert [line.split()[0] for line in said.lines[2:]] == [
        "top/story_ids",
        "top/stories",
        "top/wordcloud",
        "warning",
    ]
    row = said.row("top/stories")
    assert row[:6] == ["top/stories", "12:30", "current", "12:30", "3 min", "2"]
    assert row[-2:] == ["PASS", "30 min"]
    assert said.row("Asset") == [
        *("Asset", "Window", "State", "Newest", "Age", "Rows", "Took", "Size"),
        *("Freshness", "Limit"),
    ]


def test_in_a_new_window_tells_what_is_missing_and_what_was_made_before(made, clock, say):
    clock.advance(minutes=25)
    row = say("status").row("top/wordcloud")
    assert row[1:5] == ["12:50", "missing", "12:30", "25 min"]
    assert row[-2] == "WARN"
    assert "WARN top/wordcloud: 25 min old, limit 30 min" in say("status").out


def test_tells_why_something_is_stale(made, settings, say):
    settings("cloud", height=120)
    said = say("status")
    assert said.row("top/wordcloud")[2] == "stale"
    assert "stale top/wordcloud: the setting cloud.height changed from 100 to 120" in said.lines


def test_tells_of_a_window_that_can_t_be_made_any_more(made, clock, say):
    said = say("status --as-of 2026-11-22T1200")
    assert said.row("top/stories")[1:3] == ["12:00", "missing"]
    assert "missing top/stories: it can't be made any more" in said.lines


def test_latest_is_the_newest_window_whose_captures_are_stored(made, clock, say):
    clock.advance(hours=20)
    latest = say("status --as-of latest").row("top/wordcloud")
    assert latest[1:4] == ["11-22 12:30", "current", "11-22 12:30"]
    assert say("status").row("top/wordcloud")[1:4] == ["08:30", "missing", "11-22 12:30"]


def test_latest_is_the_present_window_for_a_feed_that_has_none(made, settings, say):
    settings("assets", feeds="top,new")
    said = say("status --as-of latest")
    assert said.row("top/wordcloud")[2] == "current"
    assert said.row("new/wordcloud")[1:4] == ["12:30", "missing", "-"]


def test_tells_of_a_failure_until_it_is_made(failed, made, clock, say, succeed):
    (line,) = [line for line in say("status").lines if line.startswith("failed ")]
    assert "top/story_ids of 2026-11-22T1240Z at 2026-11-22 12:44:56 (attempt 3)" in line
    assert "Unavailable: can't read" in line
    made.faults = Faults()
    clock.advance(minutes=1)
    succeed(Wordcloud())
    assert "failed" not in say("status").out


def test_a_failure_of_an_old_window_is_over_once_that_window_is_made(
    made, clock, settings, build, succeed, monkeypatch, say
):
    old = Wordcloud()
    clock.advance(minutes=10)
    succeed(Wordcloud())
    clock.advance(minutes=10)
    settings("cloud", height=120)
    with monkeypatch.context() as broken:
        broken.setattr(Wordcloud, "compute", lambda self, stories: 1 / 0)
        build(old)
    assert "ZeroDivisionError" in say("status").out
    clock.advance(minutes=1)
    succeed(old)
    assert "ZeroDivisionError" not in say("status").out


def test_tells_what_checks_warn_of_in_the_newest_window(made, say, clock):
    line = "warning top/wordcloud: has_ten_words: 3 words, fewer than 10"
    assert line in say("status").lines
    clock.advance(minutes=10)
    said = say("status")
    assert said.row("top/wordcloud")[1:3] == ["12:40", "missing"]
    assert line in said.lines
    ids, _, page = say("status --json").json
    assert page["newest"]["warnings"] == {"has_ten_words": "3 words, fewer than 10"}
    assert ids["newest"]["warnings"] == {}


def test_what_checks_say_moves_no_cursor(made, say, monkeypatch, succeed, clock):
    clock.advance(minutes=10)
    monkeypatch.setattr(Wordcloud, "checks", (warn(Check(lambda page: "\x1b[2J\nx", name="x")),))
    succeed(Wordcloud())
    assert "warning top/wordcloud: x: \\x1b[2J x" in say("status").lines


def test_json_has_the_same_facts(failed, say, window):
    ids, stories, _ = say("status --json").json
    assert ids["failure"]["failed_at"] == "2026-11-22T12:44:56.000Z"
    assert stories["failure"] is None
    newest = stories.pop("newest")
    assert newest.pop("duration_seconds") >= 0
    assert newest.pop("size_bytes") > 0
    assert newest == {
        "window": window,
        "created_at": "2026-11-22T12:34:56.000Z",
        "data_time": "2026-11-22T12:34:56.000Z",
        "rows": 2,
        "warnings": {},
    }
    del stories["failure"]
    assert stories == {
        "asset": "top/stories",
        "name": "Stories",
        "window": "2026-11-22T1240Z",
        "state": "missing",
        "reasons": ["its output is missing"],
        "causes": [{"category": "missing", "reason": "its output is missing"}],
        "lost": False,
        "kept": "",
        "freshness": "PASS",
        "lag_seconds": 600.0,
        "maximum_lag_seconds": 1800.0,
        "warn_after_seconds": 1200.0,
        "lag_reason": "",
        "line": "PASS top/stories: 10 min old, limit 30 min",
    }


@pytest.mark.slow
@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_nothing_is_cut_off_on_a_terminal(width, failed, say, clock, monkeypatch):
    clock.advance(hours=30)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", str(width))
    said = re.sub(r"\x1b\[[0-9;]*m", "", say("status").out)
    assert "…" not in said
    assert all(len(line) <= width for line in said.splitlines())
    if width >= 120:
        assert "1 d 7 h" in said


@pytest.mark.slow
@pytest.mark.parametrize("width", [40, 60, 80])
def test_where_rows_don_t_fit_no_word_is_broken(width, failed, say, clock, monkeypatch):
    clock.advance(hours=30)
    wide = say("status").out
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", str(width))
    narrow = re.sub(r"\x1b\[[0-9;]*m", "", say("status").out)
    rows = wide.partition("\n\n")[2].partition("\n\n")[0]
    told = re.sub("[,:](?=[ \n])", "", narrow)
    assert set(rows.split()) - {"Asset"} <= set(told.split())


def test_watching_shows_the_present_again_and_ends_with_ctrl_c(made, say, clock, monkeypatch):
    def sleep(seconds):
        if clock.at.minute >= 50:
            raise KeyboardInterrupt
        clock.advance(minutes=10)

    monkeypatch.setattr(status, "sleep", sleep)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    said = say("status --watch")
    assert said.code == 0
    for minute in (34, 44, 54):
        assert f"2026-11-22 12:{minute} UTC" in said.out
    assert "12:50" in said.out
