"""Asset, as Luigi calls it: a small pipeline of its own, and what befalls what is stored."""

from __future__ import annotations

import json
import os
import shutil
from datetime import datetime

import pytest
from luigi.execution_summary import LuigiStatusCode

from hn_luigi.assets import Asset, AssetError
from hn_luigi.assets.storage import Folder

from .bakery import files


def test_outputs_lie_by_parameters_name_and_window_with_records_apart(shop, made, root):
    assert made(shop()) == ["Flour", "Bread", "Shop"]
    assert files(root) == [
        "_layout.json",
        "_records/ulm/bread/2026-11-22T1230Z.json",
        "_records/ulm/flour/2026-11-22T1230Z.json",
        "_records/ulm/shop/2026-11-22T1230Z.json",
        "ulm/bread/2026-11-22T1230Z.json",
        "ulm/flour/2026-11-22T1230Z.json",
        "ulm/shop/2026-11-22T1230Z.txt",
        "ulm/shop/latest.txt",
    ]
    assert (root / "ulm/shop/latest.txt").read_text() == "2 rye loaves, glaze 0"


def test_a_record_says_when_and_from_what_it_was_made(shop, made, root, clock):
    made(shop())
    record = json.loads((root / "_records/ulm/shop/2026-11-22T1230Z.json").read_text())
    flour = json.loads((root / "_records/ulm/flour/2026-11-22T1230Z.json").read_text())
    assert record["window"] == "2026-11-22T1230Z"
    assert record["created_at"] == "2026-11-22T12:34:56.000Z"
    assert record["data_time"] == flour["read_at"] == "2026-11-22T12:34:56.000Z"
    assert record["settings"] == {"kitchen.glaze": 0}
    assert list(record["upstream"]) == ["ulm/bread/2026-11-22T1230Z"]
    assert record["metadata"] == {"loaves": 2}


def test_what_is_current_is_not_made_again(shop, made):
    made(shop())
    assert made(shop()) == []


def test_the_next_window_is_made_anew_and_latest_follows(shop, made, clock, world, root):
    made(shop())
    clock.advance(minutes=10)
    world.flour = "oat"
    assert made(shop()) == ["Flour", "Bread", "Shop"]
    assert (root / "ulm/shop/latest.txt").read_text() == "2 oat loaves, glaze 0"
    assert (root / "ulm/shop/2026-11-22T1230Z.txt").read_text() == "2 rye loaves, glaze 0"


def test_a_changed_setting_remakes_what_uses_it_and_what_its_bytes_change(shop, made, settings):
    made(shop())
    settings("kitchen", glaze=1)
    assert made(shop()) == ["Shop"]
    settings("kitchen", loaves=3)
    assert made(shop()) == ["Bread", "Shop"]


def test_an_input_remade_with_the_same_bytes_stops_there(shop, made, settings):
    settings("kitchen", loaves=3)
    made(shop())
    settings("kitchen", loaves=4)  # three at most are baked
    assert made(shop()) == ["Bread"]
    assert made(shop()) == []


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("ulm/shop/2026-11-22T1230Z.txt", ["Shop"]),
        ("ulm/bread/2026-11-22T1230Z.json", ["Bread"]),
        ("ulm/flour/2026-11-22T1230Z.json", ["Flour"]),
        ("_records/ulm/bread/2026-11-22T1230Z.json", ["Bread"]),
        ("ulm/shop/latest.txt", []),
    ],
)
def test_a_removed_file_is_made_again_and_only_that(shop, made, root, path, expected):
    made(shop())
    before = (root / path).read_bytes()
    (root / path).unlink()
    assert made(shop()) == expected
    if not path.startswith("_records"):
        assert (root / path).read_bytes() == before
    assert made(shop()) == []


def test_an_output_changed_by_hand_is_found_out(shop, made, root):
    made(shop())
    bread = root / "ulm/bread/2026-11-22T1230Z.json"
    bread.write_text("[]\n")
    assert shop().staleness().reasons == (
        "ulm/bread/2026-11-22T1230Z is stale: its output was modified outside hn_luigi",
    )
    assert made(shop()) == ["Bread"]


def test_a_copied_root_is_current_although_its_times_differ(shop, made, root, settings, tmp_path):
    made(shop())
    shutil.copytree(root, tmp_path / "moved", copy_function=shutil.copyfile)
    settings("storage", root=tmp_path / "moved")
    assert made(shop()) == []


@pytest.mark.parametrize("data", [b"", b"{", b'{"version": 99}', b"\x00" * 50])
def test_a_broken_record_means_make_it_again(shop, made, root, data):
    made(shop())
    (root / "_records/ulm/bread/2026-11-22T1230Z.json").write_bytes(data)
    assert made(shop()) == ["Bread"]


@pytest.mark.parametrize(
    "put",
    [
        lambda path: path.mkdir(),
        lambda path: path.symlink_to(path),
        lambda path: path.symlink_to("nowhere"),
        os.mkfifo,
    ],
    ids=["a folder", "a loop", "a broken link", "a pipe"],
)
@pytest.mark.parametrize(
    "path",
    [
        "_records/ulm/bread/2026-11-22T1230Z.json",
        "ulm/bread/2026-11-22T1230Z.json",
        "ulm/shop/latest.txt",
    ],
)
def test_what_is_no_file_gives_way_to_one(shop, made, root, path, put):
    made(shop())
    before = (root / path).read_bytes()
    (root / path).unlink()
    put(root / path)
    assert not shop().complete()
    made(shop())
    if not path.startswith("_records"):
        assert (root / path).read_bytes() == before
    assert made(shop()) == []


def test_asking_changes_nothing(shop, made, root):
    assert shop().complete() is False
    assert not root.exists()
    made(shop())
    before = [(f, os.stat(root / f).st_mtime_ns) for f in files(root)]
    shop().complete()
    assert [(f, os.stat(root / f).st_mtime_ns) for f in files(root)] == before


def test_a_failing_step_keeps_the_last_good_output(shop, made, build, clock, world, root):
    made(shop())
    clock.advance(minutes=10)
    world.trouble = RuntimeError("the mill burns")
    assert build(shop()).status is LuigiStatusCode.FAILED
    assert (root / "ulm/shop/latest.txt").read_text() == "2 rye loaves, glaze 0"
    world.trouble = None
    assert made(shop()) == ["Flour", "Bread", "Shop"]


@pytest.mark.parametrize("value", [object(), float("nan")])
def test_a_step_that_reports_what_a_record_can_t_hold_publishes_nothing(clock, root, value):
    class Odd(Asset):
        suffix = ".json"

        def compute(self):
            self.report(value=value)
            return 1

    with pytest.raises(AssetError, match=r"what Odd\(.*reports must be JSON values"):
        Odd().run()
    assert not (root / "odd").exists()


def test_what_the_visualiser_shows_of_an_error_is_its_message(bakery, clock):
    task = bakery[2]()
    with pytest.raises(AssetError) as explained:
        task.run()
    assert task.on_failure(explained.value) == f"InputMissing: {explained.value}"
    assert "Runtime error" in task.on_failure(RuntimeError("a bug"))


def test_records_are_read_once_however_often_it_is_asked(shop, made, monkeypatch):
    made(shop())
    shop().complete()
    monkeypatch.setattr(Folder, "read", lambda *_: pytest.fail("it was read again"))
    assert shop().complete()


def test_steps_in_forked_processes_make_the_same(shop, succeed, root):
    succeed(shop(), workers=2)
    assert (root / "ulm/shop/latest.txt").read_text() == "2 rye loaves, glaze 0"


class TestBulkComplete:
    """What Luigi's range tools ask, many windows at once."""

    @pytest.fixture
    def windows(self, shop, made, clock, root):
        """Six windows: the second removed, the fourth's page changed, the last not made."""
        windows = [datetime(2026, 11, 22, 12, 30 + 5 * n) for n in range(0, 6, 2)]
        windows += [datetime(2026, 11, 22, 13, 0 + 10 * n) for n in range(3)]
        for at in windows[:-1]:
            clock.at = at
            made(shop())
        clock.at = datetime(2026, 11, 25)
        (root / "ulm/shop/2026-11-22T1240Z.txt").unlink()
        (root / "ulm/shop/2026-11-22T1300Z.txt").write_text("changed")
        return windows

    def test_it_says_of_each_window_what_the_task_would(self, shop, windows):
        expected = [at for at in windows if shop(as_of=at).complete()]
        assert shop.bulk_complete(iter(windows)) == expected == [windows[n] for n in (0, 2, 4)]

    def test_a_folder_is_listed_once_however_many_windows_are_asked_for(
        self, shop, windows, monkeypatch
    ):
        listed = []
        names = Folder.names
        monkeypatch.setattr(Folder, "names", lambda *asked: listed.append(asked) or names(*asked))
        shop.bulk_complete(windows)
        assert len(listed) == len(set(listed))

    def test_values_of_several_parameters_are_taken_in_their_order(self, shop, windows):
        assert shop.bulk_complete([(windows[0],), [windows[1]]]) == [(windows[0],)]
