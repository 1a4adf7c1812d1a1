from __future__ import annotations

import json
from dataclasses import replace

import pytest

from hn_luigi.assets.provenance import (
    LATEST_MISSING,
    Facts,
    Record,
    State,
    Unreadable,
    Verdict,
    judge,
    parse_record,
)

RECORD = Record(
    asset="bread",
    window="2026-11-22T1230Z",
    created_at="2026-11-22T12:35:00.000Z",
    read_at=None,
    data_time="2026-11-22T12:34:00.000Z",
    settings={"oven.degrees": 180},
    upstream={"flour/1": "f1"},
    data_version="b1",
    size=10,
    modified_ns=99,
    metadata={"loaves": 3},
)
CURRENT = Facts(
    stored=(10, 99),
    digest=lambda: pytest.fail("size and time settle it"),
    record=RECORD,
    settings={"oven.degrees": 180},
    upstream={"flour/1": Verdict(State.CURRENT, version="f1")},
)


def test_what_matches_its_definition_is_current_without_hashing():
    assert judge(CURRENT) == Verdict(State.CURRENT, version="b1")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"record": None}, "it has no record"),
        ({"record": Unreadable("its record is torn")}, "its record is torn"),
        ({"settings": {"oven.degrees": 200}}, "the setting oven.degrees changed from 180 to 200"),
        ({"settings": {}}, "the setting oven.degrees changed from 180 to None"),
        ({"stored": (11, 99), "digest": lambda: "b2"}, "its output was changed by another hand"),
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
    ],
)
def test_each_difference_alone_makes_it_stale_and_says_why(change, reason):
    facts = replace(CURRENT, **{"digest": lambda: "b1", **change})
    verdict = judge(facts)
    assert verdict.state is State.STALE
    assert verdict.reasons == (reason,)


def test_the_same_bytes_with_another_time_are_current():
    facts = replace(CURRENT, stored=(10, 100), digest=lambda: "b1")
    assert judge(facts).current


def test_without_output_it_is_missing():
    verdict = judge(replace(CURRENT, stored=None))
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
    assert judge(replace(CURRENT, stored=None, **change)).lost


def test_what_was_made_from_something_lost_stays():
    lost = Verdict(State.MISSING, ("gone",), lost=True)
    assert judge(replace(CURRENT, upstream={"flour/1": lost})).current


@pytest.mark.parametrize(
    "change",
    [{"record": None}, {"settings": {}}, {"upstream": {}}, {"record": Unreadable("torn")}],
)
def test_a_capture_whose_window_is_over_is_taken_as_it_is(change):
    facts = replace(CURRENT, frozen=True, digest=lambda: "b1", **change)
    assert judge(facts) == Verdict(State.CURRENT, version="b1")


def test_a_record_is_read_back():
    assert parse_record(RECORD.to_json()) == RECORD


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "its record is unreadable"),
        (b"{", "its record is unreadable"),
        (b"[]", "its record is unreadable"),
        (b"null", "its record is unreadable"),
        (b"\xff", "its record is unreadable"),
        (b'{"version": 1}', "its record is unreadable"),
        (b'{"version": "1"}', "its record is unreadable"),
        (json.dumps({**vars(RECORD), "settings": 3}).encode(), "its record is unreadable"),
        (json.dumps({**vars(RECORD), "version": 2}).encode(), "its record has the later form 2"),
    ],
)
def test_a_record_that_can_t_be_used_says_why(data, reason):
    found = parse_record(data)
    assert isinstance(found, Unreadable)
    assert found.reason.startswith(reason)
