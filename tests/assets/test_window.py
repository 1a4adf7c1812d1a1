from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from hn_luigi.assets import window

HALF_PAST = datetime(2026, 11, 22, 12, 30)


@pytest.mark.parametrize(
    ("moment", "minutes", "start"),
    [
        (datetime(2026, 11, 22, 12, 39, 59, 999_999), 10, HALF_PAST),
        (HALF_PAST, 10, HALF_PAST),
        (datetime(2026, 11, 22, 12, 34), 60, datetime(2026, 11, 22, 12)),
        (datetime(2026, 11, 22, 12, 34), 1440, datetime(2026, 11, 22)),
        (datetime(1969, 12, 31, 23, 59), 10, datetime(1969, 12, 31, 23, 50)),
    ],
)
def test_a_moment_is_floored_to_its_window(moment, minutes, start):
    assert window.floor(moment, minutes) == start


def test_an_aware_moment_is_taken_as_the_instant_it_is():
    in_berlin = datetime(2026, 11, 22, 13, 34, tzinfo=timezone(timedelta(hours=1)))
    assert window.floor(in_berlin, 10) == HALF_PAST


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22T1230",
        "2026-11-22T1230Z",
        "2026-11-22 12:30",
        "2026-11-22T12:30",
        "2026-11-22T12:30Z",
    ],
)
def test_a_time_is_read_in_the_usual_forms(text):
    assert window.parse(text) == HALF_PAST


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01T0000", "1230", "2026-11-22T1230+1"])
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError, match="is not a UTC time like"):
        window.parse(text)


def test_a_window_s_name_is_read_back():
    assert window.name(HALF_PAST) == "2026-11-22T1230Z"
    assert window.parse(window.name(HALF_PAST)) == HALF_PAST


@pytest.mark.parametrize(
    ("length", "minutes_after_start", "is_open"),
    [
        (10, -1, False),
        (10, 0, True),
        (10, 10, True),
        (10, 19, True),
        (10, 20, False),
        (1, 1, True),
        (1, 2, False),
        (60, 69, True),
        (60, 70, False),
        (1440, 1439, True),
        (1440, 1449, True),
        (1440, 1450, False),
    ],
)
def test_a_window_is_open_for_its_length_and_a_grace_as_long_but_ten_minutes_at_most(
    length, minutes_after_start, is_open
):
    at = HALF_PAST + timedelta(minutes=minutes_after_start)
    assert window.is_open(HALF_PAST, length, at) is is_open


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("2026-11-22T1230Z", True),
        ("0021-03-04T0506Z", True),
        ("2024-02-29T2359Z", True),
        ("2026-02-29T0000Z", False),
        ("2026-11-22T2400Z", False),
        ("2026-11-22T1260Z", False),
        ("0000-01-01T0000Z", False),
        ("2026-11-22T1230", False),
        ("2026-11-22T12:30Z", False),
        ("2026-11-22T1230Z\n", False),
        ("２026-11-22T1230Z", False),
        ("2026-W48-7T1230Z", False),
        ("", False),
    ],
)
def test_what_is_a_window_s_name_and_what_is_only_close_to_one(text, is_one):
    assert window.is_name(text) is is_one


def test_a_day_has_a_name_for_each_minute():
    names = window.names_on("2026-11-22")
    assert list(names) == sorted(set(names))
    assert len(names) == 1440
    assert all(map(window.is_name, names))
    assert window.name(HALF_PAST) in names
