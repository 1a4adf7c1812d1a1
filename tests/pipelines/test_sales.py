"""A day rolled up from ten minutes, and a month from its days."""

from __future__ import annotations

import json
from datetime import datetime

import pandas as pd
import pytest

from hn_luigi.assets.operations import (
    backfill_of,
    prune_windows,
    rebuild,
    status_of,
    verify_outputs,
)

ALL = ["Till", "DaySales", "MonthSales", "SalesPage"]


@pytest.fixture
def on(days, folder):
    """Goes to a time, at which the till says that so many rolls were sold."""

    def to(day, hour, minute=0, rolls=1):
        days(day, hour, minute)
        (folder / "till.csv").write_text(f"article,amount\nroll,{rolls}\nrye,1\n")

    return to


@pytest.fixture
def sales(on, pipeline, made):
    """The pipeline, after a till of the 21st, late, and two of the 22nd, of which one at noon."""
    sales = pipeline("sales")
    on(21, 23, 40, rolls=8)
    assert made(sales.DaySales()) == ["Till", "DaySales"]
    on(22, 9, rolls=2)
    assert made(sales.SalesPage()) == ALL
    on(22, 12, rolls=1)
    assert made(sales.SalesPage()) == ALL
    return sales


def test_a_day_is_what_was_captured_of_it_and_a_month_its_days(sales, made, value, root, clock):
    sold = pd.read_parquet(root / "day_sales/2026-11-22T0000Z.parquet")
    assert sold.set_index("article")["amount"].to_dict() == {"roll": 3, "rye": 2}
    assert value(sales.SalesPage()) == "| 2026-11-21 | 9 |\n| 2026-11-22 | 5 |\n"
    record = json.loads((root / "_records/day_sales/2026-11-22T0000Z.json").read_text())
    (tills,) = record["windows"].values()
    assert (record["metadata"]["tills"], tills["missing"]) == (2, 12 * 6 + 1 - 2)
    clock.advance(minutes=7)
    assert made(sales.SalesPage()) == []
    (status,) = status_of([sales.SalesPage()])
    assert status.newest.data_time == "2026-11-22T12:00:00.000Z"  # not that of its first till


def test_a_day_that_is_over_takes_its_last_till_when_it_is_asked_for(
    sales, on, succeed, value, range_of
):
    on(22, 23, 50, rolls=4)
    succeed(sales.Till())
    on(23, 0, 20)
    succeed(sales.SalesPage())  # which takes days that are over as they are stored
    assert "| 2026-11-22 | 5 |" in value(sales.SalesPage())
    succeed(range_of(sales.DaySales, 21, 23))
    succeed(sales.SalesPage())
    assert "| 2026-11-22 | 10 |\n| 2026-11-23 | 2 |" in value(sales.SalesPage())


def test_a_changed_roll_up_remakes_past_days_and_these_their_month(sales, pipeline, made, value):
    summed = 'as_index=False)["amount"].sum()'
    sales = pipeline("sales", {summed: summed.replace("sum", "max")})
    stale = backfill_of(sales.DaySales(), since=datetime(2026, 11, 1)).stale
    assert [error for _, error in rebuild(stale)] == [None, None]
    assert made(sales.SalesPage()) == ["MonthSales", "SalesPage"]
    assert value(sales.SalesPage()) == "| 2026-11-21 | 9 |\n| 2026-11-22 | 3 |\n"


def test_prune_keeps_what_today_is_made_from_and_days_outlive_their_tills(sales, on, made, value):
    on(22, 12, 10)
    kinds = [sales.Till(), sales.DaySales(), sales.MonthSales(), sales.SalesPage()]
    datasets = [kind.dataset for kind in kinds]
    pruned = prune_windows(datasets, before=datetime(2026, 11, 22, 12), needed_by=kinds)
    assert [each.windows for each in pruned] == [1, 0, 0, 0]
    assert made(sales.SalesPage()) == ALL
    yesterday = sales.DaySales(as_of="2026-11-21")
    assert yesterday.complete()
    assert "kept as it is" in yesterday.staleness().kept
    assert "| 2026-11-21 | 9 |" in value(sales.SalesPage())
    assert verify_outputs(kinds).problems == ()


def test_a_till_without_amounts_is_refused_and_the_page_stays(sales, on, folder, failed, value):
    before = value(sales.SalesPage())
    on(22, 12, 10)
    (folder / "till.csv").write_text("article\nroll\n")
    assert "amount is missing" in failed(sales.SalesPage())
    assert value(sales.SalesPage()) == before
