from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

import pytest

from hn_luigi.assets.errors import FormatError
from hn_luigi.assets.provenance import (
    LATEST_MISSING,
    Facts,
    Record,
    State,
    Unreadable,
    Verdict,
    json_values,
    judge,
    parse_record,
)

RECORD = Record(
    asset="bread",
    window="2026-11-22T1230Z",
    created_at="2026-11-22T12:35:00.000Z",
    data_time="2026-11-22T12:34:00.000Z",
    settings={"oven.degrees": 180},
    upstream={"flour/1": "f1"},
    data_version="b1" * 32,
    size=10,
    fingerprint="t1",
    metadata={"loaves": 3},
)
CURRENT = Facts(
    found=(10, "t1"),
    digest=lambda: pytest.fail("size and time settle it"),
    record=RECORD,
    settings={"oven.degrees": 180},
    upstream={"flour/1": Verdict(State.CURRENT, version="f1")},
)


def test_what_matches_its_definition_is_current_without_hashing():
    assert judge(CURRENT) == Verdict(State.CURRENT, version="b1" * 32)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"record": None}, "it has no record"),
        ({"record": Unreadable("its record is torn")}, "its record is torn"),
        ({"settings": {"oven.degrees": 200}}, "the setting oven.degrees changed from 180 to 200"),
        ({"settings": {}}, "the setting oven.degrees changed from 180 to None"),
        ({"found": (11, "t1"), "digest": lambda: "b2"}, "its output was changed by another hand"),
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
    facts = replace(CURRENT, **{"digest": lambda: "b1" * 32, **change})
    verdict = judge(facts)
    assert verdict.state is State.STALE
    assert verdict.reasons == (reason,)


def test_the_same_bytes_with_another_time_are_current():
    facts = replace(CURRENT, found=(10, "t2"), digest=lambda: "b1" * 32)
    assert judge(facts).current


def test_without_output_it_is_missing():
    verdict = judge(replace(CURRENT, found=None))
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
    assert judge(replace(CURRENT, found=None, **change)).lost


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
    [{"record": None}, {"settings": {}}, {"upstream": {}}, {"record": Unreadable("torn")}],
)
def test_a_capture_whose_window_is_over_is_taken_as_it_is(change):
    facts = replace(CURRENT, frozen=True, digest=lambda: "b1" * 32, **change)
    assert judge(facts) == Verdict(State.CURRENT, version="b1" * 32)


def test_a_record_is_read_back():
    assert parse_record(RECORD.to_json()) == RECORD


def test_a_record_with_fewer_or_more_keys_is_read():
    value = {**vars(RECORD), "from_the_future": 1}
    del value["metadata"], value["read_at"]
    assert parse_record(json.dumps(value).encode()) == replace(RECORD, metadata={})


def test_values_are_as_they_come_back_from_json():
    assert json_values({"a": ((1, 2),), "b": {"y", "x"}}, what="it") == {
        "a": [[1, 2]],
        "b": ["x", "y"],
    }


@pytest.mark.parametrize("value", [float("nan"), object(), datetime(2026, 1, 1)])
def test_what_json_has_no_form_for_is_refused_by_name(value):
    with pytest.raises(FormatError, match="what Bread reports must be JSON values: "):
        json_values({"a": value}, what="what Bread reports")


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
        (b"[" * 100_000, "its record is unreadable"),
        (
            json.dumps({**vars(RECORD), "settings": 3}).encode(),
            "its record is unreadable (settings",
        ),
        (json.dumps({**vars(RECORD), "upstream": []}).encode(), "its record is unreadable (upstre"),
        (
            json.dumps({**vars(RECORD), "data_time": 5}).encode(),
            "its record is unreadable (data_ti",
        ),
        (
            json.dumps({**vars(RECORD), "data_version": ""}).encode(),
            "its record is unreadable (data",
        ),
        (json.dumps({**vars(RECORD), "data_time": "1\ud800"}).encode(), "its record is unreadable"),
        (json.dumps({**vars(RECORD), "read_at": 5}).encode(), "its record is unreadable (read_at"),
        (json.dumps({**vars(RECORD), "version": 2}).encode(), "its record has the later form 2"),
    ],
)
def test_a_record_that_can_t_be_used_says_why(data, reason):
    found = parse_record(data)
    assert isinstance(found, Unreadable)
    assert found.reason.startswith(reason)
