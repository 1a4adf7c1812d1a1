"""Runs over time, as numbers for a picture."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from hn_luigi.web.kept_runs import KeptRun
from hn_luigi.web.run_job import RunRequest
from hn_luigi.web.run_views import RunView
from hn_luigi.web.timeline import timeline

END = datetime(2026, 11, 22, 12)


def run(minutes_ago, seconds=60, code=0):
    began = END - timedelta(minutes=minutes_ago)
    ended = began + timedelta(seconds=seconds)
    return RunView("0" * 12, kept=KeptRun("0" * 12, RunRequest(()), began, ended, code))


def test_a_run_is_where_its_time_is_and_told_in_words():
    (lane,) = timeline([run(0), run(25), run(100)], END).lanes
    assert lane.started_by == "page"
    assert [(bar.begin, bar.width) for bar in lane.bars] == [(0, 1), (75, 1), (100, 0.05)]
    assert lane.bars[0].label == "page, 2026-11-22 10:20, 1 min: done"


def test_a_run_of_an_instant_on_an_axis_of_months_is_drawn_all_the_same():
    (lane,) = timeline([run(0, 0), run(250_000, 1)], END).lanes
    assert all(bar.width > 0 for bar in lane.bars)


@pytest.mark.parametrize(
    ("minutes", "clocks"),
    [
        (0.25, ["11:59:45", "11:59:50", "11:59:55", "12:00:00"]),
        (1.5, ["11:58:30", "11:59:00", "11:59:30", "12:00:00"]),
        (3, ["11:57", "11:58", "11:59", "12:00"]),
        (240, ["08:00", "09:00", "10:00", "11:00", "12:00"]),
    ],
)
def test_an_axis_is_dated_as_exactly_as_it_is_short(minutes, clocks):
    """Who presses the first button of all looks at one of a few seconds."""
    assert [tick.clock for tick in timeline([run(minutes, 1)], END).ticks] == clocks


@pytest.mark.parametrize("minutes", [0, 0.1, 0.9, 1, 7, 55, 500, 3_000, 50_000, 500_000])
def test_an_axis_of_any_length_has_few_ticks_in_order_and_dated(minutes):
    ticks = timeline([run(minutes, 1)], END).ticks
    assert len(ticks) <= 7
    assert [tick.place for tick in ticks] == sorted({tick.place for tick in ticks})
    assert all(0 <= tick.place <= 100 for tick in ticks)
    assert not ticks or ticks[0].date
