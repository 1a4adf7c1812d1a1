from __future__ import annotations

from dataclasses import replace

import pytest

from hn_luigi.assets.operations import NO_WINDOW
from hn_luigi.refresh import policy_notes

from .lines import DAY, HOUR, NOON, TEN, asset, line, policy

TICK = asset("tick", TEN)


def day(**known):
    return asset("day", DAY, inputs_every=TEN, **known)


@pytest.mark.parametrize(
    "root",
    [
        asset("page", policy=policy(30, 20)),
        day(policy=policy(60, 40)),  # made again within its window
    ],
)
def test_a_policy_that_can_be_kept_needs_no_words(root):
    assert policy_notes(line(asset("ids", policy=policy(19)), root)) == []


@pytest.mark.parametrize(
    ("assets", "note"),
    [
        (
            [asset("page", HOUR, policy=policy(30))],
            "page: its limit of 30 min is shorter than its window of 60 minutes. It is made once "
            "a window, as that begins, and so is late from 30 min after that on.",
        ),
        (
            [asset("page", HOUR, policy=policy(60))],
            "page: its limit of 1 h is as long as its window of 60 minutes. It is made once a "
            "window, as that begins, and so is late until that is done.",
        ),
        (
            [asset("page", TEN, policy=policy(30, 8))],
            "page: its warning after 8 min comes within its window of 10 minutes. It is made once "
            "a window, as that begins, and so warns at the end of each.",
        ),
        (
            [asset("rates", DAY), asset("page", HOUR, policy=policy(120))],
            "page: its limit of 2 h is shorter than the window of a day of rates, which it is made "
            "from. That is made once a window, as it begins, and so page is late from 2 h after "
            "that on.",
        ),
        (
            [asset("tick", TEN, policy=policy(15)), day(policy=policy(8))],
            "day: its limit of 8 min is shorter than the windows of 10 minutes that it is made "
            "from. It is made once a window, as that begins, and so is late from 8 min after that "
            "on.",
        ),
    ],
)
def test_a_policy_is_told_that_windows_are_too_long_for(assets, note):
    assert policy_notes(line(*assets)) == [note]


@pytest.mark.parametrize(
    ("root", "made"),
    [
        (asset("page", TEN), "once in each window of 10 minutes, as that begins"),
        (day(), "as each window of a day begins, and once more when that is over"),
        (asset("table", NO_WINDOW), "whenever it is stale"),
    ],
)
def test_what_a_line_names_is_told_to_have_no_policy(root, made):
    told = f"{root.folder}: it has no freshness policy. It is made {made}, and is never late."
    assert policy_notes(line(root)) == [told]


@pytest.mark.parametrize("between", [None, policy(20), policy(60)])
def test_windows_upstream_that_go_unmade_between_two_runs_are_told(between):
    assets = asset("tick", TEN, policy=between), day(policy=policy(24 * 60))
    (note,) = policy_notes(line(*assets))
    why = "its limit of" if between else "it has no freshness policy"
    assert note.startswith("tick: windows of 10 minutes that begin and end between two runs of day")
    assert why in note


@pytest.mark.parametrize(
    "assets",
    [
        [asset("tick", TEN, policy=policy(19)), day(policy=policy(24 * 60))],  # runs by itself
        [asset("tick", TEN), day(policy=policy(20))],  # a run in each of its windows
        [TICK, asset("page", TEN, policy=policy(30))],
        [asset("table", NO_WINDOW), asset("page", TEN, policy=policy(30))],
    ],
)
def test_no_window_upstream_goes_unmade(assets):
    assert not [note for note in policy_notes(line(*assets)) if "aren't made" in note]


def test_what_knows_no_time_makes_nothing_late():
    """Its window is as long as all years, and yet a policy can be kept."""
    assert policy_notes(line(asset("table", NO_WINDOW), asset("page", policy=policy(30)))) == []


def test_what_no_run_of_the_line_makes_is_told_unless_its_policy_does():
    """A report on yesterday looks back at ticks, of which it makes none."""
    report = asset("report", DAY, policy=policy(30 * 60))
    lines = [line(asset("tick", TEN, policy=its), report) for its in (None, policy(60))]
    told = [policy_notes(replace(each, upstream=[{"tick"}, {"report"}])) for each in lines]
    why = "since it has no freshness policy, and a run of report doesn't"
    assert told == [[f"tick: it isn't made, {why}."], []]


def test_days_that_are_looked_back_at_are_made_as_they_are_over():
    yesterday, page = asset("day", DAY, inputs_every=TEN), asset("page", policy=policy(30))
    found = replace(line(yesterday, page), upstream=[{"day"}, {"page"}])
    assert policy_notes(found) == []


def test_what_another_line_makes_in_each_window_is_not_told_to_be_left_out():
    tick = asset("tick", TEN)
    this = line(tick, day(policy=policy(24 * 60)))
    assert len(policy_notes(this, [this])) == 1
    assert policy_notes(this, [line(tick), this]) == []
    assert policy_notes(this, [this, line(tick, asset("page", TEN))]) == []
    assert len(policy_notes(this, [this, line(tick, asset("page", HOUR))])) == 1


def test_what_runs_of_other_lines_make_is_told_to_be_made_though_paused():
    tick, page = asset("tick", TEN, policy=policy(30)), asset("page", TEN, policy=policy(30))
    paused, other = line(tick, paused_since=NOON), line(tick, page)
    told = ["tick: though paused, it is made by runs of page."]
    assert policy_notes(paused, [paused, other]) == told
    assert policy_notes(paused, [paused, replace(other, paused_since=NOON)]) == []
    assert policy_notes(other, [paused, other]) == []
