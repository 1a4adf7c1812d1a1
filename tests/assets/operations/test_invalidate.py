"""What is invalidated stays readable, and the next run makes it again, and only it."""

from __future__ import annotations

import json

import pytest

from hn_luigi.assets import Asset
from hn_luigi.assets.errors import WindowClosed
from hn_luigi.assets.operations.invalidate import (
    invalidate_asset,
    remake_asset,
    why_unmakable,
)
from hn_luigi.assets.staleness import remake

WINDOW = "2026-11-22T1230Z"


@pytest.fixture
def latest(mill):
    """A task of --as-of latest, which takes captures as they are stored."""
    return lambda kind: kind.from_str_params({"as_of": "latest"})


def test_the_next_run_makes_it_again_and_only_it(mill, bake, succeed, root):
    bake()
    before = (root / f"bread/{WINDOW}.txt").read_text()
    assert invalidate_asset(mill.Bread()) is True
    assert (root / f"bread/{WINDOW}.txt").read_text() == before
    assert mill.Bread().staleness().reasons == ("it was invalidated at 2026-11-22T12:34:56.000Z",)
    succeed(mill.Bread())
    assert mill.made == [f"bread/{WINDOW}"]
    assert mill.Bread().complete()


def test_what_is_made_from_it_is_remade_only_if_it_comes_out_different(mill, bake, succeed):
    bake()
    invalidate_asset(mill.Flour())
    succeed(mill.Bread())
    assert mill.made == [f"flour/{WINDOW}"]
    invalidate_asset(mill.Flour())
    mill.flour = "oat"
    mill.made.clear()
    succeed(mill.Bread())
    assert mill.made == [f"flour/{WINDOW}", f"bread/{WINDOW}"]


def test_a_capture_whose_window_is_over_is_refused(mill, bake, root, clock):
    bake()
    record = (root / f"_records/flour/{WINDOW}.json").read_bytes()
    task = mill.Flour()
    clock.advance(minutes=20)
    with pytest.raises(WindowClosed, match="its window is over"):
        invalidate_asset(task)
    assert (root / f"_records/flour/{WINDOW}.json").read_bytes() == record


def test_of_latest_too_a_capture_is_refused_only_when_its_window_is_over(mill, bake, latest, clock):
    bake()
    assert invalidate_asset(latest(mill.Flour)) is True
    clock.advance(minutes=20)
    with pytest.raises(WindowClosed):
        invalidate_asset(latest(mill.Flour))


def test_a_past_page_is_invalidated_and_remade_from_what_is_stored(
    mill, bake, latest, clock, succeed
):
    bake()
    clock.advance(days=3)
    assert invalidate_asset(latest(mill.Bread)) is True
    succeed(latest(mill.Bread))
    assert mill.made == [f"bread/{WINDOW}"]


def test_a_page_that_could_not_be_made_again_is_refused(mill, bake, clock, root):
    bake()
    task = mill.Bread()
    clock.advance(minutes=20)
    (root / f"flour/{WINDOW}.json").unlink()
    with pytest.raises(WindowClosed, match=f"flour/{WINDOW}, .* is not stored"):
        invalidate_asset(task)
    assert task.complete()


def test_nothing_stored_is_nothing_to_invalidate_and_makes_no_file(mill, root):
    assert invalidate_asset(mill.Bread()) is False
    assert not root.exists()


@pytest.mark.parametrize("data", [None, b"{"])
def test_without_a_readable_record_there_is_nothing_to_invalidate(mill, bake, root, data):
    bake()
    record = root / f"_records/bread/{WINDOW}.json"
    record.unlink() if data is None else record.write_bytes(data)
    assert invalidate_asset(mill.Bread()) is False
    assert not mill.Bread().complete()


def test_the_rest_of_the_record_stays(mill, bake, root):
    bake()
    path = root / f"_records/bread/{WINDOW}.json"
    before = json.loads(path.read_text())
    invalidate_asset(mill.Bread())
    after = json.loads(path.read_text())
    assert after == {**before, "invalidated_at": "2026-11-22T12:34:56.000Z"}


def test_a_run_that_is_making_it_is_waited_for(mill, bake, monkeypatch):
    bake()
    partition = mill.Bread().partition
    held = partition.store.lock(partition.key)
    held.__enter__()
    waits = []

    def on_wait():
        waits.append(partition.record().invalidated_at)
        held.__exit__(None, None, None)

    assert invalidate_asset(mill.Bread(), on_wait=on_wait) is True
    assert waits == [None]
    assert partition.record().invalidated_at is not None


class TestRemakingInThisProcess:
    def test_makes_it_again_once(self, mill, bake, succeed, clock, remade):
        bake()
        clock.advance(seconds=1)
        remade(mill.Bread())
        assert mill.Bread().staleness().reasons == (
            "it was invalidated at 2026-11-22T12:34:57.000Z",
        )
        succeed(mill.Bread())
        assert mill.made == [f"bread/{WINDOW}"]
        assert mill.Bread().complete()

    def test_is_seen_by_the_processes_of_several_workers(
        self, mill, bake, build, clock, remade, root
    ):
        bake()
        clock.advance(seconds=1)
        remade(mill.Bread())
        assert build(mill.Bread(), workers=2).scheduling_succeeded
        record = json.loads((root / f"_records/bread/{WINDOW}.json").read_text())
        assert record["created_at"] == "2026-11-22T12:34:57.000Z"

    def test_stores_nothing_so_that_a_failure_leaves_what_is_good_current(
        self, mill, bake, clock, remade, root
    ):
        bake()
        record = (root / f"_records/bread/{WINDOW}.json").read_bytes()
        remade(mill.Bread())
        assert not mill.Bread().complete()
        assert (root / f"_records/bread/{WINDOW}.json").read_bytes() == record

    def test_refuses_what_could_not_be_made_again(self, mill, bake, clock):
        bake()
        task = mill.Flour()
        clock.advance(minutes=20)
        with pytest.raises(WindowClosed, match="its window is over"):
            remake_asset(task)
        assert task.complete()


@pytest.fixture
def remade(monkeypatch):
    """``remake_asset``, of which the next test knows nothing."""
    monkeypatch.setattr(remake, "_asked", {})
    return remake_asset


class TestWhyItCanTBeMade:
    def test_of_what_a_run_can_make_there_is_no_reason(self, mill, bake, clock):
        assert why_unmakable(mill.Bread()) == ""
        bake()
        clock.advance(hours=1)
        assert why_unmakable(mill.Bread(as_of="2026-11-22T1230")) == ""

    def test_a_capture_s_is_its_window(self, mill, clock):
        assert why_unmakable(mill.Flour()) == ""
        clock.advance(hours=1)
        told = why_unmakable(mill.Flour(as_of="2026-11-22T1230"))
        assert told.startswith("its window is over, and its source can be read only")

    def test_what_was_never_made_needs_what_is_lost(self, mill, clock):
        clock.advance(hours=1)
        told = why_unmakable(mill.Bread(as_of="2026-11-22T1230"))
        assert told.startswith(f"flour/{WINDOW}, which it is made from, is not stored")

    def test_of_many_windows_none_is_left(self, mill, clock):
        class Week(Asset):
            suffix = ".json"
            window_length = "week"

            def requires(self):
                return self.windows(mill.Flour)

            def compute(self, flour):
                return len(flour)

        assert why_unmakable(Week()) == ""
        told = why_unmakable(Week(as_of="2026-W40"))
        assert told == "nothing that it is made from is stored, or can be made any more"

    def test_of_what_is_another_s_it_is_whose(self, mill, bake, root):
        bake()
        record = root / f"_records/bread/{WINDOW}.json"
        other = {**json.loads(record.read_text()), "family": "Cake"}
        record.write_text(json.dumps(other))
        assert "Cake" in why_unmakable(mill.Bread())
