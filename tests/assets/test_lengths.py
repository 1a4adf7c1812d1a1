"""Graphs whose windows are of several lengths, and assets that have none."""

from __future__ import annotations

import json
import shutil
from datetime import date, datetime, timedelta

import luigi
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from luigi.execution_summary import LuigiStatusCode
from luigi.tools.range import RangeByMinutes, RangeDaily, RangeHourly, RangeMonthly

from hn_luigi.assets import Asset, Freshness, FreshnessPolicy, requires
from hn_luigi.assets.errors import DefinitionError, SettingError
from hn_luigi.assets.operations import (
    State,
    backfill_of,
    events_of,
    invalidate_asset,
    rebuild,
    status_of,
    steps_to,
    verify_outputs,
)
from hn_luigi.assets.operations import verify as verifying
from hn_luigi.assets.parameters.window_parameter import LATEST, WindowParameter
from hn_luigi.assets.window_length import ALWAYS, NO_WINDOW

from .bakery import files, value_of
from .properties import CAREFUL

HOUR = timedelta(hours=1)


@pytest.fixture
def step(clock):
    """Makes classes by name and length; each makes its name, of what it gets."""

    def make(name, length="[assets] window_minutes", /, *, of=None, **body):
        def compute(self, *inputs):
            self.made.append(self.key)
            return [name, *inputs]

        body = {"suffix": ".json", "window_length": length, "compute": compute, **body}
        kind = type(Asset)(name, (Asset,), {"made": [], "__module__": "lengths", **body})
        return requires(of)(kind) if of else kind

    return make


@pytest.fixture
def countries(step):
    """A table that knows no time."""
    return step("Countries", None)


class TestWithoutWindows:
    def test_its_files_are_called_as_it_is(self, countries, succeed, root):
        succeed(countries())
        assert files(root) == [
            "_layout.json",
            "_records/countries/countries.json",
            "countries/countries.json",
        ]

    def test_it_is_made_once_whatever_the_time(self, countries, step, succeed, clock):
        page = step("Page", of=countries)
        for _ in range(3):
            succeed(page())
            clock.advance(days=40)
        assert len(countries.made) == 1
        assert page.made == [
            f"page/{name}" for name in ("2026-11-22T1230Z", "2027-01-01T1230Z", "2027-02-10T1230Z")
        ]

    def test_it_is_remade_when_it_is_stale(self, countries, step, succeed, clock):
        succeed(countries())
        again = step("Countries", None, code_version="2")
        clock.advance(days=400)
        assert [cause.reason for cause in again().staleness().causes] == ["its code changed"]
        succeed(again())
        assert again.made == ["countries/countries"]

    def test_as_a_capture_it_never_freezes(self, step, succeed, clock):
        succeed(step("Countries", None, capture=True)())
        clock.advance(days=400)
        again = step("Countries", None, capture=True, code_version="2")
        assert not again().is_frozen(clock.at)
        succeed(again())
        assert invalidate_asset(again())
        succeed(again())
        assert again.made == ["countries/countries"] * 2

    def test_its_age_is_not_that_of_what_is_made_from_it(self, step, succeed, clock, root):
        table = step("Table", None, capture=True)
        policy = FreshnessPolicy(maximum_lag=HOUR)
        page = step("Page", of=table, freshness=policy)
        succeed(table())
        clock.advance(days=3)
        succeed(page())
        (status,) = status_of([page()])
        assert (status.lag.freshness, status.lag.lag) == (Freshness.PASS, timedelta(0))
        (root / "_records/table/table.json").unlink()
        clock.advance(minutes=10)
        succeed(page(as_of=clock.at))
        assert status_of([page()])[0].lag.lag == timedelta(0)

    def test_nor_once_it_is_read_again_and_came_out_the_same(self, step, succeed, clock):
        page = step("Page", of=step("Table", None, capture=True))
        succeed(page())
        record = page().partition.record()
        again = step("Table", None, capture=True, code_version="2")
        clock.advance(minutes=2)
        succeed(requires(again)(page)())
        assert page().partition.record().data_time == record.data_time

    def test_it_has_no_age(self, countries, succeed, clock):
        succeed(countries())
        clock.advance(days=3)
        (status,) = status_of([countries()])
        assert (status.lag.freshness, status.lag.lag) == (Freshness.UNKNOWN, None)
        assert status.newest.window == "0001-01-01T0000Z"

    def test_operations_take_it_as_any_other(self, countries, succeed, clock, monkeypatch, root):
        monkeypatch.setattr(verifying, "sleep", lambda seconds: None)
        succeed(countries())
        dataset = countries().dataset
        assert [event.found.asset for event in events_of(dataset, limit=5)] == ["countries"]
        found = verify_outputs([countries()], since=clock.at)
        assert (found.matching, found.problems) == (1, ())
        (root / "countries/countries.json").write_text("[]")
        (problem,) = verify_outputs([countries()], since=clock.at).problems
        assert problem.key == "countries/countries"
        (step,) = steps_to(countries())
        assert step.staleness.state is State.STALE

    def test_a_rebuild_remakes_it_however_long_ago_it_was_made(self, step, succeed, clock):
        succeed(step("Countries", None)())
        clock.advance(days=400)
        again = step("Countries", None, code_version="2")
        backfill = backfill_of(again(), since=clock.at - HOUR)
        assert [task.key for task in backfill.stale] == ["countries/countries"]
        assert [error for _, error in rebuild(backfill.stale)] == [None]
        assert [task.key for task in backfill_of(again(), since=clock.at).current]

    def test_a_failed_attempt_is_kept_and_told(self, step, build, clock):
        def fail(self):
            raise OSError("no net")

        broken = step("Countries", None, compute=fail)
        assert build(broken()).status is LuigiStatusCode.FAILED
        (status,) = status_of([broken()])
        assert status.failure.error == "OSError: no net"
        (event,) = events_of(broken().dataset, limit=5)
        assert event.failed

    def test_what_a_run_of_latest_lacks_it_says(self, step, clock):
        table = step("Table", None, capture=True)
        with pytest.raises(Exception, match="Run it without a window to capture it"):
            table(stored_only=True).run()

    @pytest.mark.parametrize(
        ("body", "told"),
        [
            ({"freshness": FreshnessPolicy(maximum_lag=HOUR)}, "freshness"),
            ({"keeps_latest": True}, "keeps_latest"),
            ({"as_of": WindowParameter(default=None)}, "as_of"),
            ({"as_of": luigi.DateHourParameter()}, "as_of"),
        ],
    )
    def test_what_is_about_windows_is_refused(self, step, body, told):
        with pytest.raises(DefinitionError, match=f"Table: {told} is about windows"):
            step("Table", None, **body)

    def test_it_takes_no_window_but_parameters(self, step):
        table = step("Table", None, city=luigi.Parameter())
        assert table("ulm").folder == "ulm/table"
        assert [name for name, _ in table.get_params()] == ["stored_only", "city"]
        with pytest.raises(luigi.parameter.UnknownParameterException):
            table(city="ulm", as_of=datetime(2026, 11, 22))

    def test_a_plain_task_made_from_it_gets_no_window_either(self, countries, tmp_path, succeed):
        @requires(countries)
        class Export(luigi.Task):
            def output(self):
                return luigi.LocalTarget(tmp_path / "export.txt")

            def run(self):
                with self.output().open("w") as file:
                    file.write(self.input().path)

        succeed(Export())
        assert "as_of" not in dict(Export.get_params())

    def test_it_can_be_given_up_and_taken_up_again_by_inheritance(self, step):
        day = step("Day", "day")
        static = type(Asset)("Static", (day,), {"window_length": None, "__module__": "lengths"})
        again = type(Asset)("Again", (static,), {"window_length": "week", "__module__": "lengths"})
        assert static().as_of == ALWAYS
        assert again().as_of == datetime(2026, 11, 16)
        assert (day.own_length(), static.own_length()) == (day().own_length(), NO_WINDOW)


class TestRangeTools:
    """Luigi's range tools make windows of the length that they count in."""

    @pytest.mark.parametrize(
        ("tool", "length", "start", "stop", "windows"),
        [
            (RangeDaily, "day", date(2026, 11, 20), date(2026, 11, 22), ["20T0000Z", "21T0000Z"]),
            (
                RangeHourly,
                HOUR,
                datetime(2026, 11, 22, 8),
                datetime(2026, 11, 22, 10),
                ["22T0800Z", "22T0900Z"],
            ),
            (RangeMonthly, "month", date(2026, 11, 1), date(2026, 12, 1), ["01T0000Z"]),
            (
                RangeByMinutes,
                timedelta(minutes=5),
                datetime(2026, 11, 22, 8),
                datetime(2026, 11, 22, 8, 10),
                ["22T0800Z", "22T0805Z"],
            ),
            # Of a longer length each is made once, however often it is named; of a shorter one the
            # first alone.
            (
                RangeHourly,
                "day",
                datetime(2026, 11, 20, 22),
                datetime(2026, 11, 21, 2),
                ["20T0000Z", "21T0000Z"],
            ),
            (RangeDaily, "week", date(2026, 11, 20), date(2026, 11, 24), ["16T0000Z", "23T0000Z"]),
            (RangeDaily, HOUR, date(2026, 11, 20), date(2026, 11, 21), ["20T0000Z"]),
        ],
    )
    def test_they_make_the_windows_that_hold_what_they_name(
        self, step, succeed, root, clock, tool, length, start, stop, windows
    ):
        clock.at = datetime(2026, 12, 3)
        kind = step("Step", length)
        for _ in range(2):
            at = int((clock.at - datetime(1970, 1, 1)).total_seconds())
            far = {"minutes_back": 10**5} if tool is RangeByMinutes else {}
            succeed(tool(of=kind, start=start, stop=stop, now=at, **far))
            made = sorted(path.name for path in (root / "step").iterdir())
            assert made == [f"2026-11-{name}.json" for name in windows]
        assert len(kind.made) == len(windows)

    def test_they_know_what_is_stale(self, step, succeed, clock):
        tool = {"start": date(2026, 11, 20), "stop": date(2026, 11, 22), "now": 1795305600}
        succeed(RangeDaily(of=step("Step", "day"), **tool))
        again = step("Step", "day", code_version="2")
        succeed(RangeDaily(of=again, **tool))
        assert len(again.made) == 2


class TestParametersOfAClass:
    def test_names_that_people_have_are_free(self, step, succeed, root):
        names = ("date", "format", "label", "length", "name", "window")
        kind = step("Step", "day", **{name: luigi.Parameter(default=name) for name in names})
        succeed(kind(window="w"))
        path = "date=date/format=format/label=label/length=length/name=name/window=w"
        assert (root / path / "step/2026-11-22T0000Z.json").is_file()
        assert {name: getattr(kind(), name) for name in names} == {n: n for n in names}

    @pytest.mark.parametrize("length", ["[assets] window_minutes", "day", "month"])
    def test_the_window_stays_the_first_of_them(self, step, length):
        kind = step("Step", length, city=luigi.Parameter(default="ulm"))
        child = type(Asset)("Child", (kind,), {"window_length": "week", "__module__": "lengths"})
        for each in (kind, child):
            assert [name for name, p in each.get_params() if p.positional] == ["as_of", "city"]
        assert child(datetime(2026, 11, 22), "bonn").as_of == datetime(2026, 11, 16)

    def test_each_class_has_its_own_length(self, step, clock):
        day, month = step("Day", "day"), step("Month", "month")
        both = type(Asset)("Both", (month, day), {"__module__": "lengths"})
        last = type(Asset)("Last", (day,), {"window_length": HOUR, "__module__": "lengths"})
        default = step("Default")
        assert [kind().as_of for kind in (day, month, both, last, default)] == [
            datetime(2026, 11, 22),
            datetime(2026, 11, 1),
            datetime(2026, 11, 1),
            datetime(2026, 11, 22, 12),
            datetime(2026, 11, 22, 12, 30),
        ]
        assert Asset.as_of.declared_length is None

    def test_a_mixin_may_say_how_long(self, step, clock):
        class Daily:
            window_length = "day"

        kind = type(Asset)("Step", (Daily, Asset), {"suffix": ".json", "__module__": "lengths"})
        assert kind().as_of == datetime(2026, 11, 22)

    def test_a_parameter_of_its_own_keeps_its_default(self, step, clock):
        own = WindowParameter(default=datetime(2026, 1, 7, 13))
        kind = step("Step", "week", as_of=own)
        assert (kind().as_of, kind.as_of is own) == (datetime(2026, 1, 5), False)
        child = type(Asset)("Child", (kind,), {"window_length": "day", "__module__": "lengths"})
        assert (child().as_of, kind().as_of) == (datetime(2026, 1, 7), datetime(2026, 1, 5))

    @pytest.mark.parametrize(
        ("parameter", "minutes"),
        [
            (luigi.DateHourParameter(), 60),
            (luigi.DateHourParameter(interval=6), 360),
            (luigi.DateMinuteParameter(interval=15), 15),
            (luigi.DateMinuteParameter(), 1),
        ],
    )
    def test_luigi_s_own_parameter_knows_how_long(self, step, clock, succeed, parameter, minutes):
        kind = step("Step", as_of=parameter, capture=True)
        assert kind.own_length().minutes == minutes
        task = kind(as_of=kind.own_length().floor(clock.at))
        clock.at = task.as_of + timedelta(minutes=minutes - 1)
        succeed(task)
        assert value_of(task) == ["Step"]
        clock.advance(minutes=1 + min(minutes, 10))
        assert task.is_frozen(clock.at)

    def test_luigi_s_own_parameter_and_a_length_are_one_too_many(self, step):
        with pytest.raises(DefinitionError, match="leave out as_of or window_length"):
            step("Step", "day", as_of=luigi.DateHourParameter())

    @pytest.mark.parametrize(
        "length", [timedelta(minutes=7), timedelta(days=2), timedelta(0), "daily", 10, "", True]
    )
    def test_a_length_that_can_t_be_is_refused_with_what_can(self, step, length):
        with pytest.raises(DefinitionError, match=r"Step: window_length is .*'week', 'month'"):
            step("Step", length)

    def test_a_plain_task_counts_in_the_length_of_what_it_requires(self, step, clock):
        plain = requires(step("Day", "day"))(type("Plain", (luigi.Task,), {}))
        assert plain().as_of == datetime(2026, 11, 22)

    @pytest.mark.parametrize(
        "text", ["2026-W47", "2026-11-18", "2026-11-18T0517", date(2026, 11, 22)]
    )
    def test_a_window_is_named_by_whatever_it_holds(self, step, clock, text):
        assert step("Week", "week")(as_of=text).as_of == datetime(2026, 11, 16)

    def test_the_window_that_holds_a_later_hour_of_today_is_not_the_future(self, step, clock):
        assert step("Day", "day").from_str_params({"as_of": "2026-11-22T2300"})
        with pytest.raises(SettingError, match="in the future"):
            step("Hour", HOUR)(as_of="2026-11-22T2300")


class TestLatest:
    """The newest window whose captures are stored, of whatever lengths they are."""

    def latest(self, kind, **parameters):
        return kind(as_of=LATEST, **parameters).as_of

    def test_of_a_short_one_made_from_a_day_s_capture_is_its_last_within_that_day(
        self, step, succeed, clock
    ):
        rates = step("Rates", "day", capture=True)
        page = step("Page", of=rates)
        succeed(rates(as_of=clock.at))
        clock.advance(days=1)
        assert self.latest(page) == datetime(2026, 11, 22, 23, 50)
        clock.at = datetime(2026, 11, 22, 18, 5)
        assert self.latest(page) == datetime(2026, 11, 22, 18, 0)
        succeed(page(as_of=LATEST))
        assert page.made == ["page/2026-11-22T1800Z"]

    def test_of_a_day_made_from_a_week_s_capture_is_its_last_within_that_week(
        self, step, succeed, clock
    ):
        plan = step("Plan", "week", capture=True)
        day = step("Day", "day", of=plan)
        succeed(plan())
        assert self.latest(day) == datetime(2026, 11, 22)
        clock.advance(days=3)
        assert self.latest(day) == datetime(2026, 11, 22)

    @pytest.mark.parametrize(
        ("stored", "latest"),
        [
            (["2026-09"], None),
            (["2026-09", "2026-10"], datetime(2026, 10, 1)),
            (["2026-08", "2026-09", "2026-11"], datetime(2026, 9, 1)),
            (["2025-12", "2026-01"], datetime(2026, 1, 1)),
        ],
    )
    def test_an_offset_of_a_month_is_one_whatever_its_days(
        self, step, succeed, clock, stored, latest
    ):
        sales = step("Sales", "month", capture=True)
        change = step("Change", "month")

        def both(self):
            before = self.own_length().shift(self.as_of, -1)
            return [self.clone(sales), self.clone(sales, as_of=before)]

        change.requires = both
        for month in stored:
            clock.at = datetime.fromisoformat(f"{month}-02")
            succeed(sales())
        clock.at = datetime(2026, 11, 22)
        if latest is None:  # a run of one tells which is not stored
            assert self.latest(change) == datetime(2026, 9, 1)
        else:
            assert self.latest(change) == latest

    def test_what_has_no_window_beside_a_capture_counts_for_all(self, step, succeed, clock):
        table = step("Table", None, capture=True)
        feed = step("Feed", capture=True)
        page = step("Page", of=feed)
        page.requires = lambda self: [self.clone(feed), self.clone(table)]
        succeed(feed())
        with pytest.raises(SettingError, match="no window of feed and table is stored"):
            self.latest(page)
        succeed(table())
        clock.advance(days=2)
        assert self.latest(page) == datetime(2026, 11, 22, 12, 30)
        succeed(page(as_of=LATEST))

    def test_of_what_is_made_from_no_window_alone_is_the_present(self, step, succeed, clock):
        table = step("Table", None, capture=True)
        page = step("Page", of=table)
        succeed(table())
        clock.advance(days=2)
        assert self.latest(page) == datetime(2026, 11, 24, 12, 30)

    def test_a_plain_task_takes_the_length_of_its_own_parameter(self, step, succeed, clock):
        week, hour = step("Week", "week", capture=True), step("Hour", HOUR, capture=True)
        plain = requires(hour, week)(type("Plain", (luigi.Task,), {}))
        succeed(week())
        succeed(hour())
        clock.advance(hours=3)
        assert self.latest(plain) == datetime(2026, 11, 22, 12)
        clock.advance(days=2)
        succeed(hour())
        assert self.latest(plain) == datetime(2026, 11, 22, 12)
        succeed(week())
        assert self.latest(plain) == datetime(2026, 11, 24, 15)

    def test_captures_of_three_lengths_have_to_be_there_together(self, step, succeed, clock):
        kinds = [
            step("Tick", capture=True),
            step("Day", "day", capture=True),
            step("Month", "month", capture=True),
        ]
        page = step("Page")
        page.requires = lambda self: [self.clone(kind) for kind in kinds]
        for kind in kinds:
            succeed(kind())
        clock.advance(days=1)
        succeed(kinds[0]())
        assert self.latest(page) == datetime(2026, 11, 22, 12, 30)
        succeed(kinds[1]())
        assert self.latest(page) == datetime(2026, 11, 23, 12, 30)


class TestPastWindows:
    def test_a_rebuild_goes_over_days_weeks_and_months(self, step, succeed, clock):
        for length, days in (("day", 1), ("week", 7), ("month", 31)):
            name = length.title()
            clock.at = datetime(2026, 11, 1, 5)
            for _ in range(3):
                succeed(step(name, length)())
                clock.advance(days=days)
            again = step(name, length, code_version="2")
            backfill = backfill_of(again(), since=datetime(2026, 10, 26))
            assert len(backfill.stale) == len({task.as_of for task in backfill.stale}) == 3
            assert [error for _, error in rebuild(backfill.stale)] == [None] * 3
            since = backfill.stale[1].as_of
            assert len(backfill_of(again(), since=since).current) == 2

    def test_a_capture_freezes_ten_minutes_after_its_month(self, step, clock):
        kind = step("Month", "month", capture=True)
        task = kind()
        clock.at = datetime(2026, 12, 1, 0, 9)
        assert task.window_is_open(clock.at)
        clock.advance(minutes=1)
        with pytest.raises(Exception, match="its window, 2026-11, is over"):
            task.run()

    def test_latest_copies_the_newest_week(self, step, succeed, clock, root):
        kind = step("Week", "week", keeps_latest=True, compute=lambda self: str(self.as_of))
        succeed(kind())
        clock.advance(days=7)
        succeed(kind())
        assert json.loads((root / "week/latest.json").read_text()) == "2026-11-23 00:00:00"
        succeed(kind(as_of="2026-W46"))
        assert json.loads((root / "week/latest.json").read_text()) == "2026-11-23 00:00:00"


class TestAnotherLengthThanBefore:
    """A window of midnight is called as its day is, and must not be taken for it."""

    REASON = "it was made for a window of another length (10 minutes, and now a day)"

    @pytest.fixture
    def midnight(self, clock):
        clock.at = datetime(2026, 11, 22, 0, 4)

    def test_what_was_made_for_the_former_is_made_again(self, midnight, step, succeed):
        succeed(step("Step")())
        again = step("Step", "day")
        assert again().staleness().reasons == (self.REASON,)
        succeed(again())
        assert again().complete()
        assert again().partition.record().window_length == "a day"

    @pytest.mark.parametrize("minutes", [0, 60 * 20])
    def test_a_capture_is_made_again_while_its_window_is_open(
        self, midnight, step, succeed, clock, minutes
    ):
        succeed(step("Feed", capture=True)())
        clock.advance(minutes=minutes)
        again = step("Feed", "day", capture=True)
        succeed(again())
        assert again.made == ["feed/2026-11-22T0000Z"]

    def test_and_then_is_lost_but_stays(self, midnight, step, build, succeed, clock, root):
        succeed(step("Feed", capture=True)())
        clock.advance(days=2)
        again = step("Feed", "day", capture=True)
        page = step("Page", of=again)
        task = again(as_of="2026-11-22")
        staleness = task.staleness()
        assert (staleness.state, staleness.lost) == (State.STALE, True)
        assert staleness.reasons == (self.REASON,)
        assert build(page(as_of="2026-11-22T0930")).status is LuigiStatusCode.FAILED
        assert page.made == []
        assert (root / "feed/2026-11-22T0000Z.json").is_file()

    def test_windows_of_the_setting_are_taken_as_they_are(self, midnight, step, succeed, settings):
        succeed(step("Step")())
        assert step("Step", timedelta(minutes=10))().complete()
        settings("assets", window_minutes=60)
        assert step("Step")().complete()
        assert not step("Step", timedelta(minutes=10))().complete()

    def test_what_a_class_said_and_says_no_more_counts(self, midnight, step, succeed, settings):
        succeed(step("Step", "day")())
        reason = "it was made for a window of another length (a day, and now 10 minutes)"
        assert step("Step")().staleness().reasons == (reason,)
        settings("assets", window_minutes=1440)
        assert step("Step")().complete()

    def test_others_that_lie_there_are_told_and_left(self, step, succeed, clock):
        for _ in range(2):
            succeed(step("Step")())
            clock.advance(hours=12)
        again = step("Step", "day")
        found = backfill_of(again(), since=datetime(2026, 11, 1))
        assert (found.stale, found.of_another_length) == ((), 2)
        assert [event.window for event in events_of(again().dataset, limit=3)] == [
            "2026-11-23T0030Z",
            "2026-11-22T1230Z",
        ]

    def test_giving_up_windows_leaves_them(self, step, succeed, root):
        succeed(step("Step")())
        again = step("Step", None)
        succeed(again())
        assert again.made == ["step/step"]
        assert (root / "step/2026-11-22T1230Z.json").is_file()


NOW = datetime(2026, 11, 22, 12, 34)
LENGTHS = {"hour": HOUR, "day": "day", "week": "week", "month": "month"}
CAPTURES = {**LENGTHS, "none": None}
BACK = 40 * 24  # hours that are looked at: two ends of months are among them


def start_of(unit, moment):
    """When the window begins that holds ``moment``, by the calendar alone."""
    if unit == "hour":
        return moment.replace(minute=0)
    day = datetime(moment.year, moment.month, moment.day)
    if unit == "day":
        return day
    if unit == "week":
        return datetime.fromisocalendar(*moment.isocalendar()[:2], 1)
    return day.replace(day=1)


def before(unit, start):
    """The window before the one that begins at ``start``."""
    return start_of(unit, start - timedelta(minutes=1))


@st.composite
def stored_captures(draw):
    """A page's length, the captures that it requires, some a window earlier, and what is there."""
    own = draw(st.sampled_from(list(LENGTHS)))
    units = list(CAPTURES)
    longer = units[units.index(own) :]
    required = draw(st.lists(st.tuples(st.sampled_from(longer), st.booleans()), min_size=1))
    hours = st.sets(st.one_of(st.integers(0, 8), st.integers(0, BACK)), max_size=40)
    stored = {
        unit: {start_of(unit, NOW - timedelta(hours=n)) for n in draw(hours)}
        for unit, _ in required
        if unit != "none"
    }
    return own, sorted(set(required)), stored, draw(st.booleans())


@hypothesis_settings(CAREFUL, max_examples=60)
@given(drawn=stored_captures())
def test_latest_is_what_one_finds_who_tries_each_window(drawn, pages, root, clock):
    own, required, stored, has_table = drawn
    clock.at = NOW
    shutil.rmtree(root, ignore_errors=True)
    page = pages(own, required)
    for unit, starts in stored.items():
        for start in starts:
            pages.store(unit, f"{start:%Y-%m-%dT%H%MZ}")
    if has_table:
        pages.store("none", "none")

    def there(unit, is_last, start):
        if unit == "none":
            return has_table
        start = start_of(unit, start)
        return (before(unit, start) if is_last else start) in stored[unit]

    windows = {start_of(own, NOW - timedelta(hours=n)) for n in range(BACK + 24 * 70)}
    tried = sorted((start for start in windows), reverse=True)
    found = [s for s in tried if all(there(u, last, s) for u, last in required)]
    found += [s for s in tried if all(there(u, False, s) for u, _ in required)]
    if found:
        assert page(as_of=LATEST).as_of == found[0]
    else:
        with pytest.raises(SettingError, match="is stored under"):
            page(as_of=LATEST)


@pytest.fixture
def pages(step, root):
    """Makes pages of captures, which it stores by name."""
    captures = {u: step(u.title(), length, capture=True) for u, length in CAPTURES.items()}
    kinds = {unit: step(f"{unit.title()}Page", length) for unit, length in LENGTHS.items()}

    def make(own, required):
        def requires(self):
            for unit, is_last in required:
                task = self.clone(captures[unit])
                if is_last and unit != "none":
                    task = task.clone(as_of=task.own_length().shift(task.as_of, -1))
                yield task

        kinds[own].requires = requires
        return kinds[own]

    def store(unit, name):
        path = root / unit / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("1")

    make.store = store
    return make
