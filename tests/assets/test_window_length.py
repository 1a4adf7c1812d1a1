from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from hn_luigi.assets.window_length import ALWAYS, DAY, NO_WINDOW, length_of, of_minutes

HALF_PAST = datetime(2026, 11, 22, 12, 30)
WEEK, MONTH = length_of("week"), length_of("month")


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
    assert of_minutes(minutes).floor(moment) == start


def test_an_aware_moment_is_taken_as_the_instant_it_is():
    in_berlin = datetime(2026, 11, 22, 13, 34, tzinfo=timezone(timedelta(hours=1)))
    assert of_minutes(10).floor(in_berlin) == HALF_PAST


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
    assert of_minutes(length).is_open(HALF_PAST, at) is is_open


@pytest.mark.parametrize(
    ("length", "start", "end", "label"),
    [
        (of_minutes(10), HALF_PAST, datetime(2026, 11, 22, 12, 40), "2026-11-22 12:30"),
        (DAY, datetime(2026, 11, 22), datetime(2026, 11, 23), "2026-11-22"),
        (WEEK, datetime(2026, 11, 16), datetime(2026, 11, 23), "2026-W47"),
        (MONTH, datetime(2026, 11, 1), datetime(2026, 12, 1), "2026-11"),
    ],
)
def test_a_window_begins_ends_and_is_called_as_the_calendar_has_it(length, start, end, label):
    assert (length.floor(HALF_PAST), length.end(start), length.label(start)) == (start, end, label)
    assert length.floor(end - timedelta(microseconds=1)) == start
    assert length.floor(end) == end


def test_a_week_is_of_the_year_that_has_most_of_it():
    assert WEEK.label(datetime(2025, 12, 29)) == "2026-W01"


@pytest.mark.parametrize("length", [of_minutes(7), DAY, WEEK, MONTH], ids=str)
@pytest.mark.parametrize("windows", [-25, -1, 0, 1, 14])
def test_windows_are_counted_as_they_are_shifted(length, windows):
    start = length.floor(HALF_PAST)
    other = length.shift(start, windows)
    assert length.floor(other) == other
    assert length.between(start, other) == windows


def test_a_window_of_another_length_is_called_by_its_start():
    assert DAY.label(HALF_PAST) == "2026-11-22 12:30"


def test_no_window_is_always_open():
    assert NO_WINDOW.floor(HALF_PAST) == ALWAYS
    assert NO_WINDOW.is_open(ALWAYS, HALF_PAST)
    assert NO_WINDOW.is_open(ALWAYS, datetime(9000, 1, 1))


@pytest.mark.parametrize("length", [of_minutes(10), WEEK, MONTH], ids=str)
@pytest.mark.parametrize("windows", [-(10**6), 10**6])
def test_no_window_begins_where_no_year_is(length, windows):
    with pytest.raises(OverflowError):
        length.shift(length.floor(datetime(1, 1, 10 if windows < 0 else 1)), windows * 1000)


def test_what_divides_a_day_can_be_declared():
    assert length_of(timedelta(minutes=15)) == of_minutes(15)
    assert length_of(timedelta(days=1)) == length_of("day") == DAY
    assert length_of(None) == NO_WINDOW


@pytest.mark.parametrize(
    "declared",
    [
        timedelta(minutes=7),
        timedelta(hours=36),
        timedelta(days=7),
        timedelta(seconds=90),
        timedelta(0),
        -timedelta(minutes=10),
        "daily",
        "year",
        10,
        "",
    ],
)
def test_no_other_length_can_be(declared):
    with pytest.raises(ValueError, match="timedelta of whole minutes that divides a day"):
        length_of(declared)
