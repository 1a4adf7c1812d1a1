"""How windows of an asset stand side by side, and what failed behind one."""

from __future__ import annotations

from datetime import datetime, timedelta

import luigi
import pytest

from hn_luigi.assets import Asset, Number, settings_of, window
from hn_luigi.assets.catalog.record import Record, Unreadable
from hn_luigi.assets.operations import Category, invalidate_asset, prune_windows
from hn_luigi.assets.operations.window_status import failures_behind, status_of_windows

FIRST = datetime(2026, 11, 22, 12, 30)


def starts(count, minutes=10):
    return [FIRST + timedelta(minutes=minutes * n) for n in range(count)]


def categories(status):
    return [cause.category for cause in status.staleness.causes]


def test_each_is_judged_by_what_classes_and_settings_say_now(mill, bake, clock, settings, root):
    bake(4)
    (root / "bread/2026-11-22T1230Z.txt").write_text("crumbs")
    settings("bakehouse", loaves=3)
    made = status_of_windows(mill.Bread(), starts(4))
    assert [status.name for status in made] == [window.name(start) for start in starts(4)]
    assert all(isinstance(status.record, Record) for status in made)
    assert categories(made[0]) == [Category.OUTPUT, Category.SETTING]
    assert [categories(status) for status in made[1:]] == [[Category.SETTING]] * 3


def test_a_capture_that_is_over_is_never_stale_and_what_is_made_from_it_may_be(
    mill, bake, clock, root
):
    bake(2)
    clock.advance(hours=1)
    (root / "flour/2026-11-22T1230Z.json").write_text('"oat"')
    assert [s.staleness.current for s in status_of_windows(mill.Flour(), starts(2))] == [True] * 2
    of_bread = status_of_windows(mill.Bread(), starts(2))
    assert [categories(status) for status in of_bread] == [[Category.INPUT], []]


def test_what_was_never_made_failed_or_was_removed_is_told_apart(mill, bake, clock, build, root):
    bake(2)
    mill.burnt = ["2026-11-22T1250Z"]
    clock.advance(minutes=10)
    build(mill.Bread())
    clock.advance(minutes=20)
    (root / "bread/2026-11-22T1230Z.txt").unlink()
    gone, made, failed, never, present = status_of_windows(mill.Bread(), starts(5))
    assert isinstance(gone.record, Record)
    assert (gone.staleness, gone.failed_at, gone.failed_last) == (None, None, False)
    assert made.staleness.current
    assert (failed.record, failed.staleness, failed.failed_last) == (None, None, True)
    assert failed.failed_at == "2026-11-22T12:54:56.000Z"
    assert {(s.record, s.staleness, s.failed_at) for s in (never, present)} == {(None,) * 3}
    assert not any(status.is_pruned for status in (gone, made, failed, never, present))


def test_an_attempt_that_failed_after_it_was_made_is_the_last_one(mill, bake, clock, build):
    bake()
    clock.advance(minutes=1)
    mill.burnt, mill.flour = ["2026-11-22T1230Z"], "oat"
    invalidate_asset(mill.Bread())
    build(mill.Bread())
    (status,) = status_of_windows(mill.Bread(), starts(1))
    assert status.failed_last
    clock.advance(minutes=1)
    mill.burnt = []
    build(mill.Bread())
    (status,) = status_of_windows(mill.Bread(), starts(1))
    assert (status.failed_last, status.failed_at is None) == (False, False)


def test_a_window_that_was_pruned_may_have_been_made(mill, bake, clock):
    bake(3)
    prune_windows([mill.Bread().dataset], before=FIRST + timedelta(minutes=10))
    pruned, *others = status_of_windows(mill.Bread(), starts(3))
    assert (pruned.record, pruned.staleness, pruned.is_pruned) == (None, None, True)
    assert not any(status.is_pruned for status in others)


def test_a_record_that_can_t_be_read_is_a_cause(mill, bake, root):
    bake()
    (root / "_records/bread/2026-11-22T1230Z.json").write_text("{")
    (status,) = status_of_windows(mill.Bread(), starts(1))
    assert isinstance(status.record, Unreadable)
    assert categories(status) == [Category.RECORD]


def test_asking_changes_nothing(mill, root):
    status_of_windows(mill.Bread(), starts(3))
    assert failures_behind(mill.Bread()) == []
    assert status_of_windows(mill.Bread(), []) == []
    assert not root.exists()


class TestWhatFailedBehind:
    @pytest.fixture
    def shop(self, mill):
        class Shop(Asset):
            suffix = ".json"

            def requires(self):
                return self.clone(mill.Bread)

            def compute(self, bread):
                return bread

        return Shop

    def test_is_told_with_its_asset_as_long_as_that_is_not_made(self, mill, shop, clock, build):
        mill.burnt = ["2026-11-22T1230Z"]
        build(shop())
        ((asset, failure),) = failures_behind(shop())
        assert (asset.folder, failure.window) == ("bread", "2026-11-22T1230Z")
        assert "too hot" in failure.error
        mill.burnt = []
        clock.advance(minutes=1)
        build(mill.Bread())
        assert failures_behind(shop()) == []

    def test_is_only_what_failed_for_that_window(self, mill, shop, clock, build):
        mill.burnt = ["2026-11-22T1230Z"]
        build(shop())
        clock.advance(minutes=10)
        assert failures_behind(shop()) == []
        assert len(failures_behind(shop(as_of="2026-11-22T1230Z"))) == 1

    def test_is_not_the_asset_s_own(self, mill, build):
        mill.burnt = ["2026-11-22T1230Z"]
        build(mill.Bread())
        assert failures_behind(mill.Bread()) == []


def test_settings_are_resolved_once_for_all_windows(clock, succeed):
    """For each it was a third of the time."""
    resolved = []

    class tap(luigi.Config):
        level = Number(2, minimum=0, maximum=9)

        @classmethod
        def get_param_values(cls, *args):
            resolved.append(cls)
            return super().get_param_values(*args)

    class Water(Asset):
        suffix = ".json"

        def settings(self):
            return settings_of(self.settings_from(tap))

        def compute(self):
            return self.settings_from(tap).level

    tasks = [Water(as_of=start) for start in starts(5)]
    for task in tasks:
        succeed(task)
    resolved.clear()
    assert all(status.staleness.current for status in status_of_windows(tasks[0], starts(5)))
    assert 0 < len(resolved) <= 2  # Luigi does so twice for an instance
