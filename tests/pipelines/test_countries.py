"""A table that knows no time, joined into each day."""

from __future__ import annotations

from datetime import datetime

import pytest

from hn_luigi.assets.operations import backfill_of, prune_windows, rebuild, status_of, steps_to


@pytest.fixture
def countries(pipeline, folder, days, made):
    """The pipeline, after two days."""
    countries = pipeline("countries")
    (folder / "visits.txt").write_text("de de xk\n")
    days(20)
    assert sorted(made(countries.VisitsByCountry())) == ["Countries", "Visits", "VisitsByCountry"]
    days(21)
    assert made(countries.VisitsByCountry()) == ["Visits", "VisitsByCountry"]
    return countries


def test_the_table_is_made_once_and_joined_into_each_day(countries, value, root, made):
    assert value(countries.VisitsByCountry()) == {"Germany": 2, "elsewhere": 1}
    assert [path.name for path in root.glob("countries/*")] == ["countries.json"]
    assert made(countries.VisitsByCountry()) == []


def test_a_changed_table_is_made_anew_and_so_is_each_day_when_it_is_asked_for(
    countries, pipeline, folder, value
):
    with (folder / "countries.csv").open("a") as table:
        table.write("xk,Kosovo\n")
    countries = pipeline("countries")
    first, *_ = steps_to(countries.VisitsByCountry())
    assert first.reasons == ("its code changed in countries.csv",)
    stale = backfill_of(countries.VisitsByCountry(), since=datetime(2026, 11, 1)).stale
    assert [task.as_of.day for task in stale] == [20, 21]
    assert [error for _, error in rebuild(stale)] == [None, None]
    assert value(countries.VisitsByCountry(as_of="2026-11-20")) == {"Germany": 2, "Kosovo": 1}


def test_it_has_no_age_and_outlives_every_prune(countries, clock):
    kinds = [countries.Countries(), countries.Visits()]
    assert [status.lag.lag is None for status in status_of(kinds)] == [True, False]
    clock.advance(days=300)
    pruned = prune_windows([kind.dataset for kind in kinds], before=clock.at)
    assert [each.windows for each in pruned] == [0, 1]
    assert kinds[0].complete()
