"""A file of a day that somebody drops, as an input."""

from __future__ import annotations

import pytest
from luigi.execution_summary import LuigiStatusCode

from hn_luigi.assets.operations import Plan, steps_to


@pytest.fixture
def drop(folder):
    """Drops the file of a day of November 2026."""
    (folder / "inbox").mkdir()

    def drop(day, *orders):
        lines = [f"{number},{state}" for number, state in enumerate(orders, 1)]
        (folder / f"inbox/2026-11-{day}.csv").write_text("\n".join(["order,state", *lines]))

    return drop


@pytest.fixture
def external(pipeline, days):
    days(22)
    return pipeline("external")


def test_a_day_waits_for_its_file(external, drop, build, made, value):
    result = build(external.Orders())
    assert result.status is LuigiStatusCode.MISSING_EXT
    drop(22, "new", "cancelled")
    assert made(external.Orders()) == ["Orders"]
    assert value(external.Orders()) == ["1"]
    assert made(external.Orders()) == []


def test_a_file_that_is_corrected_is_read_again_and_one_that_comes_late_as_well(
    external, drop, build, succeed, value, range_of
):
    days = range_of(external.Orders, 20, 22)
    drop(21, "new")
    assert build(days).status is LuigiStatusCode.MISSING_EXT
    assert value(external.Orders(as_of="2026-11-21")) == ["1"]
    drop(20, "new")
    drop(21, "new", "new")
    *_, step = steps_to(external.Orders(as_of="2026-11-21"))
    assert step.plan is Plan.MAKE
    assert "Inbox" in step.reasons[0]
    succeed(days)
    assert value(external.Orders(as_of="2026-11-20")) == ["1"]
    assert value(external.Orders(as_of="2026-11-21")) == ["1", "2"]


def test_a_file_that_is_gone_leaves_what_was_made_from_it(
    external, drop, build, succeed, value, folder
):
    drop(22, "new")
    succeed(external.Orders())
    (folder / "inbox/2026-11-22.csv").unlink()
    assert build(external.Orders()).status is LuigiStatusCode.MISSING_EXT
    assert value(external.Orders(as_of="latest")) == ["1"]
