from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

import pytest

from hn_luigi.assets.errors import FormatError
from hn_luigi.assets.failures import Failure
from hn_luigi.assets.records import Record, Unreadable, json_values, parse, parse_record

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
FAILURE = Failure(
    asset="bread",
    window="2026-11-22T1230Z",
    failed_at="2026-11-22T12:35:00.000Z",
    error="Fire: the oven burns",
    attempt=2,
)


def test_a_record_is_read_back():
    assert parse_record(RECORD.to_json()) == RECORD


def test_a_failure_is_read_back():
    assert parse(Failure, FAILURE.to_json()) == FAILURE


def test_a_failure_that_can_t_be_used_says_why():
    assert isinstance(parse(Failure, b"{}"), Unreadable)


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
        (json.dumps({**vars(RECORD), "duration": "5"}).encode(), "its record is unreadable (durat"),
        (
            json.dumps({**vars(RECORD), "versions": None}).encode(),
            "its record is unreadable (versi",
        ),
        (
            json.dumps({**vars(RECORD), "window": "/etc"}).encode(),
            "its record is unreadable (windo",
        ),
        (json.dumps({**vars(RECORD), "version": True}).encode(), "its record is unreadable"),
        (
            json.dumps({**vars(RECORD), "data_time": "2026-11-22T10:00:00.000+02:00Z"}).encode(),
            "its record is unreadable (data_time",
        ),
        (json.dumps({**vars(RECORD), "version": 2}).encode(), "its record has the later form 2"),
    ],
)
def test_a_record_that_can_t_be_used_says_why(data, reason):
    found = parse_record(data)
    assert isinstance(found, Unreadable)
    assert found.reason.startswith(reason)
