"""What is stored is found by its records, whoever's it is, and whatever else lies around."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import datetime

import luigi
import pytest

from hn_luigi.assets import Asset, requires
from hn_luigi.assets.catalog.failure import Failure, keep
from hn_luigi.assets.operations.prune import prune_windows
from hn_luigi.assets.operations.remove import remove_asset
from hn_luigi.assets.operations.stored_assets import (
    assets_under,
    is_called,
    made_by_none,
    stored_in,
    with_stored,
)
from hn_luigi.assets.operations.verify import Verification, verify_outputs
from hn_luigi.assets.storage import open_store, root_store
from hn_luigi.assets.window import Timestamp, WindowName
from hn_luigi.assets.window_length import NO_WINDOW, length_of, of_minutes

WEEK = length_of("week")


@pytest.fixture
def graph(clock):
    """Of each kind of window, with parameters, and with a name of its own."""

    class Disk(Asset):
        suffix = ".json"
        city = luigi.Parameter("São Paulo")

        def compute(self):
            return 1

    @requires(Disk)
    class DailyReport(Asset):
        suffix = ".txt"
        stored_as = "report"
        unit = luigi.Parameter("GB")

        def compute(self, disk):
            return "x"

    class Week(Asset):
        suffix = ".json"
        window_length = "week"

        def compute(self):
            return 1

    class Countries(Asset):
        suffix = ".txt"
        window_length = None

        def compute(self):
            return "x"

    return Disk, DailyReport, Week, Countries


def found(**options):
    return {asset.folder: asset for asset in assets_under(root_store())}


class TestFinding:
    def test_finds_what_the_classes_say(self, place, graph, succeed):
        for kind in graph:
            succeed(kind())
        there = found()
        assert list(there) == sorted(kind().folder for kind in graph)
        lengths = (of_minutes(10), of_minutes(10), WEEK, NO_WINDOW)
        for kind, length in zip(graph, lengths, strict=True):
            asset = there[kind().folder]
            assert asset.dataset == kind().dataset
            assert asset.dataset.length == length
            assert asset.record.family == kind.get_task_family()
            assert asset.dataset.stored() == kind().dataset.stored() != set()

    def test_an_empty_root_holds_nothing_and_stays_so(self, place, root):
        assert assets_under(root_store()) == []
        assert not root.exists()

    def test_what_only_failed_is_found(self, mill, clock, root, place):
        for folder, name in (("bread", "2026-11-22T1230Z"), ("town/names", "0001-01-01T0000Z")):
            dataset = replace(mill.Bread().dataset, folder=folder)
            at = Timestamp("2026-11-22T12:34:56.000Z")
            keep(dataset, Failure(folder, WindowName(name), at, "an error"))
        there = found()
        assert {f: a.dataset.length == NO_WINDOW for f, a in there.items()} == {
            "bread": False,
            "town/names": True,
        }

    def test_both_are_told_where_a_class_has_given_up_its_windows(self, bake, mill, root, succeed):
        bake(2)
        timeless = type(Asset)(
            "Flour",
            (Asset,),
            {"suffix": ".txt", "window_length": None, "compute": lambda self: "x"},
        )
        record = mill.Flour().partition.record()
        at = timeless().partition
        at.store.write(at.output_key, b"x")
        at.write_record(replace(record, window=at.window, suffix=".txt"))
        windows, always = stored_in(root_store(), "flour")
        assert (windows.dataset.suffix, always.dataset.suffix) == (".json", ".txt")
        assert always.dataset.stored() == {"0001-01-01T0000Z"}


class TestWhatOthersDid:
    @pytest.mark.parametrize("damage", [b"{", b"\xff", b'{"version": 99}', b"[]"])
    def test_a_damaged_record_is_passed_for_an_older_one(self, bake, mill, root, damage):
        bake(3)
        (root / "_records/bread/2026-11-22T1250Z.json").write_bytes(damage)
        assert found()["bread"].record.window == "2026-11-22T1240Z"

    @pytest.mark.parametrize("keys", [["suffix"], None])
    def test_outputs_tell_their_suffix_where_no_record_does(self, bake, root, keys):
        bake(3)
        for path in root.glob("_records/bread/*.json"):
            record = json.loads(path.read_text())
            if keys is None:
                path.write_text("{")
            else:
                path.write_text(json.dumps({k: v for k, v in record.items() if k not in keys}))
        (root / "bread/2026-11-22T1250Z.notes").write_text("a stranger's")
        assert found()["bread"].dataset.suffix == ".txt"

    @pytest.mark.parametrize("suffix", ["/../../../flour/2026-11-22T1230Z.json", "\0", "/"])
    def test_a_suffix_that_leads_elsewhere_is_not_believed(self, bake, root, suffix):
        bake(1)
        (path,) = root.glob("_records/bread/*.json")
        path.write_text(json.dumps(json.loads(path.read_text()) | {"suffix": suffix}))
        bread = found()["bread"]
        assert bread.dataset.suffix == ".txt"
        remove_asset(bread.dataset)
        assert list(root.glob("flour/*.json"))

    def test_files_and_folders_of_strangers_are_none(self, bake, root):
        bake(1)
        before = set(found())
        for name in ("notes.txt", "x/notes.json", ".git/2026-11-22T1230Z.json", "_old/a/b.json"):
            path = root / "_records" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("{}")
        (root / "_records/loop").symlink_to(root / "_records")
        (root / "_records/itself").symlink_to("itself")
        os.mkfifo(root / "_records/pipe")
        os.mkdir(os.fsencode(root / "_records") + b"/caf\xe9")
        assert set(found()) == before

    def test_what_is_below_a_link_is_not_looked_at(self, bake, root, tmp_path):
        bake(1)
        elsewhere = tmp_path / "elsewhere"
        (elsewhere / "deep").mkdir(parents=True)
        (elsewhere / "deep/2026-11-22T1230Z.json").write_text("{}")
        (root / "_records/linked").symlink_to(elsewhere)
        assert "linked/deep" not in found()

    def test_what_a_link_leads_to_is_left_alone_and_told_of(self, bake, root, tmp_path, clock):
        bake(2)
        (root / "_records/bread").rename(tmp_path / "elsewhere")
        (root / "_records/bread").symlink_to(tmp_path / "elsewhere")
        pruned = remove_asset(found()["bread"].dataset)
        assert "leads out of the root by a symbolic link" in pruned.errors[0]
        assert len(list((tmp_path / "elsewhere").iterdir())) == 2

    @pytest.mark.parametrize("name", ["..", "../data", "a/../../b", "/etc", "", "_records", ".x"])
    def test_no_name_leads_elsewhere(self, bake, name):
        bake(1)
        assert stored_in(root_store(), name) == []

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
    def test_a_folder_that_can_t_be_listed_stops_no_other(self, bake, root):
        bake(1)
        (root / "_records/bread").chmod(0)
        assert set(found()) == {"bread", "flour"}


class TestVerify:
    def test_holds_what_is_stored_against_its_records(self, place, graph, succeed):
        for kind in graph:
            succeed(kind())
        assert verify_outputs(assets_under(root_store())) == Verification(4, ())

    def test_looks_at_a_latest_that_is_or_was_kept(self, bake, root):
        bake(2)
        for trouble in (lambda latest: latest.write_text("x"), lambda latest: latest.unlink()):
            trouble(root / "bread/latest.txt")
            (problem,) = verify_outputs(assets_under(root_store())).problems
            assert problem.key == "bread/latest"

    def test_of_one_place_the_class_tells_more(self, bake, mill, root, succeed):
        bake(1)
        for path in root.glob("_records/bread/*"):
            path.unlink()
        stored = assets_under(root_store())
        assert verify_outputs(stored).problems == ()  # nothing tells that it is one of ours
        known = with_stored([mill.Bread(), mill.Bread()], stored)
        assert [asset.folder for asset in known] == ["bread", "flour"]
        (problem,) = verify_outputs(known).problems
        assert problem.problem == "it has no record"

    def test_what_is_stored_elsewhere_is_looked_at_by_its_class(self, bake, mill, tmp_path):
        class Far(mill.Flour):
            def storage_root(self):
                return str(tmp_path / "far")

        Far().partition.store.write(Far().partition.output_key, b"1")
        bake(1)
        known = with_stored([Far()], assets_under(root_store()))
        assert [p.asset for p in verify_outputs(known).problems] == ["far"]

    def test_the_same_root_by_another_name_is_the_same(self, bake, mill, root):
        bake(1)
        other = open_store(os.path.join(str(root), "..", root.name))
        assert len(with_stored([mill.Bread(), mill.Flour()], assets_under(other))) == 2


class TestWhoMakesIt:
    @pytest.fixture
    def stored(self, graph, succeed):
        _disk, report, *_ = graph
        for city in ("Paris", "Rome"):
            succeed(report(city=city))
        return assets_under(root_store())

    def test_a_watched_class_makes_it_with_whatever_parameters(self, stored, graph):
        disk, report, *_ = graph
        assert made_by_none(stored, [disk(city="Oslo"), report(city="Oslo")]) == []
        assert len(made_by_none(stored, [disk(city="Oslo")])) == 2
        assert len(made_by_none(stored, [])) == 4

    def test_not_with_other_parameters_nor_by_another_name(self, stored, graph, clock):
        disk, *_ = graph

        class Renamed(disk):
            pass

        more = {"more": luigi.Parameter("x"), "suffix": ".json", "compute": lambda self: 1}
        grown = type(Asset)("Disk", (Asset,), {**more, "city": luigi.Parameter("x")})
        fewer = type(Asset)("Disk", (Asset,), {"suffix": ".json", "compute": lambda self: 1})
        numbers = type(Asset)(
            "Disk",
            (Asset,),
            {"city": luigi.IntParameter(1), "suffix": ".json", "compute": lambda self: 1},
        )
        for kind in (Renamed, grown, fewer, numbers):
            assert len(made_by_none(stored, [kind()])) == 4

    def test_one_that_took_it_over_makes_it(self, stored, graph):
        disk, *_ = graph
        luigi.task_register.Register._reg.remove(disk)
        heir = type(Asset)(
            "Storage",
            (Asset,),
            {
                "city": luigi.Parameter("x"),
                "stored_as": "disk",
                "suffix": ".json",
                "compute": lambda self: 1,
            },
        )
        assert len(made_by_none(stored, [heir()])) == 2

    @pytest.mark.parametrize("name", ["DailyReport", "daily_report", "DAILYREPORT"])
    def test_it_is_called_by_its_class_as_recorded(self, stored, name):
        called = [asset for asset in stored if is_called(asset, name)]
        assert len(called) == 2
        assert all(is_called(asset, asset.folder) for asset in stored)


class TestWhatIsNeeded:
    """What nobody watches may yet be made from what a prune of all would remove."""

    def test_of_a_day_that_is_open(self, station, clock):
        clock.at = datetime(2026, 11, 25, 9)
        station.succeed(station.Day())
        clock.at = datetime(2026, 11, 26, 9)
        station.succeed(station.Day())
        clock.advance(hours=3)
        stored = assets_under(root_store())
        datasets = [asset.dataset for asset in stored]
        prune_windows(datasets, before=clock.at, needed_by=stored)
        assert station.Tick().dataset.stored() == {"2026-11-26T0900Z"}
        clock.advance(days=1)  # of a day that nobody has begun yet
        station.succeed(station.Tick())
        clock.advance(hours=1)
        station.succeed(station.Tick())
        prune_windows(datasets, before=clock.at, needed_by=stored)
        assert station.Tick().dataset.stored() == {"2026-11-27T1200Z", "2026-11-27T1300Z"}
        prune_windows(datasets, before=clock.at)
        assert station.Tick().dataset.stored() == {"2026-11-27T1300Z"}

    @pytest.mark.parametrize("name", ["0001-01-01T0000Z", "9999-12-31T2350Z"])
    def test_times_that_no_clock_shows_need_nothing(self, station, clock, name):
        station.succeed(station.Day())
        day = next(asset for asset in assets_under(root_store()) if asset.folder == "day")
        odd = replace(day, record=replace(day.record, window=WindowName(name)))
        assert [folder for folder, _ in odd.needs(clock.at)] in ([], ["tick"])
