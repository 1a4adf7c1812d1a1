"""Several windows as one input: which count, what makes stale, what is kept and never made anew."""

from __future__ import annotations

import json
import os
from datetime import date, datetime, timedelta

import luigi
import pytest
from luigi.execution_summary import LuigiStatusCode

from hn_luigi.assets import Asset, Choice
from hn_luigi.assets.catalog.partition import Partition
from hn_luigi.assets.errors import DefinitionError, WindowClosed
from hn_luigi.assets.operations import invalidate_asset
from hn_luigi.assets.operations.prune import prune_windows
from hn_luigi.assets.staleness.evaluate import State

from ..bakery import files, value_of

RANGE = "tick/2026-11-22T0000Z--2026-11-23T0000Z"
DAY = "day/2026-11-22T0000Z"
MORNING = [f"{hour:02}:00" for hour in range(12)]
TOMORROW = datetime(2026, 11, 23, 9)


@pytest.fixture
def record(root):
    """What the record of a day says, and a way to change it."""
    path = root / f"_records/{DAY}.json"

    def content(**changed):
        told = json.loads(path.read_text())
        if changed:
            path.write_text(json.dumps({**told, **changed}))
        return told

    content.path = path
    return content


@pytest.fixture
def errors():
    """What has failed, in words."""
    told = []

    def note(task, error):
        told.append(str(error))

    luigi.Task.event_handler(luigi.Event.FAILURE)(note)
    yield lambda: "\n".join(told)
    luigi.Task.remove_event_handler(luigi.Event.FAILURE, note)


def rewrite(root, start, data=None):
    """Write a tick again, the same unless told, at a time that nothing else was written at."""
    path = root / f"tick/2026-11-22T{start.replace(':', '')}Z.json"
    path.write_bytes(path.read_bytes() if data is None else data)
    os.utime(path, ns=(10**18, 10**18))


class TestWhatCounts:
    def test_the_present_window_is_made_first_and_the_others_are_taken(self, station):
        station.tick("00:10", "12:20")
        assert station.made_by(station.Day()) == ["tick/2026-11-22T1230Z", DAY]
        assert value_of(station.Day()) == [3, 3]

    def test_to_luigi_it_is_the_open_window_s_task_or_nothing(self, station, clock):
        day, tick = station.Day(), station.Tick()
        assert day.deps() == [tick]
        assert [target.path for target in luigi.task.flatten(day.input())] == [tick.output().path]
        clock.at = TOMORROW
        assert station.Day(as_of="2026-11-22").deps() == []

    @pytest.mark.parametrize("at", [datetime(2026, 11, 23, 0, 5), TOMORROW])
    def test_windows_that_are_over_or_in_their_grace_are_never_begun(self, station, clock, at):
        station.tick("23:40")
        clock.at = at
        assert station.made_by(station.Day(as_of="2026-11-22")) == [DAY]

    def test_latest_makes_no_window(self, station):
        station.tick("12:10")
        day = station.Day(stored_only=True)
        assert day.deps() == []
        assert station.made_by(day) == [DAY]

    def test_a_gap_is_left_out_and_the_record_says_so(self, station, clock, record):
        station.tick("00:10", "00:40")
        clock.at = TOMORROW
        station.succeed(station.Day(as_of="2026-11-22"))
        told = record()["windows"][RANGE]
        assert list(told["stored"]) == ["2026-11-22T0010Z", "2026-11-22T0040Z"]
        assert told["missing"] == 142
        assert told["gaps"] == [
            ["2026-11-22T0000Z", "2026-11-22T0000Z"],
            ["2026-11-22T0020Z", "2026-11-22T0030Z"],
            ["2026-11-22T0050Z", "2026-11-22T2350Z"],
        ]

    def test_if_none_is_stored_it_can_t_be_made(self, station, clock, build, errors):
        clock.at = TOMORROW
        day = station.Day(as_of="2026-11-22")
        assert day.staleness().lost
        assert build(day).status is LuigiStatusCode.FAILED
        assert "tick has no window from 2026-11-22 00:00 to 2026-11-23 00:00 UTC" in errors()

    def test_a_capture_that_fails_fails_the_run_and_is_a_gap_a_window_later(
        self, station, clock, build, record
    ):
        station.tick("12:10")
        station.succeed(station.Day())
        clock.advance(minutes=10)
        station.reading = None
        assert build(station.Day()).status is LuigiStatusCode.FAILED
        assert value_of(station.Day()) == [2, 2]
        station.reading = 1
        clock.advance(minutes=10)
        station.succeed(station.Day())
        assert value_of(station.Day()) == [3, 3]
        assert ["2026-11-22T1240Z", "2026-11-22T1240Z"] in record()["windows"][RANGE]["gaps"]

    def test_ranges_stand_beside_tasks_in_lists_and_dicts(self, station, clock, root):
        class Week(Asset):
            suffix = ".json"
            window_length = "week"

            def requires(self):
                before = self.as_of - timedelta(days=7)
                return {
                    "this": [self.windows(station.Day), self.windows(station.Tick)],
                    "last": self.windows(station.Day, since=before, until=self.as_of),
                }

            def compute(self, this, last):
                return [*map(len, this), len(last)]

        for day in ("2026-12-26", "2026-12-30", "2026-12-31", "2027-01-01"):
            clock.at = datetime.fromisoformat(f"{day}T12:00")
            station.succeed(station.Day())
        station.succeed(Week())
        assert Week().as_of == datetime(2026, 12, 28)
        assert value_of(Week(as_of="2026-W53")) == [3, 3, 1]
        clock.at = datetime(2027, 1, 4, 12)
        station.succeed(Week())
        assert value_of(Week(as_of="2027-W01")) == [1, 1, 3]
        assert Week(as_of="2026-W53").complete()

    def test_a_history_of_its_own_grows_over_missed_windows(self, station, clock):
        class History(Asset):
            suffix = ".json"
            window_length = "day"

            def requires(self):
                today = self.clone(station.Day)
                first = datetime(2026, 11, 22)
                if self.as_of == first:
                    return {"today": today}
                return {
                    "today": today,
                    "past": self.windows(History, since=first, until=self.as_of),
                }

            def compute(self, today, past=None):
                return [*(past[max(past)] if past else []), today[0]]

        for days in (0, 1, 3, 4):
            clock.at = datetime(2026, 11, 22 + days, 12)
            station.succeed(History())
        assert value_of(History()) == [1, 1, 1, 1]
        prune_windows([History().dataset], before=clock.at, needed_by=[History()])
        clock.advance(days=1)
        station.succeed(History())
        assert value_of(History()) == [1, 1, 1, 1, 1]

    def test_optional_ones_may_be_missing_and_count_once_they_are_there(self, station, clock):
        class Page(Asset):
            suffix = ".json"

            def requires(self):
                today = self.as_of.date()
                yesterday = today - timedelta(days=1)
                days = self.windows(station.Day, since=yesterday, until=today, optional=True)
                return [self.clone(station.Tick), days]

            def compute(self, tick, days):
                return [tick, *days.values()]

        clock.at = TOMORROW + timedelta(days=1)
        station.succeed(Page())
        assert value_of(Page()) == [1]
        assert Page().complete()
        assert Page().deps() == [station.Tick()]
        clock.advance(days=-1)
        station.succeed(station.Day())
        clock.advance(days=1)
        station.succeed(Page())
        assert value_of(Page()) == [1, [1, 1]]

    @pytest.mark.parametrize("way", ["values", "items"])
    def test_a_damaged_one_is_left_out_if_it_is_optional(
        self, station, clock, root, record, build, errors, way
    ):
        class Page(Asset):
            suffix = ".json"
            optional = True

            def requires(self):
                since = self.as_of - timedelta(hours=1)
                return self.windows(
                    station.Tick, since=since, until=self.as_of, optional=self.optional
                )

            def compute(self, ticks):
                first = sorted(dict(getattr(ticks, way)()).values()) if way == "items" else None
                return [first or list(ticks.values()), len(ticks)]

        class Strict(Page):
            optional = False

        station.tick("12:00", "12:10", "12:20")
        rewrite(root, "12:10", b"[1,")
        clock.at = datetime(2026, 11, 22, 12, 30)
        station.succeed(Page())
        assert value_of(Page()) == [[1, 1], 2]
        (warned,) = Page().partition.record().warnings.values()
        assert "tick/2026-11-22T1210Z.json isn't a readable .json file" in warned
        assert Page().complete()  # so that no run comes after another
        rewrite(root, "12:10", b"7\n")
        station.succeed(Page())
        assert value_of(Page()) == [[1, 1, 7] if way == "items" else [1, 7, 1], 3]
        assert not Page().partition.record().warnings
        rewrite(root, "12:10", b"[1,")
        assert build(Strict()).status is LuigiStatusCode.FAILED
        assert "2026-11-22T1210Z.json isn't a readable .json file" in errors()

    def test_what_is_made_from_optional_ones_alone_is_made_of_nothing(self, station):
        class Sum(Asset):
            suffix = ".json"

            def requires(self):
                since = self.as_of - timedelta(days=1)
                return self.windows(station.Tick, since=since, until=self.as_of, optional=True)

            def compute(self, ticks):
                return len(ticks)

        station.succeed(Sum())
        assert value_of(Sum()) == 0
        assert Sum().complete()

    def test_what_would_be_made_from_itself_is_refused(self, station):
        class Ouroboros(station.Day):
            def requires(self):
                return self.windows(Ouroboros)

        with pytest.raises(DefinitionError, match="its own window is among them; give until"):
            Ouroboros().staleness()

    def test_another_feed_is_asked_for_by_name(self, station, succeed):
        class Reading(Asset):
            place = Choice("ulm", choices=("ulm", "bonn"), positional=False)
            suffix = ".json"
            capture = True

            def compute(self):
                return self.place

        class Places(Asset):
            place = Choice("ulm", choices=("ulm", "bonn"), positional=False)
            suffix = ".json"
            window_length = "day"

            def requires(self):
                return [self.windows(Reading), self.windows(Reading, place="bonn")]

            def compute(self, *places):
                return [list(place.values()) for place in places]

        succeed(Places())
        assert value_of(Places()) == [["ulm"], ["bonn"]]

    @pytest.mark.parametrize(
        ("kind", "arguments", "told"),
        [
            ("Tick", {"feed": "ask"}, "Tick takes no feed; it has none"),
            ("Placed", {"plaec": "ulm"}, "Placed takes no plaec; it has place"),
            ("Tick", {"as_of": TOMORROW}, "takes no as_of"),
            ("Tick", {"stored_only": True}, "takes no stored_only"),
            ("Plain", {}, "give the class of an asset"),
            ("word", {}, "give the class of an asset"),
            ("Timeless", {}, "Timeless has no windows"),
            ("Tick", {"since": 5}, "it must be now, latest, or a UTC time"),
            ("Tick", {"until": "latest"}, "'latest' is not a UTC time"),
            ("Tick", {"since": "yesterday"}, "'yesterday' is not a UTC time"),
            ("Tick", {"since": TOMORROW}, r"since .* has to be before until"),
            ("Tick", {"since": "1970-01-01"}, r"since .* is 2,9..,... windows before until, and"),
        ],
    )
    def test_what_can_t_be_is_refused_with_what_can(self, station, kind, arguments, told):
        class Placed(station.Tick):
            place = luigi.Parameter("ulm", positional=False)

        class Timeless(Asset):
            suffix = ".json"
            window_length = None

            def compute(self):
                return 1

        class Plain(luigi.Task):
            pass

        kinds = {"Placed": Placed, "Timeless": Timeless, "Plain": Plain, "Tick": station.Tick}

        class Wrong(station.Day):
            def requires(self):
                return self.windows(kinds.get(kind, kind), **arguments)

        with pytest.raises(DefinitionError, match=told):
            Wrong().deps()


class TestStaleness:
    @pytest.fixture
    def day(self, station, clock, root):
        """One that is over, made from five ticks."""
        station.tick("00:10", "00:20", "00:30", "00:40", "00:50")
        clock.at = TOMORROW
        station.succeed(station.Day(as_of="2026-11-22"))
        return lambda: station.Day(as_of="2026-11-22")

    def test_a_new_window_makes_it_stale(self, day, root, station):
        (root / "tick/2026-11-22T0200Z.json").write_text("1\n")
        (told,) = day().staleness().reasons
        assert told == f"{RANGE} is stale: 1 window is new (2026-11-22 02:00)"
        assert station.made_by(day()) == [DAY]
        assert value_of(day()) == [6, 6]

    def test_so_does_one_that_was_made_anew(self, day, root, station):
        rewrite(root, "00:30", b"5\n")
        assert "1 window is changed (2026-11-22 00:30)" in day().staleness().reasons[0]
        assert station.made_by(day()) == [DAY]
        assert day().complete()

    def test_if_all_came_out_the_same_only_the_record_is_written(self, day, root, station, record):
        then = record()
        rewrite(root, "00:30")
        rewrite(root, "00:40")
        assert not day().complete()
        assert station.made_by(day()) == []
        assert day().complete()
        assert record().keys() == then.keys()
        differ = {name for name, value in record().items() if value != then[name]}
        assert differ == {"windows"}

    def test_what_changes_while_the_record_is_renewed_is_found_by_the_next_look(
        self, day, root, station, monkeypatch
    ):
        rewrite(root, "00:30")
        version = Partition.version_of_bytes

        def and_then(partition):
            found = version(partition)
            rewrite(root, "00:30", b"7\n")
            rewrite(root, "00:40", b"1\n")
            (root / "tick/2026-11-22T0200Z.json").write_text("1\n")
            return found

        with monkeypatch.context() as patch:
            patch.setattr(Partition, "version_of_bytes", and_then)
            station.succeed(day())
        assert not day().complete()
        assert station.made_by(day()) == [DAY]
        assert value_of(day()) == [6, 12]

    def test_a_value_that_nobody_read_may_change(self, station, clock, root):
        class Count(station.Day):
            def compute(self, ticks):
                return [len(ticks), datetime(2026, 11, 22, 0, 20) in ticks]

        station.tick("00:10", "00:20")
        clock.at = TOMORROW
        station.succeed(Count(as_of="2026-11-22"))
        assert value_of(Count(as_of="2026-11-22")) == [2, True]
        rewrite(root, "00:20", b"9\n")
        assert Count(as_of="2026-11-22").complete()
        (root / "tick/2026-11-22T0200Z.json").write_text("1\n")
        assert not Count(as_of="2026-11-22").complete()

    def test_one_made_anew_while_it_is_read_makes_it_stale(self, station, clock, root):
        class Busy(station.Day):
            def compute(self, ticks):
                total = sum(ticks.values())
                if total < 9:
                    rewrite(root, "00:10", b"9\n")
                return total

        station.tick("00:10", "00:20")
        clock.at = TOMORROW
        busy = Busy(as_of="2026-11-22")
        station.succeed(busy)
        assert not busy.complete()
        station.succeed(busy)
        assert value_of(busy) == 10

    def test_read_twice_it_is_one_version_or_fails(self, station, clock, root, build, errors):
        class Twice(station.Day):
            def compute(self, ticks):
                first = list(ticks.values())
                rewrite(root, "00:10", b"9\n")
                return [first, list(ticks.values())]

        station.tick("00:10", "00:20")
        clock.at = TOMORROW
        assert build(Twice(as_of="2026-11-22")).status is LuigiStatusCode.FAILED
        assert "tick/2026-11-22T0010Z was made anew while it was read" in errors()

    def test_windows_of_a_former_length_are_no_less_there(self, day, settings, station):
        settings("assets", window_minutes=20)
        assert day().complete()
        settings("assets", window_minutes=5)
        assert day().complete()

    def test_age_is_that_of_the_newest_window(self, station, clock, record):
        station.tick("00:10", "12:10")
        clock.at = TOMORROW
        station.succeed(station.Day(as_of="2026-11-22"))
        assert record()["data_time"] == "2026-11-22T12:10:56.000Z"

    @pytest.mark.parametrize(
        "garbled",
        [
            [],
            {},
            None,
            {"x": {"stored": {}}},
            {RANGE: 5},
            {RANGE: {"stored": []}},
            {RANGE: {"stored": {"x": "1 2 3"}}},
            {RANGE: {"stored": {"2026-11-22T0010Z": None}}},
            {RANGE: {"stored": {"2026-11-22T0010Z": "1"}}},
            {RANGE: {"stored": {"2026-11-22T0010Z": "² 2 3"}}},
            {RANGE: {"stored": {"2026-11-22T0010Z": "9" * 5000 + " 2 3"}}},
        ],
    )
    def test_a_garbled_record_is_a_cause_and_no_exception(self, day, station, record, garbled):
        record(windows=garbled)
        assert day().staleness().state is State.STALE
        assert station.made_by(day()) == [DAY]
        assert day().complete()


class TestNeverFromLess:
    @pytest.fixture
    def prune(self, station):
        """Remove ticks of before an hour of the 22nd."""

        def run(hour, **options):
            before = datetime(2026, 11, 22, hour)
            return prune_windows([station.Tick().dataset], before=before, **options)

        return run

    @pytest.fixture
    def over(self, station, clock, prune):
        """A day that is over, some of whose ticks were pruned."""
        station.tick(*MORNING)
        station.succeed(station.Day())
        clock.at = TOMORROW
        prune(6)
        return lambda: station.Day(as_of=date(2026, 11, 22))

    def test_it_is_kept_whatever_changes_and_says_so(self, over, station, root):
        assert over().complete()
        assert over().staleness().kept == (
            "kept as it is, since 6 of the windows of tick that it was made from are gone "
            "(2026-11-22 00:00 to 2026-11-22 05:00)"
        )
        rewrite(root, "07:00", b"9\n")
        station.edit("2")
        assert over().complete()
        assert station.made_by(over()) == []
        with pytest.raises(WindowClosed, match="kept as it is"):
            invalidate_asset(over())

    def test_what_is_made_from_it_can_be_made_and_made_anew(self, over, station):
        def page(text):
            class Page(station.Day):
                code_version = text

                def requires(self):
                    return self.clone(station.Day)

                def compute(self, day):
                    return [*day, text]

            return Page(as_of="2026-11-22")

        for version in ("1", "2"):
            assert not page(version).complete()
            station.succeed(page(version))
            assert value_of(page(version)) == [13, 13, version]
            assert page(version).staleness().kept == ""

    @pytest.mark.parametrize("damage", ["lost", "cut"])
    def test_so_it_is_when_its_record_is_damaged(self, over, station, record, damage):
        if damage == "lost":
            record.path.unlink()
        else:
            record.path.write_text("{")
        assert over().complete()
        assert "windows of tick have been pruned" in over().staleness().kept
        assert station.made_by(over()) == []
        assert value_of(over()) == [13, 13]

    def test_a_day_that_is_gone_itself_is_lost(self, over, build, root, errors):
        (root / f"{DAY}.json").unlink()
        (root / f"_records/{DAY}.json").unlink()
        assert over().staleness().lost
        assert build(over()).status is LuigiStatusCode.FAILED
        assert "have been pruned" in errors()
        assert not (root / f"{DAY}.json").exists()

    def test_while_it_runs_it_fails_with_words(self, station, root, build, errors):
        station.tick("12:10", "12:20")
        station.succeed(station.Day())
        (root / "tick/2026-11-22T1210Z.json").unlink()
        assert not station.Day().complete()
        assert build(station.Day()).status is LuigiStatusCode.FAILED
        assert "1 of the windows in" in errors()
        assert "that it was made from is gone (2026-11-22 12:10)" in errors()
        assert value_of(station.Day()) == [3, 3]

    def test_and_is_kept_once_its_last_window_s_grace_is_over(self, station, root, clock):
        station.tick("12:10", "12:20")
        station.succeed(station.Day())
        (root / "tick/2026-11-22T1210Z.json").unlink()
        clock.at = datetime(2026, 11, 23, 0, 9)
        assert not station.Day(as_of="2026-11-22").complete()
        clock.at = datetime(2026, 11, 23, 0, 10)
        assert station.Day(as_of="2026-11-22").complete()

    def test_its_output_is_not_replaced_where_no_record_tells_from_what(
        self, station, prune, record, build, errors, root
    ):
        station.tick(*MORNING)
        station.succeed(station.Day())
        prune(6)
        record.path.unlink()
        assert build(station.Day()).status is LuigiStatusCode.FAILED
        assert "remove its output to have it made from what is left" in errors()
        assert value_of(station.Day()) == [13, 13]
        (root / f"{DAY}.json").unlink()
        station.succeed(station.Day())
        assert value_of(station.Day()) == [7, 7]

    def test_what_is_new_begins_with_what_there_is(self, station, prune, build):
        """Such as a page that looks back further than windows are kept."""

        class Back(Asset):
            suffix = ".json"

            def requires(self):
                since = self.as_of - timedelta(days=30)
                return self.windows(station.Tick, since=since, until=self.as_of)

            def compute(self, ticks):
                return len(ticks)

        station.tick(*MORNING)
        prune(6)
        station.succeed(Back())
        assert value_of(Back()) == 6

    def test_one_that_only_now_is_made_from_them_is_kept(self, station, clock, prune):
        class Sum(station.Day):
            def requires(self):
                return []

            def compute(self):
                return "by hand"

        station.tick(*MORNING)
        station.succeed(Sum())
        clock.at = TOMORROW
        prune(6)

        class Sum(station.Day):
            pass

        assert Sum(as_of="2026-11-22").complete()
        assert station.made_by(Sum(as_of="2026-11-22")) == []


def test_a_day_of_141_windows(station, clock, root, record):
    """Three were missed, one is made anew late, and then the morning's are pruned."""

    def day():
        return station.Day(as_of="2026-11-22")

    names = [f"2026-11-22T{n // 6:02}{n % 6}0Z" for n in range(144)]
    missed = {"2026-11-22T0300Z", "2026-11-22T0310Z", "2026-11-22T1700Z"}
    clock.at = datetime(2026, 11, 22, 0, 0, 30)
    for name in names:
        if name not in missed:
            station.Tick().run()
        clock.advance(minutes=10)

    station.succeed(day())
    assert value_of(day()) == [141, 141]
    told = record()["windows"][RANGE]
    assert told["missing"] == 3
    assert told["gaps"] == [
        ["2026-11-22T0300Z", "2026-11-22T0310Z"],
        ["2026-11-22T1700Z", "2026-11-22T1700Z"],
    ]

    rewrite(root, "22:00", b"5\n")
    assert not day().complete()
    station.succeed(day())
    assert value_of(day()) == [141, 145]

    clock.at = TOMORROW
    noon = datetime(2026, 11, 22, 12)
    prune_windows([station.Tick().dataset], before=noon, needed_by=[station.Day()])
    assert len(files(root / "tick")) == 71
    assert day().complete()
    assert station.made_by(day()) == []
    assert value_of(day()) == [141, 145]
