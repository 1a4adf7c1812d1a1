"""``hn-luigi freshness`` tells which assets are late, also by its exit code."""

from __future__ import annotations

import pytest

from hn_luigi import Stories, StoryIds, Wordcloud
from hn_luigi.assets import Freshness
from hn_luigi.assets.freshness import Lag
from hn_luigi.cli.freshness import exit_code


@pytest.mark.parametrize(
    ("minutes", "code", "line"),
    [
        (3, 0, "PASS top/wordcloud: 3 min old, limit 30 min"),
        (25, 1, "WARN top/wordcloud: 25 min old, limit 30 min, warning after 20 min"),
        (31, 2, "FAIL top/wordcloud: 31 min old, limit 30 min"),
    ],
)
def test_says_how_old_each_asset_is_and_exits_with_the_worst(minutes, code, line, made, clock, say):
    clock.advance(minutes=minutes)
    said = say("freshness")
    assert said.code == code
    assert said.lines[-1] == line
    assert len(said.lines) == 3


def test_what_was_never_made_is_unknown(say, clock):
    said = say("freshness")
    assert said.code == 3
    assert said.lines[0] == "UNKNOWN top/story_ids: nothing of it is stored"


def test_a_failure_outranks_what_is_unknown_and_stands_first(made, clock, settings, say):
    settings("assets", watch="", feeds="new,top")
    clock.advance(minutes=40)
    said = say("freshness")
    assert said.code == 2
    assert [line.split()[0] for line in said.lines] == ["FAIL"] * 3 + ["UNKNOWN"] * 3


def test_what_is_unknown_outranks_a_warning():
    found = [(None, Lag(each)) for each in (Freshness.WARN, Freshness.UNKNOWN, Freshness.PASS)]
    assert exit_code(found) == 3


def test_assets_without_a_policy_are_left_out(made, say, monkeypatch):
    monkeypatch.setattr(Stories, "freshness", None)
    assert "top/stories" not in say("freshness").out
    for kind in (StoryIds, Wordcloud):
        monkeypatch.setattr(kind, "freshness", None)
    said = say("freshness")
    assert (said.code, said.lines) == (
        3,
        ["UNKNOWN: no watched asset has a freshness policy"],
    )


def test_json_has_the_same_facts(made, clock, say):
    clock.advance(minutes=40)
    said = say("freshness --json")
    assert said.code == 2
    assert said.json[0] == {
        "asset": "top/story_ids",
        "freshness": "FAIL",
        "lag_seconds": 2400.0,
        "maximum_lag_seconds": 1800.0,
        "warn_after_seconds": 1200.0,
        "lag_reason": "40 min old, limit 30 min",
        "line": "FAIL top/story_ids: 40 min old, limit 30 min",
    }
