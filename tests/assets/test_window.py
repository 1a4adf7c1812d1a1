from __future__ import annotations

from datetime import datetime

import pytest

from hn_luigi.assets import window

HALF_PAST = datetime(2026, 11, 22, 12, 30)


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


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("2026-11-22", datetime(2026, 11, 22)),
        ("2026-W47", datetime(2026, 11, 16)),
        ("2021-W01", datetime(2021, 1, 4)),
        ("2026-11", datetime(2026, 11, 1)),
    ],
)
def test_a_day_a_week_and_a_month_are_read_by_their_beginning(text, start):
    assert window.parse(text) == start


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-W54",
        "2026-W00",
        "2026W47",
        "yesterday",
        "2026-13-01T0000",
        "1230",
        "2026-11-22T1230+1",
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError, match="is not a UTC time like"):
        window.parse(text)


def test_a_window_s_name_is_read_back():
    assert window.name(HALF_PAST) == "2026-11-22T1230Z"
    assert window.parse(window.name(HALF_PAST)) == HALF_PAST


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
