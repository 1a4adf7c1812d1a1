"""Partitions by day and city, each made from yesterday's, too."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from hn_luigi.assets.operations import (
    Plan,
    backfill_of,
    prune_windows,
    rebuild,
    steps_to,
    verify_outputs,
)

ALL_BY_NAME = ["Change", "Change", "Reading", "Reading", "Weather"]


@pytest.fixture
def on(days, folder):
    """Goes to a day, on which it is as warm in Bonn, and half as warm in Ulm."""
    (folder / "stations").mkdir()

    def to(day):
        days(day)
        for city, degrees in (("bonn", day), ("ulm", day / 2)):
            station = folder / f"stations/{city}.json"
            station.write_text(json.dumps({"degrees": degrees}))

    return to


@pytest.fixture
def weather(on, pipeline, failed, made):
    """The pipeline, after the days 20 and 21; of what was before, nothing is known."""
    weather = pipeline("weather")
    on(20)
    assert "Reading(as_of=2026-11-19T0000Z, city=bonn) can't be made" in failed(weather.Weather())
    on(21)
    assert sorted(made(weather.Weather())) == ALL_BY_NAME
    return weather


def test_each_city_is_compared_with_its_own_yesterday(weather, made, value, root):
    assert value(weather.Weather()) == "- bonn: +1\n- ulm: +0.5\n"
    assert (root / "ulm/change/2026-11-21T0000Z.json").read_text() == "0.5\n"
    assert made(weather.Weather()) == []


def test_after_a_missed_day_one_fails_and_the_next_is_made(weather, on, failed, made):
    on(23)
    assert "city=ulm) can't be made: its window, 2026-11-22, is over" in failed(weather.Weather())
    assert weather.Weather(as_of="latest").as_of == datetime(2026, 11, 21)
    on(24)
    assert sorted(made(weather.Weather())) == ALL_BY_NAME


def test_a_changed_comparison_remakes_past_days_and_reads_nothing(weather, pipeline, on, value):
    on(25)
    weather = pipeline("weather", {", 1)": ", 0)"})
    backfill = backfill_of(weather.Weather(), since=datetime(2026, 11, 1))
    assert [task.as_of.day for task in backfill.stale] == [21]
    assert backfill.lost == ()
    assert [error for _, error in rebuild(backfill.stale)] == [None]
    assert value(weather.Weather(as_of="latest")) == "- bonn: +1\n- ulm: +0.0\n"


def test_a_range_makes_the_days_that_can_be(weather, on, succeed, root, range_of):
    on(22)
    (root / "weather/2026-11-21T0000Z.md").unlink()
    succeed(range_of(weather.Weather, 21, 23))
    stored = sorted(path.name for path in root.glob("weather/2026*"))
    assert stored == ["2026-11-21T0000Z.md", "2026-11-22T0000Z.md"]


def test_prune_keeps_yesterday_for_today_which_reads_no_more_than_it_says(weather, on, made):
    on(22)
    plans = {(type(s.task).__name__, s.task.as_of.day): s.plan for s in steps_to(weather.Weather())}
    assert plans[("Reading", 21)] is Plan.NOTHING
    assert plans[("Reading", 22)] is plans[("Change", 22)] is plans[("Weather", 22)] is Plan.MAKE
    readings = [weather.Reading(city=city) for city in weather.CITIES]
    datasets = [reading.dataset for reading in readings]
    pruned = prune_windows(
        datasets, before=datetime(2026, 11, 22), needed_by=[weather.Weather(), *readings]
    )
    assert [each.windows for each in pruned] == [1, 1]
    assert sorted(made(weather.Weather())) == ALL_BY_NAME
    assert verify_outputs([weather.Weather(), *readings]).problems == ()
