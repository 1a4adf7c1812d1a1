"""What happens at the turn of an asset: it is made, or there is less to do."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime

import pytest

from hn_luigi.assets import Asset, AssetError, requires
from hn_luigi.assets.errors import LockLost
from hn_luigi.assets.execution import materialize
from hn_luigi.assets.operations.invalidate import invalidate_asset
from hn_luigi.assets.storage import Folder

from ..bakery import value_of

LOCK = Folder.lock


def test_a_latest_that_was_cut_off_is_put_right(shop, made, root):
    made(shop())
    (root / "ulm/shop/latest.txt").write_text("")
    assert made(shop()) == []
    assert (root / "ulm/shop/latest.txt").read_text() == "2 rye loaves, glaze 0"


def test_an_input_read_again_unchanged_renews_the_data_time(shop, made, root, clock):
    made(shop())
    (root / "ulm/flour/2026-11-22T1230Z.json").unlink()
    clock.advance(minutes=3)
    assert made(shop()) == ["Flour"]
    for asset in ("flour", "bread", "shop"):
        record = json.loads((root / f"_records/ulm/{asset}/2026-11-22T1230Z.json").read_text())
        assert record["data_time"] == "2026-11-22T12:37:56.000Z", asset


def test_a_window_that_goes_once_a_day_was_found_current_fails_no_run(
    succeed, clock, root, monkeypatch
):
    class Tick(Asset):
        suffix = ".json"
        capture = True

        def compute(self):
            return 1

    class Day(Asset):
        suffix = ".json"
        window_length = "day"

        def requires(self):
            return self.windows(Tick)

        def compute(self, ticks):
            return sum(ticks.values())

    succeed(Day())
    found = materialize.staleness_when_run
    first = root / "tick/2026-11-22T1230Z.json"

    def then_prune(asset):
        staleness = found(asset)
        if asset == Day():
            first.unlink(missing_ok=True)
        return staleness

    monkeypatch.setattr(materialize, "staleness_when_run", then_prune)
    Day().run()
    assert not first.exists()


def test_data_time_is_inherited_not_renewed_by_a_later_step(shop, made, root, clock, settings):
    made(shop())
    clock.advance(minutes=4)
    settings("kitchen", loaves=1)
    assert made(shop()) == ["Bread", "Shop"]
    record = json.loads((root / "_records/ulm/shop/2026-11-22T1230Z.json").read_text())
    assert record["created_at"] == "2026-11-22T12:38:56.000Z"
    assert record["data_time"] == "2026-11-22T12:34:56.000Z"


def test_data_without_its_record_is_as_old_as_its_window_at_least(
    bakery, made, root, clock, settings
):
    made(bakery[2]())
    clock.advance(days=3)
    (root / "_records/ulm/flour/2026-11-22T1230Z.json").unlink()
    settings("kitchen", loaves=1)
    made(bakery[2](as_of=datetime(2026, 11, 22, 12, 30)))
    record = json.loads((root / "_records/ulm/bread/2026-11-22T1230Z.json").read_text())
    assert record["data_time"] == "2026-11-22T12:30:00.000Z"


def test_a_capture_keeps_the_time_it_was_read_when_its_input_is_read_again(
    made, world, clock, root
):
    class Orders(Asset):
        suffix = ".json"
        capture = True

        def compute(self):
            return 1

    @requires(Orders)
    class Delivery(Asset):
        suffix = ".json"
        capture = True

        def compute(self, orders):
            return orders

    made(Delivery())
    (root / "orders/2026-11-22T1230Z.json").unlink()
    clock.advance(minutes=3)
    made(Delivery())
    record = json.loads((root / "_records/delivery/2026-11-22T1230Z.json").read_text())
    assert record["data_time"] == record["read_at"] == "2026-11-22T12:34:56.000Z"


def test_latest_is_written_under_a_lock_of_its_own(shop, made, monkeypatch):
    """Two windows made at once may not overtake each other."""
    written = []
    write = Folder.write

    def write_and_look(store, key, data):
        with suppress(BlockingIOError), store.lock("ulm/shop/latest", wait=False):
            written.append(key)
        return write(store, key, data)

    monkeypatch.setattr(Folder, "write", write_and_look)
    made(shop())
    assert "ulm/shop/2026-11-22T1230Z.txt" in written
    assert "ulm/shop/latest.txt" not in written


def test_a_missing_input_is_named(bakery, clock):
    with pytest.raises(AssetError, match=r"bread/.* is missing: run Bread\(as_of=.* first"):
        bakery[2]().run()


@pytest.mark.parametrize(
    "path",
    [
        "ulm/shop/.2026-11-22T1220Z.txt.4711.tmp",
        "_records/ulm/shop/.2026-11-22T1220Z.json.4711.tmp",
        "_locks/ulm/shop/2026-11-22T1220Z.lock",
    ],
)
def test_what_killed_processes_left_goes_with_the_next_run(shop, made, root, path):
    (root / path).parent.mkdir(parents=True)
    (root / path).write_text("half a lo")
    made(shop())
    assert not (root / path).exists()


@pytest.mark.parametrize("others_make_it", [True, False])
def test_a_lock_that_was_lost_is_taken_again_to_see_what_is_left_to_do(
    bakery, world, settings, monkeypatch, others_make_it
):
    make = materialize.make

    def lose(asset, *arguments, **options):
        monkeypatch.setattr(materialize, "make", make)
        if others_make_it:
            make(asset, *arguments, **options)
        settings("kitchen", loaves=3)
        raise LockLost("another process holds it")

    bakery[0]().run()
    monkeypatch.setattr(materialize, "make", lose)
    bakery[1]().run()
    assert value_of(bakery[1]()) == ["rye"] * (2 if others_make_it else 3)


class TestMeetingAnotherRun:
    """Another run holds the lock, and makes the asset by other settings before it lets go."""

    @pytest.fixture(autouse=True)
    def other(self, monkeypatch, bakery, settings, clock):
        """What the other run does to the asset while this one waits for it."""
        other = [lambda task: task.run(), lambda task: settings("kitchen", loaves=3)]

        def busy(store, key, *, wait=True, guards=None):
            if not wait:
                raise BlockingIOError
            monkeypatch.setattr(Folder, "lock", LOCK)
            for act in other:
                act(bakery[1]())
            return LOCK(store, key, guards=guards)

        bakery[0]().run()
        monkeypatch.setattr(Folder, "lock", busy)
        return other

    def test_what_it_made_meanwhile_is_taken(self, bakery, world):
        world.made.clear()
        bakery[1]().run()
        assert world.made == ["Bread"]
        assert value_of(bakery[1]()) == ["rye", "rye"]

    def test_what_differs_between_the_two_is_told(self, bakery, caplog):
        bakery[1]().run()
        (told,) = [each.message for each in caplog.records if each.levelname == "WARNING"]
        assert "town=ulm) was made by another process, from other settings or code" in told
        assert "the setting kitchen.loaves changed from 2 to 3. It is taken as it is" in told

    def test_nothing_is_told_if_nothing_differs(self, bakery, caplog, other):
        other[1:] = []
        with caplog.at_level("INFO"):
            bakery[1]().run()
        assert "was made by another process: nothing to do" in caplog.text
        assert "WARNING" not in caplog.text

    @pytest.mark.parametrize("minutes", [-4, 4])
    def test_it_is_taken_whatever_the_other_s_clock_says(
        self, bakery, world, other, clock, minutes
    ):
        other.insert(0, lambda _: clock.advance(minutes=minutes))
        other.append(lambda _: clock.advance(minutes=-minutes))
        world.made.clear()
        bakery[1]().run()
        assert world.made == ["Bread"]

    def test_what_was_there_before_is_not_taken_though_its_clock_was_ahead(
        self, bakery, other, clock, settings, monkeypatch
    ):
        with monkeypatch.context() as before:
            before.setattr(Folder, "lock", LOCK)
            clock.advance(minutes=4)
            bakery[1]().run()
            clock.advance(minutes=-4)
        other[:] = [lambda _: settings("kitchen", loaves=3)]
        bakery[1]().run()
        assert value_of(bakery[1]()) == ["rye", "rye", "rye"]

    def test_unless_it_was_made_from_something_else(self, bakery, world, other):
        def sow_oat(_):
            world.flour = "oat"
            invalidate_asset(bakery[0]())
            bakery[0]().run()

        other.append(sow_oat)
        bakery[1]().run()
        assert value_of(bakery[1]()) == ["oat", "oat", "oat"]

    def test_unless_somebody_asked_for_it_to_be_made_again(self, bakery, world, other):
        other.append(invalidate_asset)
        world.made.clear()
        bakery[1]().run()
        assert world.made == ["Bread", "Bread"]

    def test_what_it_failed_to_make_is_made(self, bakery, world, other):
        other[:] = []
        world.made.clear()
        bakery[1]().run()
        assert world.made == ["Bread"]
