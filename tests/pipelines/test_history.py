"""A history that grows by a day."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from hn_luigi.assets.operations import (
    Plan,
    backfill_of,
    events_of,
    lag_of,
    prune_windows,
    rebuild,
    steps_to,
    verify_outputs,
)

ALL_DAYS = datetime(2026, 11, 1)
GERMAN_DATES = {'f"{self.as_of:%Y-%m-%d}"': 'f"{self.as_of:%d.%m.}"'}


@pytest.fixture
def on(days, folder):
    """Goes to a day, of which the price is as many cents."""

    def to(day):
        days(day)
        (folder / "price.json").write_text(str(day))

    return to


@pytest.fixture
def history(on, pipeline, made):
    """The pipeline, after the days 20, 21 and 24: the two in between were missed."""
    history = pipeline("history")
    for day in (20, 21, 24):
        on(day)
        assert made(history.Prices()) == ["Price", "Prices"]
    return history


def test_it_goes_on_from_its_last_window_whichever_was_missed(history, made, value):
    assert value(history.Prices()) == {"2026-11-20": 20, "2026-11-21": 21, "2026-11-24": 24}
    assert made(history.Prices()) == []


def test_latest_is_the_last_day_whichever_was_missed_before_it(history, on):
    on(26)
    assert history.Prices(as_of="latest").as_of == datetime(2026, 11, 24)


def test_it_is_as_old_as_its_last_price_and_not_as_its_first(history, made, clock, root):
    clock.advance(hours=2)
    assert lag_of(history.Prices()).lag == timedelta(hours=2)
    before = root / "prices/2026-11-21T0000Z.json"
    before.write_text(before.read_text())  # by a restore, say: its age is noted anew
    assert made(history.Prices()) == []
    assert lag_of(history.Prices()).lag == timedelta(hours=2)


def test_a_changed_way_to_keep_it_goes_through_all_days(history, pipeline, value):
    history = pipeline("history", GERMAN_DATES)
    stale = backfill_of(history.Prices(), since=ALL_DAYS).stale
    assert [(asset.as_of.day, error) for asset, error in rebuild(stale)] == [
        (20, None),
        (21, None),
        (24, None),
    ]
    assert value(history.Prices()) == {"20.11.": 20, "21.11.": 21, "24.11.": 24}
    assert backfill_of(history.Prices(), since=ALL_DAYS).stale == ()


def test_prune_keeps_what_it_goes_on_from(history, on, made, value):
    datasets = [history.Price().dataset, history.Prices().dataset]
    on(28)
    pruned = prune_windows(
        datasets, before=datetime(2026, 11, 28), needed_by=[history.Price(), history.Prices()]
    )
    assert [each.windows for each in pruned] == [2, 1]
    assert made(history.Prices()) == ["Price", "Prices"]
    assert list(value(history.Prices()))[-2:] == ["2026-11-24", "2026-11-28"]
    kept = [event.window[:10] for event in events_of(datasets[1], limit=9)]
    assert kept == ["2026-11-28", "2026-11-24", "2026-11-21"]
    assert verify_outputs([history.Price(), history.Prices()]).problems == ()


def test_after_an_outage_longer_than_it_looks_back_it_never_begins_anew(history, on, failed):
    on(39)
    *_, step = steps_to(history.Prices())
    assert step.plan is Plan.FAIL
    assert "has no window from 2026-12-02 00:00 to 2026-12-09 00:00 UTC" in failed(history.Prices())


def test_where_it_has_no_beginning_the_run_says_how_to_give_it_one(pipeline, on, failed):
    history = pipeline("history", {"2026, 11, 20": "2025, 1, 1"})
    on(20)
    assert "for the first window of all, leave them out of requires()" in failed(history.Prices())


@pytest.mark.parametrize("day", [20, 24])
def test_its_own_window_is_refused_among_those_it_is_made_from(
    history, pipeline, made, failed, day
):
    """It would be stale by its own making, each time anew; ``until`` is easily forgotten."""
    history = pipeline("history", {", until=self.as_of": "", "<= BEGINS": "< BEGINS"})
    said = failed(history.Prices(as_of=f"2026-11-{day}"))
    assert "its own window is among them; give until=self.as_of" in said
