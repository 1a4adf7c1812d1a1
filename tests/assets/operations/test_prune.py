"""Old windows go, whole; the newest good one, latest, and what is being made stay."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from hn_luigi.assets import Asset
from hn_luigi.assets.catalog.failure import Failure, failure_keys, keep
from hn_luigi.assets.errors import FileUnavailable
from hn_luigi.assets.operations.prune import prune_windows
from hn_luigi.assets.storage import Folder


@pytest.fixture
def both(mill):
    return [mill.Flour().dataset, mill.Bread().dataset]


@pytest.fixture
def far(clock):
    """A moment before which every window began."""
    return datetime(2027, 1, 1)


def snapshot(root):
    return {
        os.path.relpath(os.path.join(folder, name), root): os.stat(
            os.path.join(folder, name)
        ).st_size
        for folder, _, names in os.walk(root)
        for name in names
        if name != "_pruned.json"
    }


def fail(dataset, name):
    keep(dataset, Failure(dataset.folder, name, "2026-11-22T12:34:56.000Z", "an error"))


def test_what_began_before_goes_and_the_rest_stays(bake, both, root):
    bake(5)
    before = snapshot(root)
    found = prune_windows(both, before=datetime(2026, 11, 22, 12, 50))
    after = snapshot(root)
    gone = {path for path in before if "T1230Z" in path or "T1240Z" in path}
    assert len(gone) == 8
    assert after == {path: size for path, size in before.items() if path not in gone}
    assert [(p.dataset.folder, p.windows) for p in found] == [("flour", 2), ("bread", 2)]
    assert sum(p.size for p in found) == sum(before[path] for path in gone)


def test_the_newest_window_and_latest_stay_however_old(bake, both, root, far):
    bake(3)
    prune_windows(both, before=far)
    assert sorted(snapshot(root)) == [
        "_layout.json",
        "_records/bread/2026-11-22T1250Z.json",
        "_records/flour/2026-11-22T1250Z.json",
        "bread/2026-11-22T1250Z.txt",
        "bread/latest.txt",
        "flour/2026-11-22T1250Z.json",
    ]


@pytest.mark.parametrize("trouble", ["changed", "no record", "unreadable", "missing"])
def test_the_newest_good_one_stays_if_a_newer_one_is_not_good(bake, both, root, far, trouble):
    bake(3)
    output, record = (
        root / "bread/2026-11-22T1250Z.txt",
        root / "_records/bread/2026-11-22T1250Z.json",
    )
    if trouble == "changed":
        output.write_text("crumbs")
    elif trouble == "no record":
        record.unlink()
    elif trouble == "unreadable":
        record.write_text("{")
    else:
        output.unlink()
    prune_windows(both, before=far)
    assert both[1].stored() == {"2026-11-22T1240Z"}
    assert both[1].recorded() == {"2026-11-22T1240Z"}
    assert (root / "bread/latest.txt").exists()


def test_if_none_is_good_the_newest_output_stays(bake, both, root, far):
    bake(3)
    for record in root.glob("_records/bread/*"):
        record.unlink()
    prune_windows(both, before=far)
    assert both[1].stored() == {"2026-11-22T1250Z"}


def test_windows_of_the_future_stay_and_hold_no_place(bake, both, clock):
    """A clock that was wrong once left them."""
    bake(3)
    clock.advance(minutes=-10)
    prune_windows(both, before=clock())
    assert both[1].stored() == {"2026-11-22T1240Z", "2026-11-22T1250Z"}


def test_failed_attempts_go_with_their_window(bake, both, root):
    bake(2)
    for name in ("2026-11-22T1220Z", "2026-11-22T1230Z", "2026-11-22T1240Z"):
        fail(both[1], name)
    found = prune_windows(both, before=datetime(2026, 11, 22, 12, 40))
    assert set(failure_keys(both[1]).values()) == {"2026-11-22T1240Z"}
    assert found[1].windows == 2


def test_a_dry_run_says_the_same_and_changes_nothing(bake, both, root):
    bake(4)
    fail(both[0], "2026-11-22T1230Z")
    (root / "bread/.x.txt.1.tmp").write_text("")
    before, when = snapshot(root), datetime(2026, 11, 22, 12, 50)
    told = prune_windows(both, before=when, dry_run=True)
    assert snapshot(root) == before
    assert told == prune_windows(both, before=when)
    assert snapshot(root) != before


def test_a_window_that_is_being_made_is_left_alone(bake, both):
    bake(4)
    partition = both[1].partition("2026-11-22T1230Z")
    with partition.store.lock(partition.key):
        found = prune_windows(both, before=datetime(2026, 11, 22, 12, 50))
    assert found[1].busy == ("2026-11-22T1230Z",)
    assert found[1].windows == 1
    assert partition.stat()
    assert partition.record()
    prune_windows(both, before=datetime(2026, 11, 22, 12, 50))
    assert not partition.stat()


@pytest.mark.parametrize("survivor", ["bread/2026-11-22T1230Z.txt", "_failures/bread/"])
def test_what_a_killed_prune_left_the_next_removes(bake, both, mill, root, monkeypatch, survivor):
    bake(3)
    fail(both[1], "2026-11-22T1230Z")
    remove = Folder.remove

    def die(self, *keys):
        for key in keys:
            if key.startswith(survivor):
                raise KeyboardInterrupt
            remove(self, key)

    with monkeypatch.context() as patch:
        patch.setattr(Folder, "remove", die)
        with pytest.raises(KeyboardInterrupt):
            prune_windows(both, before=datetime(2026, 11, 22, 12, 40))
    assert not (root / "_records/bread/2026-11-22T1230Z.json").exists()
    assert [path for path in snapshot(root) if path.startswith(survivor)]
    prune_windows(both, before=datetime(2026, 11, 22, 12, 40))
    assert not [path for path in snapshot(root) if "1230Z" in path]


def test_what_killed_processes_left_goes(bake, both, root):
    bake(1)
    (root / "bread/.2026-11-22T1230Z.txt.1.tmp").write_text("half")
    (root / "_locks/bread/2026-11-22T1230Z.lock").write_text("")
    prune_windows(both, before=datetime(2026, 1, 1))
    assert not [path for path in snapshot(root) if path.endswith((".tmp", ".lock"))]


def test_an_empty_root_stays_empty(both, root, far):
    assert [p.windows for p in prune_windows(both, before=far)] == [0, 0]
    assert not root.exists()


def test_files_of_other_people_stay(bake, both, root, far):
    bake(2)
    (root / "bread/notes.txt").write_text("")
    (root / "bread/2026-11-22T1230Z.csv").write_text("")
    prune_windows(both, before=far)
    assert (root / "bread/notes.txt").exists()
    assert (root / "bread/2026-11-22T1230Z.csv").exists()


@pytest.mark.parametrize("scheme", ["", "memory://"])
def test_what_another_asset_has_stored_stays_between_failed_attempts(
    succeed, clock, far, tmp_path, scheme
):
    """What began and ended with failed attempts has no record at either end to tell whose it is."""

    class Shop(Asset):
        suffix = ".json"

        def storage_root(self):
            return f"{scheme}{tmp_path.name}" if scheme else str(tmp_path)

        def compute(self):
            return 1

    for _ in range(3):
        clock.advance(days=1)
        succeed(Shop())
    dataset = Shop().dataset
    names = dataset.recorded_in_order()
    for partition in map(dataset.partition, names):
        partition.write_record(replace(partition.record(), family="crm.Shop"))
    fail(dataset, "2026-01-01T0000Z")
    fail(dataset, "2026-12-31T0000Z")
    (pruned,) = prune_windows([dataset], before=far)
    assert dataset.stored() == set(names)
    assert len(pruned.errors) == 1


def test_it_tells_how_far_it_is(bake, both):
    bake(3)
    told = []
    prune_windows(
        both, before=datetime(2026, 11, 22, 12, 40), progress=lambda *step: told.append(step)
    )
    assert told == [(1, 2), (2, 2)]


def test_after_it_everything_left_is_current(bake, both, mill, clock):
    bake(4)
    prune_windows(both, before=clock() - timedelta(minutes=15))
    assert mill.Bread().complete()
    assert mill.Bread.from_str_params({"as_of": "latest"}).complete()


def test_what_lies_outside_behind_a_link_stays_and_is_told_of(bake, both, root, far, tmp_path):
    bake(3)
    (root / "bread").rename(tmp_path / "elsewhere")
    (root / "bread").symlink_to(tmp_path / "elsewhere")
    before = snapshot(tmp_path / "elsewhere")
    flour, bread = prune_windows(both, before=far)
    assert (flour.windows, bread.windows) == (2, 0)
    assert "leads out of the root by a symbolic link" in bread.errors[0]
    assert snapshot(tmp_path / "elsewhere") == before


def test_a_window_that_can_t_be_removed_stops_no_other(bake, both, far, monkeypatch):
    bake(4)
    remove = Folder.remove

    def stuck(store, *keys):
        if "flour/2026-11-22T1240Z.json" in keys:
            raise FileUnavailable("it is stuck")
        remove(store, *keys)

    monkeypatch.setattr(Folder, "remove", stuck)
    flour, bread = prune_windows(both, before=far)
    assert (flour.windows, flour.errors, bread.windows) == (2, ("it is stuck",), 3)


@pytest.mark.parametrize("year", [1, 21, 383, 999])
def test_windows_are_kept_back_to_any_year(bake, both, root, year):
    bake(3)
    before = snapshot(root)
    prune_windows(both, before=datetime(year, 1, 1))
    assert snapshot(root) == before


@pytest.mark.parametrize(
    "name",
    ["notes.json", "2026-11-22T1230Z.json", "2026-11-22T1230Z.notes.json", "x.123456Z-1.json"],
)
def test_what_others_put_beside_the_failed_attempts_is_theirs(bake, both, root, far, name):
    bake(2)
    path = root / "_failures/bread" / name
    path.parent.mkdir(parents=True)
    path.touch()
    prune_windows(both, before=far)
    assert path.exists()
    assert failure_keys(both[1]) == {}


class TestWhatIsNeeded:
    """What an asset whose window is open is made from stays, or it would freeze at noon."""

    @pytest.fixture
    def week(self, station):
        class Week(Asset):
            suffix = ".json"
            window_length = "week"

            def requires(self):
                return self.windows(station.Day)

            def compute(self, days):
                return len(days)

        return Week

    @pytest.fixture
    def stored(self, station, week, clock):
        """Two days of readings, a day and the hours of another; tells what is left."""
        for at in (
            datetime(2026, 11, 23, 6),
            datetime(2026, 11, 24, 6),
            datetime(2026, 11, 25, 6),
            datetime(2026, 11, 25, 9),
        ):
            clock.at = at
            station.succeed(week())
        clock.at = datetime(2026, 11, 25, 12)
        datasets = [kind().dataset for kind in (station.Tick, station.Day, week)]
        return datasets, lambda: [sorted(dataset.stored()) for dataset in datasets]

    TICKS = ("2026-11-25T0600Z", "2026-11-25T0900Z")
    DAYS = ("2026-11-23T0000Z", "2026-11-24T0000Z", "2026-11-25T0000Z")

    def test_through_a_chain_of_roll_ups(self, station, week, stored, clock):
        datasets, left = stored
        prune_windows(datasets, before=clock.at, needed_by=[week()])
        assert left() == [list(self.TICKS), list(self.DAYS), ["2026-11-23T0000Z"]]
        station.succeed(week())
        assert station.Day(as_of="2026-11-24").complete()

    def test_so_it_does_in_the_grace_of_a_week_that_is_over(self, week, stored, clock):
        datasets, left = stored
        clock.at = datetime(2026, 11, 30, 0, 9)
        prune_windows(datasets, before=clock.at, needed_by=[week()])
        assert left()[1] == list(self.DAYS)
        clock.at = datetime(2026, 11, 30, 0, 10)
        prune_windows(datasets, before=clock.at, needed_by=[week()])
        assert left()[1] == ["2026-11-25T0000Z"]
        assert week(as_of="2026-W48").staleness().kept

    def test_how_far_it_went_is_noted_of_what_was_removed(self, station, week, stored, clock):
        datasets, _ = stored
        told = [dataset.pruned_before() for dataset in datasets]
        prune_windows(datasets, before=clock.at, needed_by=[week()], dry_run=True)
        assert [dataset.pruned_before() for dataset in datasets] == told == [None, None, None]
        prune_windows(datasets, before=clock.at, needed_by=[week()])
        assert [d.pruned_before() for d in datasets] == ["2026-11-25T0000Z", None, None]
        prune_windows(datasets, before=datetime(2026, 11, 24))
        assert datasets[0].pruned_before() == "2026-11-25T0000Z"

    def test_the_note_is_no_window(self, stored, clock, root):
        datasets, _ = stored
        prune_windows(datasets, before=clock.at)
        assert (root / "_records/tick/_pruned.json").exists()
        assert datasets[0].recorded() == datasets[0].stored() == {"2026-11-25T0900Z"}

    @pytest.mark.parametrize("damage", ["{", "", '{"version": 1}', '{"version": 1, "before": 5}'])
    def test_a_damaged_note_says_nothing(self, stored, clock, root, damage):
        datasets, _ = stored
        prune_windows(datasets, before=clock.at)
        (root / "_records/tick/_pruned.json").write_text(damage)
        assert datasets[0].pruned_before() is None
