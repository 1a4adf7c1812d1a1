"""Captures are made while their window is open, and afterwards taken as they are stored."""

from __future__ import annotations

import shutil
from datetime import datetime

import pytest
from luigi.execution_summary import LuigiStatusCode

from hn_luigi.assets import AssetError


class TestOncePast:
    """A window that is over."""

    @pytest.fixture(autouse=True)
    def past(self, shop, made, clock):
        made(shop())
        clock.advance(days=3)

    THEN = datetime(2026, 11, 22, 12, 30)

    def test_its_captures_stay_whatever_is_changed(self, bakery, made, settings, world):
        settings("kitchen", glaze=1, loaves=1)
        world.flour = "oat"
        assert made(bakery[2](as_of=self.THEN)) == ["Bread", "Shop"]
        assert made(bakery[0](as_of=self.THEN)) == []

    def test_a_lost_capture_does_not_hurt_what_was_made_from_it(self, bakery, made, root):
        (root / "ulm/flour/2026-11-22T1230Z.json").unlink()
        assert made(bakery[2](as_of=self.THEN)) == []

    def test_nor_does_a_lost_step_between(self, bakery, made, root):
        (root / "ulm/flour/2026-11-22T1230Z.json").unlink()
        (root / "ulm/bread/2026-11-22T1230Z.json").unlink()
        assert made(bakery[2](as_of=self.THEN)) == []

    def test_what_needs_a_lost_capture_fails_and_says_why(self, bakery, root, build, settings):
        (root / "ulm/flour/2026-11-22T1230Z.json").unlink()
        settings("kitchen", loaves=1)
        assert build(bakery[1](as_of=self.THEN)).status is LuigiStatusCode.FAILED
        with pytest.raises(AssetError, match=r"2026-11-22 12:30 UTC, is over.*--as-of latest"):
            bakery[0](as_of=self.THEN).run()

    def test_a_capture_without_its_record_is_still_used(self, bakery, made, root, settings):
        (root / "_records/ulm/flour/2026-11-22T1230Z.json").unlink()
        settings("kitchen", loaves=1)
        assert made(bakery[2](as_of=self.THEN)) == ["Bread", "Shop"]

    def test_latest_is_the_newest_window_with_captures(self, bakery, made, settings):
        settings("kitchen", glaze=1)
        task = bakery[2].from_str_params({"as_of": "latest"})
        assert task.as_of == self.THEN
        assert made(task) == ["Shop"]

    def test_latest_is_blind_to_files_that_only_look_like_windows(self, bakery, root):
        for name in ("backup-2026-11-22T1230Z", "2026-99-99T9999Z", "Z", "latest"):
            shutil.copy(root / "ulm/flour/2026-11-22T1230Z.json", root / f"ulm/flour/{name}.json")
        assert bakery[2].from_str_params({"as_of": "latest"}).as_of == self.THEN

    def test_latest_is_a_window_of_the_present_length(self, bakery, made, clock, settings):
        clock.at = datetime(2026, 11, 23, 12, 0)
        made(bakery[2]())
        clock.advance(minutes=10)
        made(bakery[2]())
        settings("assets", window_minutes=60)
        task = bakery[2].from_str_params({"as_of": "latest"})
        assert task.as_of == datetime(2026, 11, 23, 12, 0)
        assert made(task) == []

    def test_latest_of_what_was_never_captured_is_refused(self, bakery, root):
        shutil.rmtree(root)
        with pytest.raises(ValueError, match=r"no window of ulm/flour is stored under .*data"):
            bakery[2].from_str_params({"as_of": "latest"})

    def test_an_older_page_remade_does_not_become_the_latest(self, bakery, made, settings, root):
        made(bakery[2]())
        newest = (root / "ulm/shop/latest.txt").read_bytes()
        settings("kitchen", glaze=5)
        assert made(bakery[2](as_of=self.THEN)) == ["Shop"]
        assert (root / "ulm/shop/latest.txt").read_bytes() == newest

    def test_a_missing_latest_is_the_newest_window_s_business(self, bakery, made, root):
        made(bakery[2]())
        (root / "ulm/shop/latest.txt").unlink()
        assert bakery[2](as_of=self.THEN).complete()
        assert not bakery[2]().complete()
        assert made(bakery[2]()) == []
        assert (root / "ulm/shop/latest.txt").exists()

    def test_a_newest_page_removed_by_hand_does_not_turn_latest_back(
        self, bakery, made, settings, root, clock
    ):
        made(bakery[2]())
        newest = (root / "ulm/shop/latest.txt").read_bytes()
        (root / f"ulm/shop/{clock():%Y-%m-%dT}1230Z.txt").unlink()
        settings("kitchen", glaze=5)
        made(bakery[2](as_of=self.THEN))
        assert (root / "ulm/shop/latest.txt").read_bytes() == newest


class TestLatestInAnOpenWindow:
    """Nothing is read from the outside world, although it could be."""

    @pytest.fixture(autouse=True)
    def made_once(self, shop, made):
        made(shop())

    def test_a_capture_that_would_be_stale_stays(self, shop, made, root, world):
        world.flour = "oat"
        (root / "_records/ulm/flour/2026-11-22T1230Z.json").unlink()
        assert made(shop.from_str_params({"as_of": "latest"})) == []
        assert made(shop()) == ["Flour", "Bread", "Shop"]

    def test_a_capture_that_is_gone_is_not_fetched(self, bakery, made, build, root, settings):
        task = bakery[2].from_str_params({"as_of": "latest"})
        (root / "ulm/flour/2026-11-22T1230Z.json").unlink()
        settings("kitchen", loaves=1)
        assert build(task.clone(bakery[1])).status is LuigiStatusCode.FAILED
        with pytest.raises(AssetError, match="this run reads only what is stored"):
            task.clone(bakery[0]).run()

    def test_it_holds_for_steps_in_forked_processes(self, shop, succeed, root, settings, world):
        world.trouble = RuntimeError("it was read")
        settings("kitchen", glaze=1)
        (root / "_records/ulm/flour/2026-11-22T1230Z.json").unlink()
        succeed(shop.from_str_params({"as_of": "latest"}), workers=2)
        assert (root / "ulm/shop/latest.txt").read_text() == "2 rye loaves, glaze 1"


def test_a_window_that_has_not_begun_is_refused(bakery, clock):
    with pytest.raises(AssetError, match="has not begun"):
        bakery[0](as_of=datetime(2026, 11, 22, 12, 40)).run()


def test_a_run_may_cross_the_end_of_its_window(shop, made, clock):
    task = shop()
    clock.advance(minutes=12)
    assert made(task) == ["Flour", "Bread", "Shop"]


def test_what_is_read_today_is_not_stored_as_yesterday_s(bakery, clock, root, settings):
    settings("assets", window_minutes=1440)
    yesterday = bakery[0](as_of=datetime(2026, 11, 21))
    clock.at = datetime(2026, 11, 22, 0, 9)
    bakery[0](as_of=datetime(2026, 11, 21)).run()
    assert (root / "ulm/flour/2026-11-21T0000Z.json").exists()
    clock.at = datetime(2026, 11, 23, 0, 11)
    with pytest.raises(AssetError, match="is over"):
        bakery[0](as_of=datetime(2026, 11, 22)).run()
    assert not (root / "ulm/flour/2026-11-22T0000Z.json").exists()
    assert yesterday.is_frozen(clock())


def test_a_capture_that_ends_after_its_window_is_not_published(bakery, clock, root):
    class Slow(bakery[0]):
        def compute(self):
            clock.advance(hours=2)
            return super().compute()

    with pytest.raises(AssetError, match="is over"):
        Slow().run()
    assert not (root / "ulm/slow").exists()


def test_what_a_wrong_clock_left_in_the_future_holds_nothing_up(shop, made, clock, root, world):
    clock.advance(hours=3)
    made(shop())
    clock.advance(hours=-3)
    world.flour = "oat"
    made(shop())
    assert (root / "ulm/shop/latest.txt").read_text() == "2 oat loaves, glaze 0"
    assert shop.from_str_params({"as_of": "latest"}).as_of == datetime(2026, 11, 22, 12, 30)


def test_a_newer_window_whose_output_is_lost_holds_up_no_older_one(shop, made, clock, root, world):
    made(shop())
    clock.advance(minutes=10)
    world.flour = "oat"
    made(shop())
    older = shop(as_of=datetime(2026, 11, 22, 12, 30))
    for name in ("2026-11-22T1230Z", "2026-11-22T1240Z", "latest"):
        (root / f"ulm/shop/{name}.txt").unlink()
    made(older)
    assert older.output().exists()
    assert (root / "ulm/shop/latest.txt").read_text() == "2 rye loaves, glaze 0"
