"""How assets stand at a glance: a window that has just begun alarms nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from hn_luigi.assets import Freshness, FreshnessPolicy
from hn_luigi.assets.operations import Category, Cause, Lag, Staleness, State
from hn_luigi.web.verdict import Standing, Verdict, standing_of, standing_of_stale, verdict

POLICY = FreshnessPolicy(timedelta(minutes=30))
MISSING = Staleness(State.MISSING, (Cause(Category.MISSING, "its output is missing"),))
CURRENT = Staleness(State.CURRENT)


@dataclass
class _Asset:
    freshness: FreshnessPolicy | None


@dataclass
class _Status:
    asset: _Asset
    staleness: Staleness
    lag: Lag
    newest: object = None
    failure: object = None


def stale(*causes):
    return Staleness(State.STALE, tuple(causes))


CODE = Cause(Category.CODE, "its code changed")
SETTING = Cause(Category.SETTING, "the setting a.b changed")
UPSTREAM = Cause(Category.INPUT, "flour is missing", is_upstream=True)
CHANGED = Cause(Category.INPUT, "flour changed")


def standing(
    staleness,
    freshness,
    *,
    policy=POLICY,
    newest="a record",
    failure=None,
    busy=False,
    renewed=False,
):
    status = _Status(_Asset(policy), staleness, Lag(freshness), newest, failure)
    return standing_of(status, is_running=busy, is_renewed=renewed)


@pytest.mark.parametrize(
    ("staleness", "freshness", "expected", "tone"),
    [
        (CURRENT, Freshness.PASS, Standing.FRESH, "good"),
        (MISSING, Freshness.PASS, Standing.DUE, "soft"),
        (stale(UPSTREAM), Freshness.PASS, Standing.DUE, "soft"),
        (stale(CODE), Freshness.PASS, Standing.OUTDATED, "soft"),
        (stale(CODE, UPSTREAM), Freshness.PASS, Standing.OUTDATED, "soft"),
        (stale(CHANGED), Freshness.PASS, Standing.STALE, "warn"),
        (stale(SETTING, CODE), Freshness.PASS, Standing.STALE, "warn"),
        (MISSING, Freshness.WARN, Standing.SOON_LATE, "warn"),
        (CURRENT, Freshness.WARN, Standing.SOON_LATE, "warn"),
        (MISSING, Freshness.FAIL, Standing.LATE, "bad"),
        (CURRENT, Freshness.FAIL, Standing.LATE, "bad"),
        (CURRENT, Freshness.UNKNOWN, Standing.UNKNOWN, "warn"),
    ],
)
def test_of_an_asset_with_a_policy(staleness, freshness, expected, tone):
    found = standing(staleness, freshness)
    assert (found, found.tone) == (expected, tone)


@pytest.mark.parametrize(
    ("staleness", "freshness", "expected"),
    [
        (stale(UPSTREAM), Freshness.PASS, Standing.FRESH),
        (stale(UPSTREAM), Freshness.WARN, Standing.SOON_LATE),
        (stale(UPSTREAM, SETTING), Freshness.PASS, Standing.STALE),
        (MISSING, Freshness.PASS, Standing.DUE),
    ],
)
def test_new_windows_of_what_it_is_made_from_alarm_nobody(staleness, freshness, expected):
    """A day's report has them every ten minutes, and may be an hour old."""
    assert standing(staleness, freshness, renewed=True) is expected
    without = standing(stale(UPSTREAM), Freshness.UNKNOWN, policy=None, renewed=True)
    assert without is Standing.DUE


def test_of_what_was_never_made():
    found = standing(MISSING, Freshness.UNKNOWN, newest=None)
    assert (found, found.tone) == (Standing.UNMADE, "soft")


@pytest.mark.parametrize(
    ("staleness", "expected"),
    [(CURRENT, Standing.CURRENT), (MISSING, Standing.DUE), (stale(SETTING), Standing.STALE)],
)
def test_without_a_policy_nothing_is_late(staleness, expected):
    assert standing(staleness, Freshness.UNKNOWN, policy=None) is expected


def test_a_failure_counts_unless_what_is_stored_is_current():
    assert standing(MISSING, Freshness.PASS, failure="an error") is Standing.FAILED
    assert standing(CURRENT, Freshness.PASS, failure="an error") is Standing.FRESH


def test_what_is_under_way_is_running_whatever_else_it_is():
    assert standing(MISSING, Freshness.FAIL, failure="an error", busy=True) is Standing.RUNNING


def test_a_past_window_that_waits_for_its_inputs_is_no_alarm_either():
    assert standing_of_stale(stale(UPSTREAM)) is Standing.DUE


@pytest.mark.parametrize(
    ("standings", "broken", "expected"),
    [
        ([Standing.FRESH] * 3, 0, Verdict("All fresh", "good")),
        ([Standing.FRESH, Standing.CURRENT], 0, Verdict("All fresh", "good")),
        ([Standing.CURRENT], 0, Verdict("All current", "good")),
        ([Standing.DUE] * 3, 0, Verdict("All fresh, 3 due", "good")),
        (
            [Standing.FRESH, Standing.RUNNING, Standing.DUE],
            0,
            Verdict("All fresh, 1 running, 1 due", "good"),
        ),
        ([Standing.LATE] * 3 + [Standing.FAILED], 0, Verdict("1 failed, 3 late", "bad")),
        ([Standing.STALE, Standing.FRESH], 0, Verdict("1 stale", "warn")),
        ([Standing.DUE, Standing.OUTDATED, Standing.FAILED], 0, Verdict("1 failed", "bad")),
        (
            [Standing.DUE, Standing.RUNNING, Standing.UNMADE],
            0,
            Verdict("1 not made yet, 1 running", "soft"),
        ),
        ([Standing.RUNNING] * 2, 0, Verdict("2 running", "busy")),
        ([Standing.UNMADE] * 3, 0, Verdict("3 not made yet", "soft")),
        ([Standing.FRESH], 1, Verdict("1 broken graph", "bad")),
        ([], 2, Verdict("2 broken graphs", "bad")),
        ([], 0, Verdict("Nothing is watched", "soft")),
    ],
)
def test_the_verdict_names_the_worst_first(standings, broken, expected):
    assert verdict(standings, broken=broken) == expected


def test_every_standing_has_a_tone():
    assert all(each.tone for each in Standing)
