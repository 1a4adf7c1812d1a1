from __future__ import annotations

from dataclasses import replace

import pytest

from hn_luigi.assets.catalog.record import Record, Unreadable
from hn_luigi.assets.staleness.evaluate import (
    LATEST_MISSING,
    Staleness,
    StalenessInputs,
    State,
    evaluate,
)

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
CURRENT = StalenessInputs(
    version="b1" * 32,
    record=RECORD,
    settings={"oven.degrees": 180},
    upstream={"flour/1": Staleness(State.CURRENT, version="f1")},
    inputs="flour/1",
    sources="s1",
    code_version=lambda: pytest.fail("the text of the code settles it"),
)


def test_what_matches_its_definition_is_current():
    assert evaluate(CURRENT) == Staleness(State.CURRENT, version="b1" * 32)


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
        ({"upstream": {"flour/1": Staleness(State.CURRENT, version="f2")}}, "flour/1 changed"),
        (
            {"upstream": {"flour/1": Staleness(State.STALE, ("too old",), "f1")}},
            "flour/1 is stale: too old",
        ),
        (
            {"upstream": {"flour/1": Staleness(State.MISSING, ("gone",))}},
            "flour/1 is missing: gone",
        ),
        ({"upstream": {}}, "it is no longer made from flour/1"),
        (
            {"upstream": {**CURRENT.upstream, "salt": Staleness(State.CURRENT, version="s1")}},
            "it is now made from salt too",
        ),
        ({"latest_missing": True}, LATEST_MISSING),
        ({"frozen": True, "latest_missing": True}, LATEST_MISSING),
        (
            {"upstream": {"flour/1": Staleness(State.STALE, ("too old",), "f2", lost=True)}},
            "flour/1 changed",
        ),
    ],
)
def test_each_difference_alone_makes_it_stale_and_says_why(change, reason):
    staleness = evaluate(replace(CURRENT, **{"code_version": lambda: "c1", **change}))
    assert staleness.state is State.STALE
    assert staleness.reasons == (reason,)


def test_code_whose_text_alone_changed_is_the_same_code():
    assert evaluate(replace(CURRENT, sources="s2", code_version=lambda: "c1")).current


def test_without_output_it_is_missing():
    staleness = evaluate(replace(CURRENT, version=None))
    assert (staleness.state, staleness.lost) == (State.MISSING, False)


@pytest.mark.parametrize(
    "change",
    [
        {"frozen": True},
        {"upstream": {"flour/1": Staleness(State.MISSING, ("gone",), lost=True)}},
    ],
    ids=["its window is over", "its input is lost"],
)
def test_without_output_it_is_lost_if_it_can_t_be_made_any_more(change):
    assert evaluate(replace(CURRENT, version=None, **change)).lost


def test_what_is_stale_and_made_from_something_lost_is_lost_too():
    lost = Staleness(State.MISSING, ("gone",), lost=True)
    staleness = evaluate(replace(CURRENT, settings={}, upstream={"flour/1": lost}))
    assert (staleness.state, staleness.lost) == (State.STALE, True)


@pytest.mark.parametrize(
    "lost",
    [
        Staleness(State.MISSING, ("gone",), lost=True),
        Staleness(State.STALE, ("the setting oven.degrees changed",), "f1", lost=True),
    ],
    ids=["missing", "stale"],
)
def test_what_was_made_from_something_lost_stays(lost):
    assert evaluate(replace(CURRENT, upstream={"flour/1": lost})).current


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
    assert evaluate(replace(CURRENT, frozen=True, **change)) == Staleness(
        State.CURRENT, version="b1" * 32
    )
