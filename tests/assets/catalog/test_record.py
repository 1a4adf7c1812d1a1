from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

import pytest

from hn_luigi.assets import window
from hn_luigi.assets.catalog.failure import Failure, failures_of, keep
from hn_luigi.assets.catalog.record import Record, Unreadable, parse_record
from hn_luigi.assets.errors import FormatError
from hn_luigi.assets.formats.json_format import json_values
from hn_luigi.assets.operations.history import events_of
from hn_luigi.assets.operations.verify import verify_outputs

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
        *(
            (
                json.dumps({**vars(RECORD), **wrong}).encode(),
                f"its record is unreadable ({next(iter(wrong))} is ",
            )
            for wrong in (
                {"size": -1},
                {"size": True},
                {"attempts": 0},
                {"duration": -0.1},
                {"duration": 1e12},
                {"data_time": "9999-12-31T23:59:59.000Z"},
                {"created_at": "0001-01-01T00:00:00.000Z"},
                {"upstream": {"flour/1": 1}},
                {"versions": {"python": None}},
                {"parameters": {"feed": []}},
                {"parameters": "top"},
                {"family": None},
                {"inputs": ["a", {"b": 1}]},
            )
        ),
        *(
            (RECORD.to_json().replace(b": 3", b": " + number), "its record is unreadable (Value")
            for number in (b"NaN", b"-Infinity", b"1e400", b"9" * 4000, b"-" + b"9" * 200, b"1e101")
        ),
    ],
)
def test_a_record_that_can_t_be_used_says_why(data, reason):
    found = parse_record(data)
    assert isinstance(found, Unreadable)
    assert found.reason.startswith(reason)


class TestPlace:
    """What a record says of itself has to fit where it lies."""

    @pytest.fixture
    def copied(self, mill, bake, root):
        """Windows 12:30 and 12:40, the record of the first copied to where ``target`` says."""
        bake(2)
        path = root / "_records/bread/2026-11-22T1230Z.json"

        def copy(target):
            (root / target).parent.mkdir(parents=True, exist_ok=True)
            (root / target).write_bytes(path.read_bytes())

        return copy

    @pytest.mark.parametrize("what", ["bread", "flour"])
    def test_one_of_another_window_or_asset_is_unreadable(self, mill, copied, what):
        copied(f"_records/{what}/2026-11-22T1240Z.json")
        asset = {"bread": mill.Bread, "flour": mill.Flour}[what]()
        record = asset.partition.record()
        assert record == Unreadable(
            "its record is unreadable (it is that of bread, 2026-11-22T1230Z)"
        )
        assert asset.staleness().reasons == (record.reason,)
        assert asset.dataset.newest_made().window == "2026-11-22T1230Z"
        problems = verify_outputs([asset]).problems
        assert [problem.window for problem in problems] == ["2026-11-22T1240Z"]

    def test_nor_is_a_failure_of_another_asset_or_time_its_own(self, mill, bake, clock, root):
        bake()
        dataset = mill.Bread().dataset
        at = window.timestamp(clock.at)
        keep(dataset, Failure("bread", "2026-11-22T1230Z", at, "E: x"))
        (path,) = (root / "_failures/bread").iterdir()
        assert len(list(failures_of(dataset))) == 1
        told = json.loads(path.read_text())
        wrong = [
            {"asset": "flour"},
            {"window": "2020-01-01T0000Z"},
            {"failed_at": "2020-01-01T00:00:00.000Z"},
            {"attempt": 2},
        ]
        for each in wrong:
            path.write_text(json.dumps(told | each))
            assert not list(failures_of(dataset))
            (_, event) = events_of(dataset, limit=2)
            assert isinstance(event.found, Unreadable)


@pytest.mark.parametrize("number", [1e200, -1e101, 10**100, [{"deep": 1.7976931348623157e308}]])
def test_a_number_that_makes_a_record_unreadable_is_refused_before(number):
    """It would be stale for ever."""
    with pytest.raises(FormatError, match=r"bread can't be kept in a record: .*; make it text"):
        json_values({"number": number}, what="bread")


@pytest.mark.parametrize("number", [9.9e99, -(10**98), 5e-324, 2**63, 0.1 + 0.2])
def test_a_number_that_it_holds_stays_what_it_is(number):
    assert json_values({"number": number}, what="bread") == {"number": number}
