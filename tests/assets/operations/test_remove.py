"""All of an asset goes, and nothing else; what is left at any moment, the next call removes."""

from __future__ import annotations

from datetime import datetime

import pytest

from hn_luigi.assets import Asset
from hn_luigi.assets.catalog.failure import Failure, keep
from hn_luigi.assets.operations.prune import prune_windows
from hn_luigi.assets.operations.remove import remove_asset
from hn_luigi.assets.operations.stored_assets import assets_under
from hn_luigi.assets.operations.verify import Verification, verify_outputs
from hn_luigi.assets.storage import Folder, root_store
from hn_luigi.assets.window import Timestamp, WindowName


def found():
    return {asset.folder: asset for asset in assets_under(root_store())}


@pytest.mark.parametrize("survivors", range(9))
def test_what_a_killed_call_left_the_next_removes(bake, root, monkeypatch, survivors):
    bake(3)
    remove = Folder.remove
    with monkeypatch.context() as patch:

        def die(store, *keys):
            remove(store, *keys[:survivors])
            if survivors < len(keys):
                raise KeyboardInterrupt

        patch.setattr(Folder, "remove", die)
        if survivors < 8:
            with pytest.raises(KeyboardInterrupt):
                remove_asset(found()["bread"].dataset)
        else:
            remove_asset(found()["bread"].dataset)
    if "bread" in found():
        remove_asset(found()["bread"].dataset)
    left = {path.relative_to(root).parts[0] for path in root.rglob("*bread*") if path.exists()}
    assert left <= {"_locks"}


def test_all_of_it_goes_and_nothing_else(place, bake, mill, clock):
    bake(3)
    at = Timestamp("2026-11-22T12:34:56.000Z")
    keep(mill.Bread().dataset, Failure("bread", WindowName("2026-11-22T1250Z"), at, "x"))
    prune_windows([mill.Bread().dataset], before=datetime(2026, 11, 22, 12, 40))
    told = remove_asset(found()["bread"].dataset, dry_run=True)
    assert remove_asset(found()["bread"].dataset) == told
    assert told.windows == 2
    assert list(found()) == ["flour"]
    assert verify_outputs([mill.Flour()]) == Verification(3, ())
    store = root_store()
    assert [store.folders(kind) for kind in ("", "_records", "_failures")] == [
        ["flour"],
        ["flour"],
        [],
    ]


def test_what_others_have_put_there_stays(bake, root):
    bake(1)
    (root / "bread/notes.txt").write_text("")
    remove_asset(found()["bread"].dataset)
    assert [path.name for path in root.glob("bread/*")] == ["notes.txt"]
    assert not (root / "_records/bread").exists()


def test_what_is_being_made_stays_with_what_is_of_no_window(bake, mill, root):
    bake(2)
    partition = mill.Bread().partition
    with partition.store.lock(partition.key):
        pruned = remove_asset(found()["bread"].dataset)
    assert (pruned.windows, pruned.busy) == (1, (partition.window,))
    assert partition.stat()
    assert (root / "bread/latest.txt").exists()


def test_what_has_no_window_goes(place, clock, succeed):
    class Countries(Asset):
        suffix = ".json"
        window_length = None

        def compute(self):
            return 1

    succeed(Countries())
    remove_asset(found()["countries"].dataset)
    assert found() == {}
    assert not Countries().output().exists()
