"""What there is to say of an asset in words."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from hn_luigi.assets import Freshness, FreshnessPolicy
from hn_luigi.assets.operations import Category, Cause, Failure, Lag, Staleness, State
from hn_luigi.assets.window import Timestamp, WindowName
from hn_luigi.web.asset_notes import Note, notes_on

POLICY = FreshnessPolicy(timedelta(minutes=30))
CURRENT = Staleness(State.CURRENT)
FAILURE = Failure(
    "top/stories", WindowName("2026-11-22T1230Z"), Timestamp("2026-11-22T12:34:56Z"), "no\nnet"
)
SETTING = Cause(Category.SETTING, "the setting cloud.width changed")
CODE = Cause(Category.CODE, "its code changed")
ABOVE = Cause(Category.INPUT, "top/stories is missing: its output is missing", is_upstream=True)
GONE = Cause(Category.MISSING, "its output is missing")


@dataclass
class _Asset:
    freshness: FreshnessPolicy | None = POLICY


@dataclass
class _Record:
    warnings: dict[str, str] = field(default_factory=dict)


@dataclass
class _Status:
    staleness: Staleness = CURRENT
    lag: Lag = field(default_factory=lambda: Lag(Freshness.PASS, timedelta(minutes=5)))
    newest: _Record | None = field(default_factory=_Record)
    failure: Failure | None = None
    asset: _Asset = field(default_factory=_Asset)


def said(**facts):
    return list(notes_on(_Status(**facts)))


def stale(*causes, **more):
    return Staleness(State.STALE, causes, **more)


def test_of_what_is_well_there_is_nothing_to_say():
    assert said() == []


@pytest.mark.parametrize("newest", [None, _Record()])
def test_of_what_is_missing_its_state_says_all(newest):
    assert said(staleness=Staleness(State.MISSING, (GONE,)), newest=newest) == []


def test_a_failure_is_bad_where_what_is_stored_is_not_current():
    missing = Staleness(State.MISSING, (GONE,))
    (note,) = said(failure=FAILURE, staleness=missing)
    assert note == Note("bad", "Failed 2026-11-22 12:34", "no net")


def test_a_failure_to_make_good_data_again_is_told_as_that():
    (note,) = said(failure=FAILURE)
    assert note.tone == "warn"
    assert note.about == "The last attempt to make it again failed 2026-11-22 12:34"


def test_a_failure_that_is_retried_is_told_so():
    assert "(to be retried)" in said(failure=replace(FAILURE, retried=True))[0].about


def test_lateness_is_told_with_since_when():
    lag = Lag(Freshness.FAIL, timedelta(minutes=40), late_since=datetime(2026, 11, 22, 13, 4))
    assert said(lag=lag) == [Note("bad", "Late", "since 2026-11-22 13:04")]


def test_an_age_that_can_t_be_is_told_where_somebody_asked_for_freshness():
    lag = Lag(Freshness.UNKNOWN, timedelta(minutes=-40), "its data is of the future")
    assert said(lag=lag) == [Note("warn", "", "its data is of the future")]
    assert said(lag=lag, asset=_Asset(None)) == []


def test_what_checks_warn_of_is_told_on_one_line():
    (note,) = said(newest=_Record({"has\nwords": "few\nof them"}))
    assert note == Note("warn", "Warning has words", "few of them")


@pytest.mark.parametrize(
    "causes, tone",
    [
        ((SETTING,), "warn"),
        ((CODE,), "soft"),
        ((CODE, SETTING), "warn"),
        ((SETTING, ABOVE), "warn"),
    ],
)
def test_its_own_causes_are_told_in_the_tone_of_its_state(causes, tone):
    own = [cause for cause in causes if not cause.is_upstream]
    assert said(staleness=stale(*causes)) == [Note(tone, "", cause.reason) for cause in own]


def test_what_only_waits_is_told_so_and_not_why_others_are_stale():
    (note,) = said(staleness=stale(ABOVE))
    assert note == Note("soft", "", "what it is made from has changed, or is to be made first")


def test_a_reason_that_tells_of_a_whole_graph_is_cut():
    (note,) = said(staleness=stale(Cause(Category.INPUT, "because " * 1000)))
    assert len(note.text) <= 300


def test_what_is_lost_is_told_so():
    assert said(staleness=stale(SETTING, lost=True))[-1].text == "it can't be made any more"
