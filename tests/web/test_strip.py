"""The strip of windows: whatever their length, each has a slot that says what became of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hn_luigi.assets import Asset, window
from hn_luigi.assets.operations import Category, Cause, Staleness, State, WindowStatus
from hn_luigi.assets.window_length import length_of
from hn_luigi.web.strip import MOST, Kind, starts_of_page, strip_of

NOW = datetime(2026, 11, 22, 12, 34)
LENGTHS = [timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6)]
LENGTHS += ["day", "week", "month"]
MADE_AT, EARLIER, LATER = (f"2026-11-22T12:{minute}:00.000Z" for minute in (20, 19, 21))
CURRENT = Staleness(State.CURRENT)


def stale(*causes):
    return Staleness(State.STALE, tuple(Cause(category, "why") for category in causes))


@pytest.fixture(params=LENGTHS, ids=str)
def asset(request, clock):
    """An asset with windows of each length, in the present one."""

    class Tide(Asset):
        suffix = ".json"
        window_length = request.param

    return Tide()


@pytest.fixture
def status():
    """How a window of an asset stands of which nothing is known, but for what is told."""

    def make(asset, **facts):
        nothing = WindowStatus(asset, asset.partition.window, None, None, None, is_pruned=False)
        return replace(nothing, **facts)

    return make


@pytest.fixture
def page(asset, status):
    """The windows of a strip, the present one last."""

    def make(count=MOST):
        length = asset.own_length()
        starts = [length.shift(asset.as_of, n + 1 - count) for n in range(count)]
        return [status(asset.clone(as_of=start)) for start in starts]

    return make


class TestAPage:
    def test_ends_with_the_present_window_and_goes_back_as_far_as_there_was_one(self, asset):
        length, present = asset.own_length(), asset.as_of
        for before in (0, 1, 5, MOST - 1):
            starts = starts_of_page(length, present, length.shift(present, -before), present)
            assert starts == [length.shift(present, n - before) for n in range(before + 1)]

    @given(ago=st.integers(0, 300), first=st.integers(0, 300), stray=st.booleans())
    @pytest.mark.parametrize("declared", LENGTHS, ids=str)
    def test_holds_the_window_that_is_asked_for(self, declared, ago, first, stray):
        length = length_of(declared)
        present = length.floor(NOW)
        shown, begun = (length.shift(present, -n) for n in (ago, first))
        within = timedelta(seconds=30) if stray else timedelta(0)
        starts = starts_of_page(length, present, begun, shown + within)
        assert shown in starts
        assert len(starts) <= MOST
        assert starts[-1] <= present
        assert starts[0] >= min(begun, shown)
        assert length.between(starts[-1], present) % MOST == 0
        assert all(length.end(a) == b for a, b in pairwise(starts))

    @pytest.mark.parametrize(
        "shown", [datetime(1, 1, 1), datetime(1970, 1, 1), datetime(9000, 1, 1)]
    )
    def test_is_there_for_any_time(self, asset, shown):
        length, present = asset.own_length(), asset.as_of
        starts = starts_of_page(length, present, datetime(1, 1, 1), shown)
        assert 0 < len(starts) <= MOST
        assert starts[0] <= max(min(shown, present), starts[0])


class TestASlot:
    @pytest.mark.parametrize(
        ("facts", "kind", "failed"),
        [
            ({"staleness": CURRENT}, Kind.MADE, ""),
            ({"staleness": CURRENT, "failed_at": EARLIER}, Kind.MADE, ", after failed attempts"),
            (
                {"staleness": CURRENT, "failed_at": LATER},
                Kind.MADE,
                ", and the last attempt failed",
            ),
            ({"staleness": stale(Category.SETTING)}, Kind.STALE, ""),
            ({"staleness": stale(Category.CODE, Category.INPUT)}, Kind.STALE, ""),
            ({"staleness": stale(Category.CODE)}, Kind.OUTDATED, ""),
            (
                {"staleness": Staleness(State.STALE, (Cause(Category.INPUT, "why", True),))},
                Kind.WAITING,
                "",
            ),
            ({"record": None, "failed_at": EARLIER}, Kind.FAILED, ""),
            ({}, Kind.GONE, ""),
            ({"failed_at": LATER}, Kind.GONE, ""),
            ({"record": None}, Kind.NEVER, ""),
            ({"record": None, "is_pruned": True}, Kind.GONE, ""),
        ],
    )
    def test_says_what_became_of_a_past_window(self, clock, status, record, facts, kind, failed):
        class Tide(Asset):
            suffix = ".json"

        past = status(Tide(as_of="2026-11-22T1200Z"), **{"record": record(MADE_AT), **facts})
        (slot,) = strip_of([past], NOW).slots
        assert (slot.kind, slot.failed) == (kind, failed)
        assert slot.said == f"2026-11-22 12:00: {kind.value}{failed}"

    def test_of_the_present_window_is_due_until_something_becomes_of_it(self, page):
        windows = page(2)
        present = windows[-1].asset.as_of
        kinds = [slot.kind for slot in strip_of(windows, present).slots]
        assert kinds == [Kind.NEVER, Kind.DUE]
        windows[-1] = replace(windows[-1], failed_at=EARLIER)
        assert strip_of(windows, present).slots[-1].kind is Kind.FAILED
        under_way = strip_of(windows, present, {each.name for each in windows})
        assert under_way.counts == {Kind.RUNNING: 2}


@pytest.fixture
def record():
    from hn_luigi.assets.catalog.record import Record

    def make(at):
        window_name = window.name(datetime(2026, 11, 22, 12))
        return Record("tide", window_name, at, at, {}, {}, "0" * 64, 1, "")

    return make


def test_an_outage_of_five_windows_is_five_slots(page, record):
    windows = page(18)
    made = {"record": record(MADE_AT), "staleness": CURRENT}
    windows = [
        each if 7 <= n < 12 or n == 17 else replace(each, **made) for n, each in enumerate(windows)
    ]
    windows[9] = replace(windows[9], failed_at=EARLIER)
    strip = strip_of(windows, windows[-1].asset.as_of)
    kinds = "".join(slot.kind.name[0] for slot in strip.slots)
    assert kinds == "M" * 7 + "NNFNN" + "M" * 5 + "D"
    assert strip.counts == {Kind.MADE: 12, Kind.FAILED: 1, Kind.NEVER: 4, Kind.DUE: 1}


def test_it_is_dated_at_both_ends_and_at_few_round_times_between(page):
    for count in (24, 40, MOST):
        windows = page(count)
        length, slots = windows[0].asset.own_length(), strip_of(windows, NOW).slots
        ends = [length.label(each.asset.as_of) for each in (windows[0], windows[-1])]
        assert [slots[0].date, slots[-1].date] == ends
        dated = [n for n, slot in enumerate(slots) if slot.date]
        assert len(dated) <= 8
        # On a telephone a slot has 10 pixels, and a date of 16 signs takes 11 of them. It begins
        # below its slot, but the last, which ends there, and so needs room for the one before, too.
        assert all(12 <= n < count - 16 for n in dated[1:-1])
    assert len(dated) > 2


def test_a_short_one_is_dated_in_one_place(page):
    for count in (1, 2, 23):
        windows = page(count)
        label = windows[0].asset.own_length().label
        first, last = (label(each.asset.as_of) for each in (windows[0], windows[-1]))
        dates = [slot.date for slot in strip_of(windows, NOW).slots]
        assert dates == [first if count == 1 else f"{first} – {last}", *[""] * (count - 1)]


def test_without_windows_there_is_none():
    assert strip_of([], NOW).slots == ()
