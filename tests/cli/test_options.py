"""What users write after a command's name, and what they are told when it is wrong."""

from __future__ import annotations

from datetime import datetime, timedelta

import click
import pytest

from hn_luigi.assets.parameters.window_parameter import LATEST
from hn_luigi.cli.options import Duration, Share, WindowType


@pytest.fixture(autouse=True)
def at_half_past(clock):
    return clock


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("now", None),
        ("", None),
        ("latest", LATEST),
        ("2026-11-22T1217Z", datetime(2026, 11, 22, 12, 17)),
        ("2026-11-22 12:30", datetime(2026, 11, 22, 12, 30)),
        ("2026-11-22", datetime(2026, 11, 22)),
        ("2026-W47", datetime(2026, 11, 16)),
        ("2026-11", datetime(2026, 11, 1)),
    ],
)
def test_a_window_is_now_latest_or_the_one_that_holds_a_time(text, means):
    assert WindowType().convert(text, None, None) == means


@pytest.mark.parametrize("text", ["yesterday", "2026-W54", "2026-13", "12:30"])
def test_what_is_no_window_is_refused_with_what_is_wanted(text):
    with pytest.raises(click.BadParameter, match="it must be now, latest, or a UTC time"):
        WindowType().convert(text, None, None)


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("90m", timedelta(minutes=90)),
        ("12h", timedelta(hours=12)),
        ("30d", timedelta(days=30)),
        ("2w", timedelta(weeks=2)),
    ],
)
def test_a_length_of_time_is_a_number_and_a_unit(text, means):
    assert Duration().convert(text, None, None) == means


@pytest.mark.parametrize(
    "text", ["", "30", "d", "0d", "-1d", "1.5h", "3 d", "1y", "٣d", "x" * 5000]
)
def test_what_is_no_length_of_time_is_refused(text):
    with pytest.raises(click.BadParameter, match="like 90m, 12h, 30d or 2w"):
        Duration().convert(text, None, None)


@pytest.mark.parametrize("text", ["36501d", "999999w", "9999999999999w", "9" * 5000 + "m"])
def test_a_length_of_time_is_36500_days_at_most(text):
    with pytest.raises(click.BadParameter, match="it must be at most 36500 days") as refused:
        Duration().convert(text, None, None)
    assert len(refused.value.message) < 120


def test_36500_days_are_a_length_of_time():
    assert Duration().convert("36500d", None, None) == timedelta(days=36_500)


@pytest.mark.parametrize(
    ("text", "means"), [("5%", 0.05), ("0.5%", 0.005), ("100%", 1.0), ("12.25%", 0.1225)]
)
def test_a_share_is_a_number_of_per_cent(text, means):
    assert Share().convert(text, None, None) == pytest.approx(means)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5",
        "0%",
        "0.0%",
        "101%",
        "100.1%",
        "-5%",
        "nan%",
        "5 %",
        ".5%",
        "٣%",
        "1e1%",
        "9" * 5000,
    ],
)
def test_what_is_no_share_is_refused(text):
    with pytest.raises(click.BadParameter, match="like 5% or 0.5%") as refused:
        Share().convert(text, None, None)
    assert len(refused.value.message) < 160
