"""Past windows are remade from what is stored: the stale ones, oldest first, and no others."""

from __future__ import annotations

from datetime import datetime

import luigi
import pytest

from hn_luigi.assets.operations.backfill import backfill_of, rebuild
from hn_luigi.assets.operations.prune import prune_windows

EVER = datetime(2020, 1, 1)
NAMES = [f"2026-11-22T{time}Z" for time in ("1230", "1240", "1250", "1300", "1310")]


@pytest.fixture
def plan(mill):
    return lambda kind=None, since=EVER: backfill_of((kind or mill.Bread)(), since=since)


@pytest.fixture
def change(settings):
    """Makes all bread stale."""
    return lambda: settings("bakehouse", loaves=3)


def names(tasks):
    return [task.partition.window for task in tasks]


def test_of_five_windows_three_are_stale_and_exactly_those_are_remade(
    mill, bake, plan, change, succeed, root
):
    bake(5)
    change()
    for name in (NAMES[1], NAMES[4]):
        succeed(mill.Bread.from_str_params({"as_of": name}))
    mill.made.clear()
    found = plan()
    assert (names(found.stale), names(found.current)) == (
        [NAMES[0], NAMES[2], NAMES[3]],
        [NAMES[1], NAMES[4]],
    )
    assert [error for _, error in rebuild(found.stale)] == [None] * 3
    assert mill.made == [f"bread/{NAMES[i]}" for i in (0, 2, 3)]
    assert (root / f"bread/{NAMES[0]}.txt").read_text() == f"3 rye loaves of {NAMES[0]}"
    assert plan().stale == ()


def test_captures_are_taken_as_they_are_stored_even_in_their_window(mill, bake, plan, root):
    bake(2)
    mill.Flour.loaded_code = mill.Bread.loaded_code  # what would make them stale in a run
    assert not mill.Flour().complete()
    assert plan().stale == ()
    assert plan(mill.Flour).stale == ()
    (root / f"bread/{NAMES[1]}.txt").unlink()
    assert [error for _, error in rebuild(plan().stale)] == [None]
    assert mill.made == [f"bread/{NAMES[1]}"]


def test_windows_before_since_are_left_alone(bake, plan, change):
    bake(3)
    change()
    assert names(plan(since=datetime(2026, 11, 22, 12, 40)).stale) == NAMES[1:3]


def test_an_output_that_is_missing_is_made_where_its_captures_are_stored(bake, plan, root):
    bake(2)
    (root / f"bread/{NAMES[0]}.txt").unlink()
    (root / f"_records/bread/{NAMES[0]}.json").unlink()
    assert names(plan().stale) == NAMES[:1]


def test_what_is_lost_is_told_and_not_tried(mill, bake, plan, change, clock, root):
    bake(2)
    clock.advance(hours=1)
    (root / f"flour/{NAMES[0]}.json").unlink()
    assert names(plan().current) == NAMES[:2]
    change()
    assert (names(plan().lost), names(plan().stale)) == (NAMES[:1], NAMES[1:2])


def test_a_window_that_fails_says_why_and_stops_no_other(mill, bake, plan, change, root):
    bake(3)
    change()
    mill.burnt = (NAMES[1],)
    errors = [error for _, error in rebuild(plan().stale)]
    assert errors == [None, "RuntimeError: the oven\nis too hot", None]
    assert (root / f"bread/{NAMES[1]}.txt").read_text() == f"2 rye loaves of {NAMES[1]}"
    assert names(plan().stale) == [NAMES[1]]


def test_an_interrupted_one_leaves_what_is_whole_and_goes_on_next_time(mill, bake, plan, change):
    bake(3)
    change()
    going = rebuild(plan().stale)
    assert next(going)[1] is None
    compute = mill.Bread.compute

    def interrupted(self, flour):
        raise KeyboardInterrupt

    mill.Bread.compute = interrupted
    with pytest.raises(KeyboardInterrupt):
        next(going)
    mill.Bread.compute = compute
    assert names(plan().stale) == NAMES[1:3]
    assert names(plan().current) == NAMES[:1]


def test_latest_follows_the_newest_window_alone(bake, plan, change, root):
    bake(3)
    change()
    list(rebuild(plan().stale))
    assert (root / "bread/latest.txt").read_text() == f"3 rye loaves of {NAMES[2]}"


def test_windows_of_another_length_are_left_alone(bake, plan, change, settings):
    bake(3)
    change()
    settings("assets", window_minutes=20)
    assert names(plan().stale) == [NAMES[1]]


def test_the_state_of_all_windows_is_asked_in_one_walk(mill, bake, plan, monkeypatch):
    bake(4)
    evaluated = []
    settings = mill.Bread.settings
    monkeypatch.setattr(
        mill.Bread, "settings", lambda self: evaluated.append(self) or settings(self)
    )
    plan()
    assert sorted(names(evaluated)) == NAMES[:4]


def test_it_leaves_no_handler_behind(bake, plan, change):
    bake(1)
    change()
    list(rebuild(plan().stale))
    assert not luigi.Task._event_callbacks.get(luigi.Task, {}).get(luigi.Event.FAILURE)


def test_an_empty_root_has_nothing_to_remake(plan, root):
    found = plan()
    assert (found.current, found.stale, found.lost) == ((), (), ())
    assert not root.exists()


def test_what_another_process_made_by_other_settings_is_told(mill, bake, plan, change, monkeypatch):
    bake(1)
    change()
    monkeypatch.setattr(mill.Bread, "run", lambda self: None)
    ((_, error),) = rebuild(plan().stale)
    assert error == "another process made it meanwhile, by other settings or other code"


def test_days_are_remade_from_what_is_stored_of_their_windows(station, clock, succeed):
    """One is kept, as some of its readings were pruned; of others they are there, of one none."""
    clock.at = datetime(2026, 11, 20, 12)
    station.tick("06:00", "12:00")
    succeed(station.Day())
    clock.advance(days=1)
    station.tick("06:00", "12:00")
    clock.advance(days=2)
    station.tick("06:00")
    prune_windows([station.Tick().dataset], before=datetime(2026, 11, 20, 9))

    station.edit("2")
    clock.advance(days=1)
    found = backfill_of(station.Day(), since=EVER)
    assert [names(found.current), names(found.lost)] == [["2026-11-20T0000Z"], []]
    assert names(found.stale) == ["2026-11-21T0000Z", "2026-11-23T0000Z"]
    assert [why for _, why in rebuild(found.stale)] == [None, None]
    assert backfill_of(station.Day(), since=EVER).stale == ()
