"""The layer with a small pipeline of its own: two captures, a page, and what befalls them."""

from __future__ import annotations

import json
import os
import shutil
import string
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import luigi
import pytest
from luigi.execution_summary import LuigiStatusCode

from hn_luigi.assets import Asset, AssetError, Choice, Number, requires, settings_of
from hn_luigi.assets.definition import AssetDefinition
from hn_luigi.assets.definition_checks import OFFERED
from hn_luigi.assets.errors import DefinitionError
from hn_luigi.assets.operations.invalidate import invalidate_asset
from hn_luigi.assets.storage import Folder


class kitchen(luigi.Config):
    loaves = Number(2, minimum=0, maximum=9)
    glaze = Number(0, minimum=0, maximum=9)


class World:
    """The outside world, which a capture reads, and a log of what was computed."""

    def __init__(self):
        self.flour = "rye"
        self.trouble = None
        self.made = []


@pytest.fixture
def world():
    return World()


@pytest.fixture
def bakery(world):
    """Flour → Bread → Shop, for one town."""

    class Flour(Asset):
        town = Choice("ulm", choices=("ulm", "../bad"), positional=False)
        suffix = ".json"
        capture = True

        def compute(self):
            world.made.append("Flour")
            if world.trouble:
                raise world.trouble
            return {"kind": world.flour}

    @requires(Flour)
    class Bread(Asset):
        suffix = ".json"

        def settings(self):
            return settings_of(kitchen(), "loaves")

        def compute(self, flour):
            world.made.append("Bread")
            return [flour["kind"]] * min(kitchen().loaves, 3)

    @requires(Bread)
    class Shop(Asset):
        suffix = ".txt"
        keeps_latest = True

        def settings(self):
            return settings_of(kitchen(), "glaze")

        def compute(self, bread):
            world.made.append("Shop")
            self.report(loaves=len(bread))
            return f"{len(bread)} {bread[0]} loaves, glaze {kitchen().glaze}"

    return Flour, Bread, Shop


@pytest.fixture
def shop(bakery, clock):
    return bakery[2]


@pytest.fixture
def made(world, succeed):
    """Runs a task and tells what was computed for it."""

    def run(task):
        world.made.clear()
        succeed(task)
        return list(world.made)

    return run


def value_of(task):
    return json.loads(Path(task.output().path).read_text())


def files(root):
    return sorted(
        os.path.relpath(os.path.join(folder, name), root)
        for folder, _, names in os.walk(root)
        for name in names
    )


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


def test_a_latest_that_was_cut_off_is_put_right(shop, made, root):
    made(shop())
    (root / "ulm/shop/latest.txt").write_text("")
    assert made(shop()) == []
    assert (root / "ulm/shop/latest.txt").read_text() == "2 rye loaves, glaze 0"


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


def test_what_a_wrong_clock_left_in_the_future_holds_nothing_up(shop, made, clock, root, world):
    clock.advance(hours=3)
    made(shop())
    clock.advance(hours=-3)
    world.flour = "oat"
    made(shop())
    assert (root / "ulm/shop/latest.txt").read_text() == "2 oat loaves, glaze 0"
    assert shop.from_str_params({"as_of": "latest"}).as_of == datetime(2026, 11, 22, 12, 30)


def test_an_output_changed_by_hand_is_found_out(shop, made, root):
    made(shop())
    bread = root / "ulm/bread/2026-11-22T1230Z.json"
    bread.write_text("[]\n")
    assert shop().staleness().reasons == (
        "ulm/bread/2026-11-22T1230Z is stale: its output was changed by another hand",
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
        with pytest.raises(AssetError, match="nothing but what is stored is to be read"):
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
    made(bakery[2](as_of=TestOncePast.THEN))
    record = json.loads((root / "_records/ulm/bread/2026-11-22T1230Z.json").read_text())
    assert record["data_time"] == "2026-11-22T12:30:00.000Z"


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


def test_one_asset_can_be_kept_elsewhere_by_overriding_one_method(
    bakery, made, tmp_path, root, clock
):
    class Museum(bakery[2]):
        def storage_root(self):
            return str(tmp_path / "museum")

    assert made(Museum()) == ["Flour", "Bread", "Shop"]
    assert files(tmp_path / "museum")[:2] == [
        "_layout.json",
        "_records/ulm/museum/2026-11-22T1230Z.json",
    ]
    assert not (root / "ulm/museum").exists()
    assert made(Museum()) == []


def test_what_the_visualiser_shows_of_an_error_is_its_message(bakery, clock):
    task = bakery[2]()
    with pytest.raises(AssetError) as explained:
        task.run()
    assert task.on_failure(explained.value) == f"InputMissing: {explained.value}"
    assert "Runtime error" in task.on_failure(RuntimeError("a bug"))


def test_an_input_read_again_unchanged_renews_the_data_time(shop, made, root, clock):
    made(shop())
    (root / "ulm/flour/2026-11-22T1230Z.json").unlink()
    clock.advance(minutes=3)
    assert made(shop()) == ["Flour"]
    for asset in ("flour", "bread", "shop"):
        record = json.loads((root / f"_records/ulm/{asset}/2026-11-22T1230Z.json").read_text())
        assert record["data_time"] == "2026-11-22T12:37:56.000Z", asset


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


def test_records_are_read_once_however_often_it_is_asked(shop, made, monkeypatch):
    made(shop())
    shop().complete()
    monkeypatch.setattr(Folder, "read", lambda *_: pytest.fail("it was read again"))
    assert shop().complete()


def test_a_parameter_can_t_leave_the_root(shop, root):
    path = shop(town="../bad").output().path
    assert path == str(root / "%2E.%2Fbad/shop/2026-11-22T1230Z.txt")


@pytest.mark.parametrize(
    "town", ["北" * 28, "北" * 29, "u/" * 500, "x" * 256, "北" * 28 + "x" * 90]
)
def test_a_long_parameter_has_a_place_of_its_own(made, world, root, clock, build, succeed, town):
    class Flour(Asset):
        town = luigi.Parameter()
        suffix = ".json"
        keeps_latest = True

        def compute(self):
            world.made.append("Flour")
            if world.trouble:
                raise world.trouble
            return self.town

    task, other = Flour(town=town), Flour(town=town + "y")
    world.trouble = OSError("no flour")
    build(task)
    world.trouble = None
    assert made(task) == ["Flour"]
    assert made(other) == ["Flour"]
    assert (value_of(task), value_of(other)) == (town, town + "y")
    assert made(task) == []
    assert len(list((root / "_failures").rglob("*.json"))) == 1
    assert all(len(os.fsencode(part)) <= 255 for part in task.folder.split("/"))
    assert set(task.folder.split("/")[0]) <= {*string.ascii_letters, *string.digits, *"%~"}


def test_what_is_too_long_for_a_path_is_named(clock):
    class Flour(Asset):
        suffix = ".json"

        def compute(self):
            return 1

    flour = type("Flour" + "x" * 260, (Flour,), {})
    with pytest.raises(AssetError, match=r"'flourx+' takes 265 bytes.*: shorten that"):
        flour().run()
    kinds = {f"p{i}": luigi.Parameter(default="x" * 250) for i in range(17)}
    with pytest.raises(AssetError, match=r"the path takes 4\d\d\d bytes.*: shorten the"):
        type("Rye", (Flour,), kinds)().complete()


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


def test_steps_in_forked_processes_make_the_same(shop, succeed, root):
    succeed(shop(), workers=2)
    assert (root / "ulm/shop/latest.txt").read_text() == "2 rye loaves, glaze 0"


def test_outside_a_run_compute_needs_no_storage(shop, root):
    assert shop().compute(["oat"]) == "1 oat loaves, glaze 0"
    assert not root.exists()


class TestShapesOfInput:
    """Single, list and dict of inputs, and plain Luigi tasks among them."""

    @pytest.fixture
    def one(self, clock):
        class One(Asset):
            suffix = ".json"

            def compute(self):
                return 1

        return One

    @pytest.fixture
    def plain(self, tmp_path):
        class Plain(luigi.Task):
            def output(self):
                return luigi.LocalTarget(tmp_path / "plain.txt")

            def run(self):
                with self.output().open("w") as file:
                    file.write("plain")

        return Plain

    def test_a_list_comes_as_positional_arguments(self, one, plain, succeed):
        class Both(Asset):
            suffix = ".json"

            def requires(self):
                return [self.clone(one), plain()]

            def compute(self, number, target):
                with target.open() as file:
                    return [number, file.read()]

        succeed(Both())
        assert value_of(Both()) == [1, "plain"]

    def test_a_dict_comes_as_keyword_arguments(self, one, succeed):
        class Named(Asset):
            suffix = ".json"

            def requires(self):
                return {"number": self.clone(one)}

            def compute(self, *, number):
                return number + 1

        succeed(Named())
        assert value_of(Named()) == 2

    def test_what_is_required_may_be_nested(self, one, plain, succeed):
        class Nested(Asset):
            suffix = ".json"

            def requires(self):
                return {"ones": [self.clone(one), (self.clone(one),)], "plain": {"task": plain()}}

            def compute(self, *, ones, plain):
                with plain["task"].open() as file:
                    return [ones, file.read()]

        succeed(Nested())
        assert value_of(Nested()) == [[1, [1]], "plain"]
        assert Nested().complete()

    def test_nothing_may_be_required_in_any_way(self, succeed, clock):
        class Alone(Asset):
            suffix = ".json"

            def requires(self):
                return None

            def compute(self):
                return 1

        succeed(Alone())
        assert Alone().complete()

    def test_a_plain_task_that_says_it_is_done_but_is_not_is_named(self, clock, tmp_path):
        class Liar(luigi.Task):
            def output(self):
                return luigi.LocalTarget(tmp_path / "nothing.txt")

            def complete(self):
                return True

        class Gullible(Asset):
            suffix = ".json"

            def requires(self):
                return Liar()

        assert not Gullible().complete()
        with pytest.raises(AssetError, match=r"nothing.txt is missing, though Liar\(\) says"):
            Gullible().run()

    def test_a_plain_task_s_new_bytes_make_what_is_made_from_it_stale(
        self, plain, succeed, tmp_path
    ):
        class Shout(Asset):
            suffix = ".txt"

            def requires(self):
                return plain()

            def compute(self, target):
                with target.open() as file:
                    return file.read().upper()

        succeed(Shout())
        assert Shout().complete()
        (tmp_path / "plain.txt").write_text("other")
        assert not Shout().complete()
        succeed(Shout())
        assert Path(Shout().output().path).read_text() == "OTHER"

    def test_what_is_behind_a_wrapper_counts_by_its_bytes(self, plain, succeed, tmp_path):
        class Wrapper(luigi.WrapperTask):
            def requires(self):
                return plain()

        class Counted(Asset):
            suffix = ".txt"

            def requires(self):
                return Wrapper()

            def compute(self, _):
                return (tmp_path / "plain.txt").read_text()

        succeed(Counted())
        assert Counted().complete()
        (tmp_path / "plain.txt").write_text("other")
        assert not Counted().complete()

    def test_a_folder_counts_by_the_bytes_of_its_files(self, succeed, tmp_path):
        class Unpacked(luigi.Task):
            def output(self):
                return luigi.LocalTarget(tmp_path / "unpacked")

            def run(self):
                (tmp_path / "unpacked").mkdir()
                (tmp_path / "unpacked/a").write_text("1")

        class Sized(Asset):
            suffix = ".json"

            def requires(self):
                return Unpacked()

            def compute(self, target):
                return len(os.listdir(target.path))

        succeed(Sized())
        assert Sized().complete()
        (tmp_path / "unpacked/a").write_text("2")
        assert not Sized().complete()

    def test_an_output_that_is_no_file_counts_by_its_name(self, succeed):
        class Row(luigi.Target):
            def exists(self):
                return True

            def __repr__(self):
                return "row 7"

        class Table(luigi.ExternalTask):
            def output(self):
                return Row()

        class Copied(Asset):
            suffix = ".txt"

            def requires(self):
                return Table()

            def compute(self, target):
                return repr(target)

        succeed(Copied())
        assert Copied().complete()

    def test_a_plain_task_runs_on_an_asset(self, one, succeed, tmp_path):
        class Report(luigi.Task):
            def requires(self):
                return one()

            def output(self):
                return luigi.LocalTarget(tmp_path / "report.txt")

            def run(self):
                with self.input().open() as source, self.output().open("w") as report:
                    report.write(source.read())

        succeed(Report())
        assert (tmp_path / "report.txt").read_text() == "1\n"


class TestMeetingAnotherRun:
    """Another run holds the lock, and makes the asset by other settings before it lets go."""

    @pytest.fixture(autouse=True)
    def other(self, monkeypatch, bakery, settings, clock):
        """What the other run does to the asset while this one waits for it."""
        other = [lambda task: task.run(), lambda task: settings("kitchen", loaves=3)]
        lock = Folder.lock

        def busy(store, key, *, wait=True):
            if not wait:
                raise BlockingIOError
            monkeypatch.setattr(Folder, "lock", lock)
            for act in other:
                act(bakery[1]())
            return lock(store, key)

        bakery[0]().run()
        monkeypatch.setattr(Folder, "lock", busy)
        return other

    def test_what_it_made_meanwhile_is_taken(self, bakery, world):
        world.made.clear()
        bakery[1]().run()
        assert world.made == ["Bread"]
        assert value_of(bakery[1]()) == ["rye", "rye"]

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


OF_THE_LAYER = {**vars(AssetDefinition), **vars(Asset)}


class TestDefinitions:
    """What can't work is refused when the class is made, or before anything is computed."""

    @pytest.mark.parametrize("name", ["folder", "key", "code", "settings", "latest"])
    def test_a_parameter_can_t_take_a_name_of_the_layer_s(self, name):
        with pytest.raises(AssetError, match=f"Pan: a parameter can't be called '{name}'"):
            type(Asset)("Pan", (Asset,), {name: luigi.Parameter(default="x"), "__module__": "pan"})

    @pytest.mark.parametrize(
        "name",
        sorted({n for n in OF_THE_LAYER if not n.startswith(("__", "_abc_"))} - OFFERED),
    )
    def test_a_name_that_the_layer_uses_can_t_be_redefined(self, name):
        namespace = {name: property(lambda self: 1), "__module__": "pan"}
        with pytest.raises(DefinitionError, match=f"^Pan: '{name}' can't be redefined, since the"):
            type(Asset)("Pan", (Asset,), namespace)

    @pytest.mark.parametrize("name", ["task_id", "clone", "set_status_message", "param_kwargs"])
    def test_nor_can_one_of_luigi_s_that_it_uses(self, name):
        with pytest.raises(DefinitionError, match=f"Pan: '{name}' can't be redefined"):
            type(Asset)("Pan", (Asset,), {name: "x", "__module__": "pan"})

    def test_nor_by_a_mixin(self):
        class Mixin:
            dataset = "x"

        with pytest.raises(DefinitionError, match="Pan: 'dataset' can't be redefined"):
            type(Asset)("Pan", (Mixin, Asset), {"__module__": "pan"})

    def test_nor_by_one_behind_which_would_get_the_layer_s(self):
        class Mixin:
            def report(self):
                return "mine"

        with pytest.raises(DefinitionError, match="Pan: 'report' can't be redefined"):
            type(Asset)("Pan", (Asset, Mixin), {"__module__": "pan"})

    def test_a_task_of_one_s_own_behind_may_have_what_luigi_asks_for(self):
        class Shop(luigi.Task):
            city = luigi.Parameter(positional=False)

            def output(self):
                return luigi.LocalTarget("x")

        made = type(Asset)("Pan", (Asset, Shop), {"suffix": ".json", "__module__": "pan"})
        assert made(city="ulm").folder == "ulm/pan"

    @pytest.mark.parametrize("value", [None, luigi.DateParameter(), luigi.Parameter(), "now"])
    def test_as_of_can_t_be_what_names_no_window(self, value):
        with pytest.raises(DefinitionError, match="Pan: as_of is .*; make it a WindowParameter"):
            type(Asset)("Pan", (Asset,), {"as_of": value, "__module__": "pan"})

    def test_what_an_instance_sets_over_its_identity_fails_at_once(self, clock):
        pan = type(Asset)("Pan", (Asset,), {"suffix": ".json", "__module__": "pan"})()
        with pytest.raises(AttributeError, match="identity"):
            pan.identity = "x"

    @pytest.mark.parametrize("name", sorted(OFFERED - {"as_of"}))
    def test_what_it_offers_can_be_defined(self, name):
        made = type(Asset)("Pan", (Asset,), {name: OF_THE_LAYER[name], "__module__": "pan"})
        assert name in vars(made)

    @pytest.mark.parametrize(
        "name", ["priority", "resources", "on_success", "owner_email", "worker_timeout", "step"]
    )
    def test_what_the_layer_doesn_t_use_can_be_defined(self, name):
        assert type(Asset)("Pan", (Asset,), {name: "x", "__module__": "pan"})

    @pytest.mark.parametrize(
        ("attribute", "value", "message"),
        [
            ("retry", 3, "retry is 3; make it a RetryPolicy"),
            ("freshness", 30, "freshness is 30; make it a FreshnessPolicy"),
            ("code", "json", "code is 'json'; make it a tuple"),
            ("code", ("no.such",), "names 'no.such' as part of its code"),
        ],
    )
    def test_an_attribute_of_another_kind_is_refused(self, attribute, value, message):
        with pytest.raises(AssetError, match=message):
            type(Asset)("Pan", (Asset,), {attribute: value, "__module__": "pan"})

    @pytest.mark.parametrize("suffix", ["", ".csv"])
    def test_a_suffix_without_a_format_is_refused_before_anything_is_computed(self, clock, suffix):
        class Pan(Asset):
            def compute(self):
                pytest.fail("it was computed")

        Pan.suffix = suffix
        with pytest.raises(AssetError, match=f"Pan: there is no format for the suffix '{suffix}'"):
            Pan().run()

    def test_what_requires_itself_is_refused(self, clock, root):
        class Hen(Asset):
            suffix = ".json"

            def requires(self):
                return self.clone(Egg)

        class Egg(Asset):
            suffix = ".json"

            def requires(self):
                return self.clone(Hen)

        with pytest.raises(AssetError, match="requires itself"):
            Hen().staleness()


@pytest.fixture
def judged(monkeypatch):
    """The assets that were judged, in order."""
    judged = []
    settings = Asset.recorded_settings

    def noted(self):
        judged.append(self)
        return settings(self)

    monkeypatch.setattr(Asset, "recorded_settings", noted)
    return judged


def test_one_verdict_judges_each_upstream_once(clock, succeed, judged):
    """A diamond of many layers has exponentially many paths."""
    layers = []

    class Bottom(Asset):
        suffix = ".json"

        def compute(self):
            return 0

    layers.append([Bottom])
    for _ in range(12):
        below = layers[-1]
        layers.append([_above(below, side) for side in ("left", "right")])
    top = _above(layers[-1], "top")()
    succeed(top)
    judged.clear()
    assert top.complete()
    assert len(judged) == len(set(judged)) == 26


def test_an_input_required_from_two_sides_is_judged_once(clock, succeed, judged):
    class Bottom(Asset):
        suffix = ".json"

        def compute(self):
            return 0

    middle = _above([Bottom], "middle")
    top = _above([middle, Bottom, middle], "top")()
    succeed(top)
    judged.clear()
    assert top.complete()
    assert len(judged) == len(set(judged)) == 3


def test_latest_of_a_wide_graph_is_found_at_once(clock, succeed):
    class Bottom(Asset):
        suffix = ".json"
        capture = True

        def compute(self):
            return 0

    below = [Bottom]
    for _ in range(40):  # 2**40 paths
        below = [_above(below, side) for side in ("left", "right")]
    succeed(Bottom())
    assert below[0].from_str_params({"as_of": "latest"}).as_of == datetime(2026, 11, 22, 12, 30)


def _above(below, side):
    class Layer(Asset):
        suffix = ".json"

        def requires(self):
            return [self.clone(cls) for cls in below]

        def compute(self, *values):
            return sum(values) + 1

    Layer.__name__ = f"{side.title()}{id(below)}"
    return Layer
