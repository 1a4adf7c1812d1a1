"""``hn-luigi status`` tells how every asset stands."""

from __future__ import annotations

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
        "top/stories_of_day",
        "top/wordcloud",
        "warning",
    ]
    row = said.row("top/stories")
    assert row[:5] == ["top/stories", "current", "3 min", "PASS", "30 min"]
    assert row[5:8] == ["2026-11-22 12:30", "2026-11-22 12:30", "2"]
    assert said.row("Asset") == [
        *("Asset", "State", "Age", "Freshness", "Limit"),
        *("Newest", "Window", "Rows", "Took", "Size"),
    ]


def test_in_a_new_window_tells_what_is_missing_and_what_was_made_before(made, clock, say):
    clock.advance(minutes=25)
    row = say("status").row("top/wordcloud")
    assert row[1:4] == ["missing", "25 min", "WARN"]
    assert row[5:7] == ["2026-11-22 12:30", "2026-11-22 12:50"]
    assert "WARN top/wordcloud: 25 min old, limit 30 min" in say("status").out


def test_tells_why_something_is_stale(made, settings, say):
    settings("cloud", height=120)
    said = say("status")
    assert said.row("top/wordcloud")[1] == "stale"
    assert "stale top/wordcloud: the setting cloud.height changed from 100 to 120" in said.lines


def test_tells_of_a_window_that_can_t_be_made_any_more(made, clock, say):
    said = say("status --as-of 2026-11-22T1200")
    row = said.row("top/stories")
    assert (row[1], row[6]) == ("missing", "2026-11-22 12:00")
    assert "missing top/stories: it can't be made any more" in said.lines


def test_latest_is_the_newest_window_whose_captures_are_stored(made, clock, say):
    clock.advance(hours=20)
    made = "2026-11-22 12:30"
    latest, now = (say(f"status {o}").row("top/wordcloud") for o in ("--as-of latest", ""))
    assert (latest[1], latest[5:7]) == ("current", [made, made])
    assert (now[1], now[5:7]) == ("missing", [made, "2026-11-23 08:30"])


def test_latest_is_the_present_window_for_a_feed_that_has_none(made, settings, say):
    settings("assets", watch="", feeds="top,new")
    said = say("status --as-of latest")
    assert said.row("top/wordcloud")[1] == "current"
    row = said.row("new/wordcloud")
    assert (row[1], row[5:7]) == ("missing", ["-", "2026-11-22 12:30"])


def test_tells_of_a_failure_until_it_is_made(failed, made, clock, say, succeed):
    (line,) = [line for line in say("status").lines if line.startswith("failed ")]
    told = "top/story_ids of 2026-11-22 12:40, at 2026-11-22 12:44 (attempt 3): "
    assert told in line
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
        broken.setattr(Wordcloud, "compute", lambda self, *inputs: 1 / 0)
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
    assert said.row("top/wordcloud")[1] == "missing"
    assert line in said.lines
    ids, _, _, page = say("status --json").json
    assert page["newest"]["warnings"] == {"has_ten_words": "3 words, fewer than 10"}
    assert ids["newest"]["warnings"] == {}


def test_what_checks_say_moves_no_cursor(made, say, monkeypatch, succeed, clock):
    clock.advance(minutes=10)
    monkeypatch.setattr(Wordcloud, "checks", (warn(Check(lambda page: "\x1b[2J\nx", name="x")),))
    succeed(Wordcloud())
    assert "warning top/wordcloud: x: \\x1b[2J x" in say("status").lines


def test_json_has_the_same_facts(failed, say, window):
    ids, stories, *_ = say("status --json").json
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


class TestOnATerminal:
    @pytest.fixture
    def twelve(self, made, settings):
        """Twelve assets, three of which are stored, and one of those can't be made."""
        settings("assets", watch="", feeds="top,new,best")

    @pytest.mark.parametrize(("width", "columns"), [(28, 2), (40, 3), (60, 5), (80, 6), (120, 10)])
    def test_twelve_assets_are_a_table_of_the_columns_that_fit(
        self, twelve, on_terminal, width, columns
    ):
        lines = on_terminal("status", width)
        at = next(n for n, line in enumerate(lines) if line.startswith("Asset"))
        head, *rows = lines[at : at + 13]
        assert head.split() == list(status._COLUMNS[:columns])
        assert [row.split()[0] for row in rows] == [
            f"{feed}/{name}"
            for feed in ("top", "new", "best")
            for name in ("story_ids", "stories", "stories_of_day", "wordcloud")
        ]
        assert {row.split()[1] for row in rows} == {"current", "missing"}
        assert all(len(line) <= width for line in lines)

    @pytest.mark.parametrize("width", [27, 60, 80, 200])
    def test_no_line_is_longer_than_it_is_wide(self, width, failed, on_terminal, clock):
        clock.advance(hours=30)
        lines = on_terminal("status", width)
        assert all(len(line) <= width for line in lines)
        assert "…" not in "".join(lines)

    def test_a_folder_that_fits_in_no_other_way_is_shortened_in_the_middle(self, made, on_terminal):
        short = [line.split() for line in on_terminal("status", 20) if "…" in line]
        assert short == [
            ["top/s…y_ids", "current"],
            ["top/s…f_day", "missing"],
            ["top/w…cloud", "current"],
        ]
        assert not [line for line in on_terminal("status", 27) if "…" in line]

    def test_a_pipe_has_all_of_it(self, twelve, say, monkeypatch):
        monkeypatch.setenv("COLUMNS", "40")
        assert say("status").row("Asset") == list(status._COLUMNS)


def test_following_shows_the_present_again_and_ends_with_ctrl_c(made, say, clock, monkeypatch):
    def sleep(seconds):
        if clock.at.minute >= 50:
            raise KeyboardInterrupt
        clock.advance(minutes=10)

    monkeypatch.setattr(status, "sleep", sleep)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    said = say("status --follow")
    assert said.code == 0
    for minute in (34, 44, 54):
        assert f"2026-11-22 12:{minute} UTC" in said.out
    assert "missing" in said.out
