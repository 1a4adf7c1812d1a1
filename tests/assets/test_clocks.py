"""Machines whose clocks differ, by five minutes and by more; the test's clock is each in turn."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from hn_luigi.assets import FreshnessPolicy
from hn_luigi.assets.freshness import Freshness
from hn_luigi.assets.operations import status_of
from hn_luigi.assets.operations.consecutive_failures import consecutive_failures_of
from hn_luigi.assets.operations.window_status import status_of_windows
from hn_luigi.assets.window import just_after

NOW = datetime(2026, 11, 22, 12, 34, 56)
AT = "2026-11-22T12:34:56.000Z"


@pytest.mark.parametrize(
    ("earlier", "noted"),
    [
        ([], AT),
        ([None], AT),
        ([AT], AT),
        (["2026-11-22T12:30:00.000Z"], AT),
        (["2026-11-22T12:39:56.000Z", None, AT], "2026-11-22T12:39:56.001Z"),
        (["2026-11-22T12:39:56.001Z"], AT),
        (["2026-11-22T12:39:56.001Z", "2026-11-22T12:35:00.000Z"], "2026-11-22T12:35:00.001Z"),
    ],
)
def test_what_follows_is_noted_as_later_unless_that_is_of_the_future(earlier, noted):
    assert just_after(earlier, NOW) == noted


@pytest.fixture
def flour(bakery, monkeypatch):
    monkeypatch.setattr(bakery[0], "freshness", FreshnessPolicy(timedelta(minutes=9)))
    return bakery[0]


@pytest.fixture
def fail(flour, world, build):
    def run():
        world.trouble = ValueError("the mill stands still")
        build(flour())
        world.trouble = None

    return run


def failing(task):
    (status,) = status_of([task])
    (of_window,) = status_of_windows(task, [task.as_of])
    in_a_row = consecutive_failures_of(task.dataset, status.newest).attempts
    assert bool(status.failure) == bool(in_a_row) == of_window.failed_last
    return bool(in_a_row)


@pytest.mark.parametrize("minutes", [-4, 0, 4])
def test_what_is_made_after_a_failure_elsewhere_is_made(flour, fail, made, clock, minutes):
    fail()
    assert failing(flour())
    clock.advance(minutes=-minutes, seconds=1)
    made(flour())
    assert not failing(flour())


@pytest.mark.parametrize("minutes", [-4, 0, 4])
def test_what_fails_after_it_was_made_elsewhere_fails(flour, fail, made, clock, minutes):
    made(flour())
    (path,) = (flour().output().path,)
    with open(path, "a") as file:
        file.write(" ")
    clock.advance(minutes=-minutes, seconds=1)
    fail()
    assert failing(flour())


@pytest.mark.parametrize(
    ("minutes", "freshness", "lag"),
    [(5, Freshness.PASS, timedelta(0)), (6, Freshness.UNKNOWN, timedelta(minutes=-6))],
)
def test_data_of_a_clock_that_is_ahead_is_new(flour, made, clock, minutes, freshness, lag):
    clock.at = datetime(2026, 11, 22, 12, 39)
    made(flour())
    clock.advance(minutes=-minutes)
    (status,) = status_of([flour()])
    assert (status.lag.freshness, status.lag.lag) == (freshness, lag)


class TestMoreThanFiveMinutes:
    def test_are_told_once_with_the_clock_the_difference_and_the_remedy(
        self, shop, made, clock, caplog
    ):
        clock.at = datetime(2026, 11, 22, 12, 39)
        made(shop())
        clock.advance(minutes=-8)
        assert shop().complete()
        assert shop().complete()
        (told,) = [record.message for record in caplog.records if "clock" in record.message]
        assert told == (
            "this machine's clock says 2026-11-22 12:31 UTC, 8 min behind that of the machine that "
            "made ulm/flour/2026-11-22T1230Z: set the one that is wrong by NTP, as with "
            "timedatectl set-ntp true"
        )

    def test_five_are_not_told(self, shop, made, clock, caplog):
        clock.at = datetime(2026, 11, 22, 12, 39)
        made(shop())
        clock.advance(minutes=-5)
        assert shop().complete()
        assert "clock" not in caplog.text
