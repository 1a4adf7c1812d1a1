"""``hn-luigi history`` tells what was made, and what failed."""

from __future__ import annotations

import json
import re

import pytest

from hn_luigi import Stories, StoryIds, Wordcloud
from hn_luigi.assets import Check
from hn_luigi.replica import Faults


def test_tells_of_each_making_newest_first(made, clock, succeed, say):
    clock.advance(minutes=10)
    succeed(Wordcloud())
    clock.advance(minutes=2)
    first, facts, second, _ = say("history Stories").lines
    assert first.startswith("2026-11-22 12:40  made 2026-11-22 12:44, data 2 min old, took ")
    assert f"code {Stories.loaded_code.version[:10]}" in first
    assert "rows 2, skipped none" in facts
    assert second.startswith("2026-11-22 12:30  made 2026-11-22 12:34, data 12 min old, took ")


def test_tells_of_failed_attempts_among_them_the_last_first(failed, say):
    heads = [line for line in say("history StoryIds").lines if line.startswith("2026")]
    assert [re.search(r"attempt \d(, to be retried)?|made", h)[0] for h in heads] == [
        "attempt 3",
        "attempt 2, to be retried",
        "attempt 1, to be retried",
        "made",
    ]
    assert "Unavailable: can't read" in say("history StoryIds").lines[1]


def test_a_failure_before_its_window_was_made_stands_after_the_making(
    failed, made, clock, succeed, say
):
    made.faults = Faults()
    clock.advance(minutes=1)
    succeed(StoryIds())
    kinds = [event["kind"] for event in say("history StoryIds --json").json]
    assert kinds == ["made", "failed", "failed", "failed", "made"]


def test_a_failure_to_make_a_window_again_stands_before_the_making(
    made, settings, clock, build, say
):
    settings("hackernews", limit=400)
    made.faults = Faults(rate=1, kinds=("5xx",))
    clock.advance(minutes=1)
    build(StoryIds())
    kinds = [event["kind"] for event in say("history StoryIds --json").json]
    assert kinds == ["failed", "failed", "failed", "made"]


def test_tells_that_an_output_is_gone(made, root, say, window):
    (root / f"top/stories/{window}.parquet").unlink()
    assert "gone: its output is not stored" in say("history Stories").out
    assert say("history Stories --json").json[0]["stored"] is False


def test_what_can_t_be_read_is_told_with_the_reason(failed, root, say, record_of):
    record_of("story_ids").write_text('{"version": 99}')
    for failure in (root / "_failures/top/story_ids").iterdir():
        failure.write_text("\x1b[2J")
    said = say("history StoryIds")
    assert said.code == 0
    assert "unreadable: its record has the later form 99" in said.out
    assert said.out.count("unreadable failed attempt: ") == 3
    assert [e["kind"] for e in say("history StoryIds --json").json] == ["unreadable"] * 4


def test_a_stranger_s_record_can_neither_draw_nor_break_it(made, say, record_of):
    path = record_of("stories")
    record = json.loads(path.read_text())
    record["metadata"] = {"title": "\x1b[2J[red]x\ud800", "rows": 10**99}
    record |= {"code_version": "\x1b]0;", "size": 10**99, "duration": 1e8}
    path.write_text(json.dumps(record))
    for command in ("status", "history Stories", "freshness", "explain Wordcloud"):
        said = say(command)
        assert "\x1b" not in said.out
        assert said.err == ""
    assert "title \\x1b[2J[red]x\\ud800" in say("history Stories").out


def test_a_stranger_s_record_can_t_fill_the_screen(made, say, record_of):
    path = record_of("stories")
    record = json.loads(path.read_text())
    record["metadata"] = {f"{i}{'k' * 5000}": ["v"] * 5000 for i in range(50)}
    path.write_text(json.dumps(record))
    assert [len(line) < 2_100 for line in say("history Stories").lines] == [True, True]


def test_no_more_is_read_than_is_shown(made, say, monkeypatch, record_of):
    for minute in range(10, 30):
        other = record_of("stories", f"2026-11-21T12{minute}Z")
        other.write_bytes(record_of("stories").read_bytes())
    read = []
    real_open = open

    def spy(path, *args, **kwargs):
        read.append(str(path))
        return real_open(path, *args, **kwargs)

    monkeypatch.setattr("hn_luigi.assets.storage.folder.open", spy, raising=False)
    assert len(say("history top/stories --json -n 3").json) == 3
    assert 0 < len([path for path in read if "/_records/" in path]) <= 3


def test_tells_that_nothing_was_made(say, root, clock):
    assert say("history Stories").out == f"top/stories was never made under {root}.\n"
    assert say("history Stories --json").json == []


def test_tells_what_checks_warn_of(made, say):
    warning = say("history Wordcloud").lines[-1].strip()
    assert warning == "warning: has_ten_words: 3 words, fewer than 10"
    (event,) = say("history Wordcloud --json").json
    assert event["warnings"] == {"has_ten_words": "3 words, fewer than 10"}


def test_tells_which_check_refused_an_output(made, clock, say, build, monkeypatch):
    clock.advance(minutes=10)
    monkeypatch.setattr(StoryIds, "checks", (Check(lambda ids: "no", name="never"),))
    build(StoryIds())
    assert {e.get("check") for e in say("history StoryIds --json").json} == {"never", None}
    assert "the check never found: no" in say("history StoryIds").out


class TestWithoutClasses:
    """Records tell of an asset; no module of a user's is loaded for it."""

    @pytest.fixture
    def unloadable(self, settings):
        settings("assets", watch="no_such_module Thing")

    @pytest.mark.parametrize("name", ["top/stories", "Stories", "stories", "STORIES"])
    def test_what_is_stored_is_told_by_folder_or_class(self, made, unloadable, say, name):
        (event,) = say(f"history {name} --json").json
        assert event["metadata"]["rows"] == 2

    def test_of_several_of_a_class_the_watched_one_is_meant(self, run, say, settings):
        run()
        run(feed="ask")
        assert say("history Stories").out == say("history top/stories").out
        assert say("history Stories --feed ask").out == say("history ask/stories").out
        settings("assets", watch="no_such_module Thing")
        said = say("history Stories")
        assert (said.code, said.out) == (2, "")
        assert "'Stories' may be any of ask/stories and top/stories: name one" in said.err

    @pytest.mark.parametrize("name", ["Nothing", "../top/stories", "_records", "/", "top"])
    def test_what_is_not_stored_is_asked_of_the_watch_list(self, made, unloadable, say, name):
        said = say(f"history {name}")
        assert (said.code, said.out) == (2, "")
        assert "there is no module no_such_module" in said.err

    def test_what_was_never_made_is_known_by_its_class(self, made, say, root):
        said = say("history Wordcloud --feed job")
        assert said.out == f"job/wordcloud was never made under {root}.\n"
