"""Clocks that step, and days on which summer time begins or ends."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from ..processes import wait_until
from .pipeline import AN_HOUR_AGO, IN_ITS_TIME, NOW, to_be_held

FRESHNESS = "from hn_luigi.cli import main\nmain(['--watch', 'hn_luigi Wordcloud', 'freshness'])"
APART = pytest.mark.parametrize("minutes", [-4, 4])
STEPS = pytest.mark.parametrize("hours", [-1, 1], ids=["back", "forward"])


@STEPS
def test_the_clock_steps_between_runs_and_back(pipeline, hours, tried):
    for moment in (AN_HOUR_AGO + timedelta(hours=hours), AN_HOUR_AGO):
        pipeline.set_clock(moment)
        pipeline.before = pipeline.contents()
        run = pipeline.run()
        assert tried(f"clock {hours:+} h and back", run.end()) == 0, run.said
        pipeline.survived()


@STEPS
def test_the_clock_steps_in_a_run(pipelines, fetching, hours, tried):
    """What was read at another time than the window's is not published."""
    pipeline = pipelines(**to_be_held())
    with fetching(pipeline) as run:
        pipeline.set_clock(NOW + timedelta(hours=hours))
    assert tried(f"clock {hours:+} h in a run", run.end()) == 30, run.said
    assert f"12:30 UTC, {'is over' if hours > 0 else 'has not begun'}, and its source" in run.said
    pipeline.survived()
    pipeline.set_clock(NOW)
    pipeline.before = pipeline.contents()
    pipeline.survived()


@APART
def test_two_machines_whose_clocks_differ_take_what_the_other_made(pipelines, api, minutes, tried):
    here, there = pipelines(), pipelines(copied=False)
    there.set_clock(NOW + timedelta(minutes=minutes))
    run = there.run()
    assert tried(f"two machines, clocks {minutes:+} min", run.end()) == 0, run.said
    asked = len(api.requests)
    run = here.run()
    assert run.end() == 0, run.said
    assert len(api.requests) == asked
    looked = here.machine.start(IN_ITS_TIME + FRESHNESS)
    assert looked.end() == 0, looked.said
    here.survived()


@APART
def test_of_two_machines_the_one_that_waits_says_in_what_the_other_differs(
    pipelines, fetching, minutes, tried
):
    here, there = pipelines(), pipelines(copied=False)
    there.set_clock(NOW + timedelta(minutes=minutes))
    configuration = here.machine.folder / "luigi.cfg"
    configuration.write_text(configuration.read_text().replace("limit = 20", "limit = 15"))
    with fetching(there, only="topstories") as first:
        second = here.run()
        wait_until(lambda: "waiting for it" in second.said)
    runs = first, second
    what = f"two machines, other settings, clocks {minutes:+} min"
    assert [tried(what, run.end()) for run in runs] == [0, 0], second.said
    assert "hackernews.limit changed from 20 to 15. It is taken as it is" in second.said


@pytest.mark.parametrize(
    "zone, begins, ends, hour",
    [
        ("Europe/Berlin", "2026-03-29T01:00", "2026-10-25T01:00", 60),
        ("America/New_York", "2026-03-08T07:00", "2026-11-01T06:00", 60),
        ("Australia/Lord_Howe", "2026-10-03T15:30", "2026-04-04T15:00", 30),
    ],
)
def test_days_of_a_change(pipelines, zone, begins, ends, hour, tried):
    """Each run makes the page of its own ten minutes, also where a local time comes twice."""
    pipeline = pipelines(environment={"TZ": zone}, copied=False)
    windows = []
    begins, ends = datetime.fromisoformat(begins), datetime.fromisoformat(ends)
    for change, before in (begins, 10), (ends, hour):
        for moment in (change - timedelta(minutes=before), change):
            pipeline.set_clock(moment + timedelta(minutes=1))
            run = pipeline.run()
            assert tried(f"summer time, {zone}", run.end()) == 0, run.said
            windows.append(f"{moment:%Y-%m-%dT%H%MZ}")
            assert {*pipeline.pages()} == {*windows, "latest"}
    pipeline.survived()
    assert {*pipeline.pages()} == {*windows, "latest"}
