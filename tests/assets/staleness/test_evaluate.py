from __future__ import annotations

from dataclasses import replace

import pytest

from hn_luigi.assets.catalog.record import Record, Unreadable
from hn_luigi.assets.staleness.evaluate import LATEST_MISSING, Facts, State, Verdict, judge

RECORD = Record(
    asset="bread",
    window="2026-11-22T1230Z",
    created_at="2026-11-22T12:35:00.000Z",
    data_time="2026-11-22T12:34:00.000Z",
    settings={"oven.degrees": 180},
    upstream={"flour/1": "f1"},
    inputs="flour/1",
    data_version="b1" * 32,
    size=10,
    fingerprint="t1",
    code_version="c1",
    sources="s1",
)
CURRENT = Facts(
    version="b1" * 32,
    record=RECORD,
    settings={"oven.degrees": 180},
    upstream={"flour/1": Verdict(State.CURRENT, version="f1")},
    inputs="flour/1",
    sources="s1",
    code_version=lambda: pytest.fail("the text of the code settles it"),
)


def test_what_matches_its_definition_is_current():
    assert judge(CURRENT) == Verdict(State.CURRENT, version="b1" * 32)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"record": None}, "it has no record"),
        ({"record": Unreadable("its record is torn")}, "its record is torn"),
        ({"settings": {"oven.degrees": 200}}, "the setting oven.degrees changed from 180 to 200"),
        ({"settings": {}}, "the setting oven.degrees changed from 180 to None"),
        ({"record": replace(RECORD, inputs=["flour/1"])}, "its inputs changed places"),
        ({"version": "b2" * 32}, "its output was changed by another hand"),
        ({"sources": "s2", "code_version": lambda: "c2"}, "its code changed"),
        (
            {"record": replace(RECORD, sources="", code_version="")},
            "its record names no code version",
        ),
        (
            {"record": replace(RECORD, invalidated_at="2026-11-22T12:36:00.000Z")},
            "it was invalidated at 2026-11-22T12:36:00.000Z",
        ),
        ({"upstream": {"flour/1": Verdict(State.CURRENT, version="f2")}}, "flour/1 changed"),
        (
            {"upstream": {"flour/1": Verdict(State.STALE, ("too old",), "f1")}},
            "flour/1 is stale: too old",
        ),
        ({"upstream": {"flour/1": Verdict(State.MISSING, ("gone",))}}, "flour/1 is missing: gone"),
        ({"upstream": {}}, "it is no longer made from flour/1"),
        (
            {"upstream": {**CURRENT.upstream, "salt": Verdict(State.CURRENT, version="s1")}},
            "it is now made from salt too",
        ),
        ({"latest_missing": True}, LATEST_MISSING),
        ({"frozen": True, "latest_missing": True}, LATEST_MISSING),
        (
            {"upstream": {"flour/1": Verdict(State.STALE, ("too old",), "f2", lost=True)}},
            "flour/1 changed",
        ),
    ],
)
def test_each_difference_alone_makes_it_stale_and_says_why(change, reason):
    verdict = judge(replace(CURRENT, **{"code_version": lambda: "c1", **change}))
    assert verdict.state is State.STALE
    assert verdict.reasons == (reason,)


def test_code_whose_text_alone_changed_is_the_same_code():
    assert judge(replace(CURRENT, sources="s2", code_version=lambda: "c1")).current


def test_without_output_it_is_missing():
    verdict = judge(replace(CURRENT, version=None))
    assert (verdict.state, verdict.lost) == (State.MISSING, False)


@pytest.mark.parametrize(
    "change",
    [
        {"frozen": True},
        {"upstream": {"flour/1": Verdict(State.MISSING, ("gone",), lost=True)}},
    ],
    ids=["its window is over", "its input is lost"],
)
def test_without_output_it_is_lost_if_it_can_t_be_made_any_more(change):
    assert judge(replace(CURRENT, version=None, **change)).lost


def test_what_is_stale_and_made_from_something_lost_is_lost_too():
    lost = Verdict(State.MISSING, ("gone",), lost=True)
    verdict = judge(replace(CURRENT, settings={}, upstream={"flour/1": lost}))
    assert (verdict.state, verdict.lost) == (State.STALE, True)


@pytest.mark.parametrize(
    "lost",
    [
        Verdict(State.MISSING, ("gone",), lost=True),
        Verdict(State.STALE, ("the setting oven.degrees changed",), "f1", lost=True),
    ],
    ids=["missing", "stale"],
)
def test_what_was_made_from_something_lost_stays(lost):
    assert judge(replace(CURRENT, upstream={"flour/1": lost})).current


@pytest.mark.parametrize(
    "change",
    [
        {"record": None},
        {"record": Unreadable("torn")},
        {"record": replace(RECORD, invalidated_at="2026-11-22T12:36:00.000Z")},
        {"settings": {}},
        {"sources": "s2"},
        {"upstream": {}},
    ],
)
def test_a_capture_whose_window_is_over_is_taken_as_it_is(change):
    assert judge(replace(CURRENT, frozen=True, **change)) == Verdict(
        State.CURRENT, version="b1" * 32
    )
