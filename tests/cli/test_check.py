"""``hn-luigi check`` runs checks on what is stored, and makes nothing."""

from __future__ import annotations

import pytest

from hn_luigi import Stories, StoryIds, Wordcloud
from hn_luigi.assets import Check, Severity, warn


@pytest.fixture
def no_api(settings):
    settings("hackernews", base_url="http://127.0.0.1:1/v0")


def test_each_check_is_a_line_with_what_it_found(made, no_api, say):
    said = say("check Wordcloud")
    assert said.code == 0
    assert said.lines[0] == "top/wordcloud of 2026-11-22 12:30"
    assert said.row("Check") == ["Check", "Severity", "Result"]
    assert said.row("picture_decodes") == ["picture_decodes", "error", "passed"]
    assert said.row("has_ten_words")[1:] == ["warn", "warning: 3 words, fewer than 10"]
    assert said.row("is_below_a_megabyte")[1:] == ["warn", "passed"]


def test_one_that_refuses_makes_the_exit_code_1(made, no_api, say, monkeypatch):
    monkeypatch.setattr(StoryIds, "checks", (lambda ids: f"{len(ids)} are\n\x1b[2Jtoo few",))
    said = say("check StoryIds")
    assert (said.code, said.lines[-1].split(maxsplit=1)[1]) == (
        1,
        "error     failed: 2 are \\x1b[2Jtoo few",
    )
    monkeypatch.setattr(StoryIds, "checks", (warn(StoryIds.checks[0]),))
    assert say("check StoryIds").code == 0


def test_json_has_the_same_facts(made, no_api, say, monkeypatch):
    def few(ids):
        return "too few"

    monkeypatch.setattr(StoryIds, "checks", (few, warn(Check(bool, name="some"))))
    said = say("check StoryIds --json")
    assert said.code == 1
    assert said.json == {
        "asset": "top/story_ids",
        "window": "2026-11-22T1230Z",
        "checks": [
            {"check": "few", "severity": "error", "passed": False, "problem": "too few"},
            {"check": "some", "severity": "warn", "passed": True, "problem": ""},
        ],
    }


def test_nothing_is_made_or_changed(made, no_api, say, contents, root, clock):
    before = contents(root)
    clock.advance(minutes=10)
    (root / "top/wordcloud/latest.md").rename(root.parent / "latest.md")
    say("check StoryIds")
    say("check Wordcloud")
    (root.parent / "latest.md").rename(root / "top/wordcloud/latest.md")
    assert contents(root) == before


def test_changed_checks_make_nothing_stale(made, no_api, say, monkeypatch):
    monkeypatch.setattr(Stories, "checks", (lambda frame: "no",))
    assert Stories().complete()
    assert say("check Stories").code == 1


def test_it_is_the_newest_window_that_is_stored_or_the_one_named(run, say, monkeypatch):
    run(2)
    monkeypatch.setattr(Stories, "checks", (Check(lambda frame: None, name="x"),))
    for words, name in {
        "": "2026-11-22 12:40",
        "--as-of latest": "2026-11-22 12:40",
        "--as-of now": "2026-11-22 12:40",
        "--as-of 2026-11-22T1235": "2026-11-22 12:30",
    }.items():
        assert say(f"check Stories {words}").lines[0] == f"top/stories of {name}"


def test_it_compares_with_the_window_before(run, say, window, monkeypatch):
    run(2)

    def before(frame, last):
        return f"{last.get('sample_of', 'nothing')} was before"

    monkeypatch.setattr(Stories, "checks", (Check(before, Severity.WARN, "x"),))
    at = say("check Stories").row("x")[-1], say(f"check Stories --as-of {window}").row("x")[-1]
    assert at == ("warning: 2026-11-22T12:30:00+00:00 was before", "warning: nothing was before")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("Stories --feed ask", "ask/stories has no window: make one first"),
        (
            "Stories --as-of now",
            "2026-11-22T1240Z.parquet is missing: run Stories(as_of=2026-11-22",
        ),
        ("Story", "no asset that is watched is called 'Story': choose from"),
    ],
)
def test_what_is_not_stored_can_t_be_checked(made, no_api, say, clock, words, said):
    clock.advance(minutes=10)
    found = say(f"check {words}")
    assert (found.code, found.out) == (2, "")
    assert said in found.err


def test_what_is_damaged_can_t_be_checked(made, no_api, say, root, window):
    (root / f"top/stories/{window}.parquet").write_bytes(b"no table")
    found = say("check Stories")
    assert (found.code, len(found.err.splitlines())) == (2, 1)


def test_it_says_that_there_are_none(made, no_api, say, monkeypatch):
    monkeypatch.setattr(Wordcloud, "checks", ())
    said = say("check Wordcloud")
    assert (said.code, said.lines[-1]) == (0, "It declares no checks.")
    assert say("check Wordcloud --json").json["checks"] == []
