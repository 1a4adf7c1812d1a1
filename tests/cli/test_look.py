"""status, explain, history and freshness: what they tell of a root, which they never change."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import luigi
import pytest

import hn_luigi
from hn_luigi import Stories, StoryIds, Wordcloud
from hn_luigi.assets import Asset, Freshness
from hn_luigi.assets.freshness import Lag
from hn_luigi.assets.plan import steps_to
from hn_luigi.cli import explanation, lateness, look, main, show
from hn_luigi.replica import Faults, FrontPage

ITEMS = [
    {"id": 1, "type": "story", "title": "Rust in space", "url": "https://a.example/", "score": 9},
    {"id": 2, "type": "story", "title": "Ask HN: Rust or Go?", "score": 5},
]
WINDOW = "2026-11-22T1230Z"
COMMANDS = ("status", "explain Wordcloud", "history Wordcloud", "freshness")


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def lines(self):
        return [line for line in self.out.splitlines() if line]

    @property
    def json(self):
        return json.loads(self.out)

    def row(self, start):
        """The cells of the line that begins with ``start``."""
        (line,) = [line for line in self.lines if line.startswith(start + " ")]
        return re.split(r"\s{2,}", line)


@pytest.fixture
def say(capsys):
    """Runs ``hn-luigi`` with the words of a line."""

    def run(line):
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(line.split())
        out, err = capsys.readouterr()
        return Said(ended.value.code or 0, out, err)

    return run


@pytest.fixture
def small(replica, settings, clock):
    replica.front_page = FrontPage({item["id"]: item for item in ITEMS})
    settings("cloud", width=200, height=100)
    return replica


@pytest.fixture
def made(small, succeed):
    """The whole graph is made for 12:30."""
    succeed(Wordcloud())
    return small


@pytest.fixture
def failed(made, clock, build):
    """After that, at 12:44, everything failed."""
    clock.advance(minutes=10)
    made.faults = Faults(rate=1, kinds=("5xx",))
    build(Wordcloud())


def record_of(root, asset, window=WINDOW):
    return root / f"_records/top/{asset}/{window}.json"


def snapshot(root):
    return {
        path: (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else None)
        for path in root.rglob("*")
    }


class TestAllCommands:
    @pytest.mark.parametrize("json_flag", ["", " --json"])
    @pytest.mark.parametrize("command", COMMANDS)
    def test_only_look(self, command, json_flag, failed, say, root, settings):
        record_of(root, "stories").write_text("{")
        (root / f"top/story_ids/{WINDOW}.json").unlink()
        settings("cloud", height=120)
        before = snapshot(root)
        assert say(command + json_flag).err == ""
        assert snapshot(root) == before

    @pytest.mark.parametrize("command", COMMANDS)
    def test_create_nothing_where_nothing_is(self, command, say, root, clock):
        assert say(command).out
        assert not root.exists()

    @pytest.mark.parametrize("command", COMMANDS)
    def test_have_a_help_with_an_example(self, command, say):
        said = say(f"{command.split()[0]} --help")
        assert said.code == 0
        assert re.search(rf"Examples?[^\n]*:\n.*hn-luigi {command.split()[0]}", said.out)

    def test_run_as_a_module_too(self, root):
        command = [sys.executable, "-m", "hn_luigi.cli", "--storage-root", str(root), "freshness"]
        found = subprocess.run(
            command,
            capture_output=True,
            text=True,
            cwd=root.parent,
            env={**os.environ, "PYTHONPATH": str(Path(hn_luigi.__file__).parents[1])},
        )
        assert (found.returncode, found.stderr) == (3, "")
        assert found.stdout.startswith("UNKNOWN top/story_ids: ")

    @pytest.mark.parametrize("command", COMMANDS)
    def test_end_with_one_line_if_the_root_can_t_be_read(self, command, say, root, clock):
        root.symlink_to(root)
        said = say(command)
        assert (said.code, said.out) == (2, "")
        assert re.fullmatch(r"hn-luigi: can't (read|list) [^\n]+\n", said.err)

    @pytest.mark.parametrize("command", COMMANDS)
    def test_end_with_one_line_if_a_setting_is_bad(self, command, say, settings):
        settings("assets", window_minutes=0)
        said = say(command)
        assert (said.code, said.out) == (2, "")
        assert re.fullmatch(r"hn-luigi: [^\n]*window_minutes[^\n]*\n", said.err)

    @pytest.mark.parametrize(
        ("line", "told"),
        [
            ("explain Nothing", "choose from StoryIds, Stories, Wordcloud"),
            ("history Wordcloud --feed nosuch", "'top', 'new'"),
            ("status --as-of 2026-11-22T1250", "in the future"),
            ("explain Wordcloud --as-of latest", "is stored under"),
            ("history Wordcloud -n 0", "range"),
            ("status --watch --json", "leave out"),
            ("status --watch", "needs a terminal"),
            ("status --nosuch", "--nosuch"),
            ("explain", "ASSET"),
        ],
    )
    def test_end_with_one_line_if_misused(self, line, told, say, clock):
        said = say(line)
        assert (said.code, said.out) == (2, "")
        assert said.err.startswith("hn-luigi: ")
        assert told in said.err
        assert said.err.count("\n") == 1


class TestStatus:
    def test_tells_state_window_age_rows_and_lag_of_each_asset(self, made, clock, say):
        clock.advance(minutes=3)
        said = say("status")
        assert said.code == 0
        assert [line.split()[0] for line in said.lines[2:]] == [
            "top/story_ids",
            "top/stories",
            "top/wordcloud",
        ]
        row = said.row("top/stories")
        assert row[:6] == ["top/stories", "12:30", "current", "12:30", "3 min", "2"]
        assert row[-2:] == ["PASS", "30 min"]

    def test_in_a_new_window_tells_what_is_missing_and_what_was_made_before(self, made, clock, say):
        clock.advance(minutes=25)
        row = say("status").row("top/wordcloud")
        assert row[1:5] == ["12:50", "missing", "12:30", "25 min"]
        assert row[-2] == "WARN"
        assert "WARN top/wordcloud: 25 min old, limit 30 min" in say("status").out

    def test_tells_why_something_is_stale(self, made, settings, say):
        settings("cloud", height=120)
        said = say("status")
        assert said.row("top/wordcloud")[2] == "stale"
        assert "stale top/wordcloud: the setting cloud.height changed from 100 to 120" in said.lines

    def test_tells_of_a_window_that_can_t_be_made_any_more(self, made, clock, say):
        said = say("status --as-of 2026-11-22T1200")
        assert said.row("top/stories")[1:3] == ["12:00", "missing"]
        assert "missing top/stories: it can't be made any more" in said.lines

    def test_latest_is_the_newest_window_whose_captures_are_stored(self, made, clock, say):
        clock.advance(hours=20)
        latest = say("status --as-of latest").row("top/wordcloud")
        assert latest[1:4] == ["11-22 12:30", "current", "11-22 12:30"]
        assert say("status").row("top/wordcloud")[1:4] == ["08:30", "missing", "11-22 12:30"]

    def test_latest_is_the_present_window_for_a_feed_that_has_none(self, made, settings, say):
        settings("assets", feeds="top,new")
        said = say("status --as-of latest")
        assert said.row("top/wordcloud")[2] == "current"
        assert said.row("new/wordcloud")[1:4] == ["12:30", "missing", "-"]

    def test_tells_of_a_failure_until_it_is_made(self, failed, made, clock, say, succeed):
        (line,) = [line for line in say("status").lines if line.startswith("failed ")]
        assert "top/story_ids of 2026-11-22T1240Z at 2026-11-22 12:44:56 (attempt 3)" in line
        assert "Unavailable: can't read" in line
        made.faults = Faults()
        clock.advance(minutes=1)
        succeed(Wordcloud())
        assert "failed" not in say("status").out

    def test_a_failure_of_an_old_window_is_over_once_that_window_is_made(
        self, made, clock, settings, build, succeed, monkeypatch, say
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

    def test_json_has_the_same_facts(self, failed, say):
        ids, stories, _ = say("status --json").json
        assert ids["failure"]["failed_at"] == "2026-11-22T12:44:56.000Z"
        assert stories["failure"] is None
        assert (
            stories.pop("newest").items()
            >= {
                "window": WINDOW,
                "data_time": "2026-11-22T12:34:56.000Z",
                "age_seconds": 600.0,
                "rows": 2,
            }.items()
        )
        del stories["failure"]
        assert stories == {
            "asset": "top/stories",
            "name": "Stories",
            "window": "2026-11-22T1240Z",
            "state": "missing",
            "reasons": ["its output is missing"],
            "lost": False,
            "freshness": "PASS",
            "lag_seconds": 600.0,
            "maximum_lag_seconds": 1800.0,
            "warn_after_seconds": 1200.0,
            "lag_reason": "",
        }

    @pytest.mark.parametrize("width", [60, 80, 120, 200])
    def test_nothing_is_cut_off_on_a_terminal(self, width, failed, say, clock, monkeypatch):
        clock.advance(hours=30)
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.setenv("COLUMNS", str(width))
        said = re.sub(r"\x1b\[[0-9;]*m", "", say("status").out)
        assert "…" not in said
        assert all(len(line) <= width for line in said.splitlines())
        if width >= 120:
            assert "1 d 7 h" in said

    def test_watching_shows_the_present_again_and_ends_with_ctrl_c(
        self, made, say, clock, monkeypatch
    ):
        def sleep(seconds):
            if clock.at.minute >= 50:
                raise KeyboardInterrupt
            clock.advance(minutes=10)

        monkeypatch.setattr(look, "sleep", sleep)
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.setenv("TERM", "xterm")
        said = say("status --watch")
        assert said.code == 0
        for minute in (34, 44, 54):
            assert f"2026-11-22 12:{minute} UTC" in said.out
        assert "12:50" in said.out


class TestExplain:
    def test_a_current_asset_would_not_be_made(self, made, say):
        said = say("explain Wordcloud")
        assert said.code == 0
        assert [said.row(name)[1] for name in ("StoryIds", "Stories", "Wordcloud")] == [
            "current"
        ] * 3
        assert said.lines[-1] == "Nothing would be made."

    def test_a_changed_setting_would_remake_what_it_shapes_alone(self, made, settings, say):
        settings("cloud", height=120)
        said = say("explain word_cloud")
        assert said.row("Stories")[1] == "current"
        assert said.row("Wordcloud")[1] == (
            "stale, would be made: the setting cloud.height changed from 100 to 120"
        )
        assert said.lines[-1] == "A run would make Wordcloud."

    def test_what_is_made_from_something_stale_is_made_only_if_that_changes(
        self, made, settings, say, succeed
    ):
        settings("hackernews", limit=400)
        said = say("explain Wordcloud")
        assert said.row("Stories")[1] == "stale, would be made if StoryIds comes out changed"
        assert said.lines[-1] == (
            "A run would make StoryIds, and make Stories and Wordcloud if what stands before "
            "comes out changed."
        )
        asked = len(made.requests)
        succeed(Wordcloud())
        assert len(made.requests) == asked + 1

    def test_an_asset_that_is_missing_is_made_with_all_that_is_missing(self, small, say):
        said = say("explain Stories")
        assert said.row("Stories")[1] == "missing, would be made"
        assert said.lines[-1] == "A run would make StoryIds and Stories."

    def test_a_missing_latest_is_copied(self, made, root, say):
        (root / "top/wordcloud/latest.md").unlink()
        assert say("explain Wordcloud").lines[-1] == "A run would copy Wordcloud to latest."

    def test_a_past_window_without_captures_can_t_be_made(self, made, say):
        said = say("explain Wordcloud --as-of 2026-11-22T1200")
        assert said.row("StoryIds")[1] == "missing, can't be made any more"
        assert said.lines[-1] == (
            "A run would fail: StoryIds, Stories and Wordcloud can't be made any more, since the "
            "window of StoryIds, 2026-11-22 12:00 UTC, is over."
        )

    def test_what_stands_behind_something_current_doesn_t_matter(self, made, root, clock, say):
        clock.advance(hours=1)
        (root / f"top/story_ids/{WINDOW}.json").unlink()
        said = say("explain Wordcloud --as-of 2026-11-22T1230")
        assert said.row("StoryIds")[1] == "missing, but what is made from it is there"
        assert said.lines[-1] == "Nothing would be made."

    def test_a_past_page_would_be_remade_from_stored_stories(self, made, root, clock, say):
        clock.advance(hours=1)
        (root / f"top/wordcloud/{WINDOW}.md").unlink()
        said = say("explain Wordcloud --as-of latest")
        assert said.lines[-1] == "A run would make Wordcloud."

    def test_inputs_stand_first_and_once_a_plain_task_among_them(self, clock, tmp_path, capsys):
        class Download(luigi.Task):
            def output(self):
                return luigi.LocalTarget(tmp_path / "download")

        class Left(Asset):
            suffix = ".json"

            def requires(self):
                return Download()

        class Right(Left):
            pass

        class Both(Asset):
            suffix = ".json"

            def requires(self):
                return [Left(), Right()]

        steps = steps_to(Both())
        show.show(explanation.text(Both(), steps))
        lines = capsys.readouterr().out.splitlines()
        assert [line.split()[0] for line in lines if ", would be" in line] == [
            Download().task_id,
            "Left",
            "Right",
            "Both",
        ]
        assert lines[-1] == f"A run would make {Download().task_id}, Left, Right and Both."
        assert explanation.to_json(Both(), steps)["steps"][0]["asset"] is None

    def test_json_has_the_same_facts(self, made, settings, say):
        settings("cloud", height=120)
        told = say("explain Wordcloud --json").json
        assert told["conclusion"] == "A run would make Wordcloud."
        assert [step["plan"] for step in told["steps"]] == ["nothing", "nothing", "make"]
        assert told["steps"][-1] == {
            "asset": "top/wordcloud",
            "name": "Wordcloud",
            "window": WINDOW,
            "state": "stale",
            "reasons": ["the setting cloud.height changed from 100 to 120"],
            "lost": False,
            "plan": "make",
        }


class TestHistory:
    def test_tells_of_each_making_newest_first(self, made, clock, succeed, say):
        clock.advance(minutes=10)
        succeed(Wordcloud())
        clock.advance(minutes=2)
        first, facts, second, _ = say("history Stories").lines
        assert first.startswith("2026-11-22T1240Z  made 2026-11-22 12:44:56, data 2 min old, took ")
        assert f"code {Stories.loaded_code.version[:10]}" in first
        assert "rows 2, skipped none" in facts
        assert second.startswith(f"{WINDOW}  made 2026-11-22 12:34:56, data 12 min old, took ")

    def test_tells_of_failed_attempts_among_them_the_last_first(self, failed, say):
        heads = [line for line in say("history StoryIds").lines if line.startswith("2026")]
        assert [re.search(r"attempt \d(, to be tried again)?|made", h)[0] for h in heads] == [
            "attempt 3",
            "attempt 2, to be tried again",
            "attempt 1, to be tried again",
            "made",
        ]
        assert "Unavailable: can't read" in say("history StoryIds").lines[1]

    def test_a_failure_before_its_window_was_made_stands_after_the_making(
        self, failed, made, clock, succeed, say
    ):
        made.faults = Faults()
        clock.advance(minutes=1)
        succeed(StoryIds())
        kinds = [event["kind"] for event in say("history StoryIds --json").json]
        assert kinds == ["made", "failed", "failed", "failed", "made"]

    def test_a_failure_to_make_a_window_again_stands_before_the_making(
        self, made, settings, clock, build, say
    ):
        settings("hackernews", limit=400)
        made.faults = Faults(rate=1, kinds=("5xx",))
        clock.advance(minutes=1)
        build(StoryIds())
        kinds = [event["kind"] for event in say("history StoryIds --json").json]
        assert kinds == ["failed", "failed", "failed", "made"]

    def test_tells_that_an_output_is_gone(self, made, root, say):
        (root / f"top/stories/{WINDOW}.parquet").unlink()
        assert "gone: its output is not stored" in say("history Stories").out
        assert say("history Stories --json").json[0]["stored"] is False

    def test_what_can_t_be_read_is_told_with_the_reason(self, failed, root, say):
        record_of(root, "story_ids").write_text('{"version": 99}')
        for failure in (root / "_failures/top/story_ids").iterdir():
            failure.write_text("\x1b[2J")
        said = say("history StoryIds")
        assert said.code == 0
        assert "unreadable: its record has the later form 99" in said.out
        assert said.out.count("unreadable failed attempt: ") == 3
        assert [e["kind"] for e in say("history StoryIds --json").json] == ["unreadable"] * 4

    def test_a_stranger_s_record_can_neither_draw_nor_break_it(self, made, root, say):
        path = record_of(root, "stories")
        record = json.loads(path.read_text())
        record["metadata"] = {"title": "\x1b[2J[red]x\ud800", "rows": float("nan")}
        record |= {"code_version": "\x1b]0;", "size": -1, "duration": float("nan"), "window": ""}
        path.write_text(json.dumps(record))
        for command in ("status", "history Stories", "freshness", "explain Wordcloud"):
            said = say(command)
            assert "\x1b" not in said.out
            assert said.err == ""
        assert "title \\x1b[2J[red]x\\ud800" in say("history Stories").out
        assert say("history Stories --json").json[0]["metadata"]["rows"] is None

    def test_no_more_is_read_than_is_shown(self, made, root, say, monkeypatch):
        for minute in range(10, 30):
            other = record_of(root, "stories", f"2026-11-21T12{minute}Z")
            other.write_bytes(record_of(root, "stories").read_bytes())
        read = []
        real_open = open

        def spy(path, *args, **kwargs):
            read.append(str(path))
            return real_open(path, *args, **kwargs)

        monkeypatch.setattr("hn_luigi.assets.storage.open", spy, raising=False)
        assert len(say("history Stories --json -n 3").json) == 3
        assert 0 < len([path for path in read if "/_records/" in path]) <= 3

    def test_tells_that_nothing_was_made(self, say, root, clock):
        assert say("history Stories").out == f"top/stories was never made under {root}.\n"
        assert say("history Stories --json").json == []


class TestFreshness:
    @pytest.mark.parametrize(
        ("minutes", "code", "line"),
        [
            (3, 0, "PASS top/wordcloud: 3 min old, limit 30 min"),
            (25, 1, "WARN top/wordcloud: 25 min old, limit 30 min, warning after 20 min"),
            (31, 2, "FAIL top/wordcloud: 31 min old, limit 30 min"),
        ],
    )
    def test_says_how_old_each_asset_is_and_exits_with_the_worst(
        self, minutes, code, line, made, clock, say
    ):
        clock.advance(minutes=minutes)
        said = say("freshness")
        assert said.code == code
        assert said.lines[-1] == line
        assert len(said.lines) == 3

    def test_what_was_never_made_is_unknown(self, say, clock):
        said = say("freshness")
        assert said.code == 3
        assert said.lines[0] == "UNKNOWN top/story_ids: nothing of it is stored"

    def test_a_failure_outranks_what_is_unknown_and_stands_first(self, made, clock, settings, say):
        settings("assets", feeds="new,top")
        clock.advance(minutes=40)
        said = say("freshness")
        assert said.code == 2
        assert [line.split()[0] for line in said.lines] == ["FAIL"] * 3 + ["UNKNOWN"] * 3

    def test_what_is_unknown_outranks_a_warning(self):
        found = [(None, Lag(each)) for each in (Freshness.WARN, Freshness.UNKNOWN, Freshness.PASS)]
        assert lateness.exit_code(found) == 3

    def test_assets_without_a_policy_are_left_out(self, made, say, monkeypatch):
        monkeypatch.setattr(Stories, "freshness", None)
        assert "top/stories" not in say("freshness").out
        for kind in (StoryIds, Wordcloud):
            monkeypatch.setattr(kind, "freshness", None)
        said = say("freshness")
        assert (said.code, said.lines) == (
            3,
            ["UNKNOWN: no asset that is watched has a freshness policy"],
        )

    def test_json_has_the_same_facts(self, made, clock, say):
        clock.advance(minutes=40)
        said = say("freshness --json")
        assert said.code == 2
        assert said.json[0] == {
            "asset": "top/story_ids",
            "freshness": "FAIL",
            "lag_seconds": 2400.0,
            "maximum_lag_seconds": 1800.0,
            "warn_after_seconds": 1200.0,
            "lag_reason": "it may lag 0:30:00 at most",
        }
