from __future__ import annotations

from dataclasses import replace

import pytest

from hn_luigi.assets.catalog.record import Foreign, Record, Unreadable
from hn_luigi.assets.staleness.evaluate import (
    Category,
    Cause,
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
GONE = (Cause(Category.MISSING, "gone"),)
TOO_OLD = (Cause(Category.SETTING, "too old"),)
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
    ("change", "category", "reason"),
    [
        ({"record": None}, "record", "it has no record"),
        ({"record": Unreadable("its record is torn")}, "record", "its record is torn"),
        (
            {"settings": {"oven.degrees": 200}},
            "setting",
            "the setting oven.degrees changed from 180 to 200",
        ),
        ({"settings": {}}, "setting", "the setting oven.degrees changed from 180 to None"),
        ({"record": replace(RECORD, inputs=["flour/1"])}, "input", "its inputs changed places"),
        ({"version": "b2" * 32}, "output", "its output was modified outside hn_luigi"),
        ({"sources": "s2", "code_version": lambda: "c2"}, "code", "its code changed"),
        (
            {"record": replace(RECORD, sources="", code_version="")},
            "code",
            "its record names no code version",
        ),
        (
            {"record": replace(RECORD, invalidated_at="2026-11-22T12:36:00.000Z")},
            "invalidated",
            "it was invalidated at 2026-11-22T12:36:00.000Z",
        ),
        (
            {"upstream": {"flour/1": Staleness(State.CURRENT, version="f2")}},
            "input",
            "flour/1 changed",
        ),
        (
            {"upstream": {"flour/1": Staleness(State.STALE, TOO_OLD, "f1")}},
            "input",
            "flour/1 is stale: too old",
        ),
        (
            {"upstream": {"flour/1": Staleness(State.MISSING, GONE)}},
            "input",
            "flour/1 is missing: gone",
        ),
        ({"upstream": {}}, "input", "it is no longer made from flour/1"),
        (
            {"upstream": {**CURRENT.upstream, "salt": Staleness(State.CURRENT, version="s1")}},
            "input",
            "it is now made from salt too",
        ),
        ({"latest_missing": True}, "latest", "the copy called latest is missing or damaged"),
        (
            {"frozen": True, "latest_missing": True},
            "latest",
            "the copy called latest is missing or damaged",
        ),
        (
            {"upstream": {"flour/1": Staleness(State.STALE, TOO_OLD, "f2", lost=True)}},
            "input",
            "flour/1 changed",
        ),
        (
            {"record": Foreign("it holds the output of Cake, not of Bread")},
            "place",
            "it holds the output of Cake, not of Bread",
        ),
    ],
)
def test_each_difference_alone_makes_it_stale_and_says_why(change, category, reason):
    staleness = evaluate(replace(CURRENT, **{"code_version": lambda: "c1", **change}))
    assert staleness.state is State.STALE
    assert [(c.category, c.reason) for c in staleness.causes] == [(Category(category), reason)]
    assert staleness.needs_only_latest == (category == "latest")
    assert staleness.is_taken == (category == "place")


@pytest.mark.parametrize(
    ("upstream", "is_upstream"),
    [
        (Staleness(State.STALE, TOO_OLD, "f1"), True),
        (Staleness(State.MISSING, GONE), True),
        (Staleness(State.CURRENT, version="f2"), False),
        (Staleness(State.STALE, TOO_OLD, "f2", lost=True), False),
    ],
)
def test_a_cause_tells_whether_it_lies_upstream(upstream, is_upstream):
    (cause,) = evaluate(replace(CURRENT, upstream={"flour/1": upstream})).causes
    assert (cause.category, cause.is_upstream) == (Category.INPUT, is_upstream)


def test_an_input_that_was_not_there_before_is_a_change_of_its_own():
    """Even while it is to be made first: it is the definition that has changed."""
    upstream = {**CURRENT.upstream, "salt": Staleness(State.MISSING, GONE)}
    (cause,) = evaluate(replace(CURRENT, upstream=upstream)).causes
    assert not cause.is_upstream


def test_a_copy_called_latest_is_not_all_there_is_to_do_where_the_output_is_stale():
    staleness = evaluate(replace(CURRENT, settings={}, latest_missing=True))
    assert [cause.category for cause in staleness.causes] == [Category.SETTING, Category.LATEST]
    assert not staleness.needs_only_latest


def test_code_whose_text_alone_changed_is_the_same_code():
    assert evaluate(replace(CURRENT, sources="s2", code_version=lambda: "c1")).current


def test_without_output_it_is_missing():
    staleness = evaluate(replace(CURRENT, version=None))
    assert (staleness.state, staleness.lost) == (State.MISSING, False)


@pytest.mark.parametrize(
    "change",
    [
        {"frozen": True},
        {"upstream": {"flour/1": Staleness(State.MISSING, GONE, lost=True)}},
    ],
    ids=["its window is over", "its input is lost"],
)
def test_without_output_it_is_lost_if_it_can_t_be_made_any_more(change):
    assert evaluate(replace(CURRENT, version=None, **change)).lost


def test_what_is_stale_and_made_from_something_lost_is_lost_too():
    lost = Staleness(State.MISSING, GONE, lost=True)
    staleness = evaluate(replace(CURRENT, settings={}, upstream={"flour/1": lost}))
    assert (staleness.state, staleness.lost) == (State.STALE, True)


@pytest.mark.parametrize(
    "lost",
    [
        Staleness(State.MISSING, GONE, lost=True),
        Staleness(State.STALE, TOO_OLD, "f1", lost=True),
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
