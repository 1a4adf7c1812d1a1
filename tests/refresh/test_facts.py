"""What is known of a line from real storage: made, missing and stale, tried, taken, paused."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace

import luigi
import pytest

from hn_luigi.assets import Asset, FreshnessPolicy, requires
from hn_luigi.assets.operations import (
    NO_WINDOW,
    WindowLength,
    invalidate_asset,
    run_of_command,
    window,
)
from hn_luigi.refresh import Need, PastRun, due, facts_of, pause, paused
from hn_luigi.watchlist import WatchedLine, watched_lines

DAY, TEN = WindowLength("minutes", 1440), WindowLength("minutes", 10)
MINUTE = timedelta(minutes=1)
HOUR = FreshnessPolicy(timedelta(hours=1))


@pytest.fixture
def station(clock):
    """Ticks of ten minutes and their day, from 12:34:56 on; a broken one fails."""
    station = SimpleNamespace(broken=False, version="1")

    class Tick(Asset):
        suffix = ".json"
        capture = True
        freshness = FreshnessPolicy(timedelta(minutes=15))

        def compute(self):
            if station.broken:
                raise RuntimeError("the thermometer is broken")
            return 1

    class Day(Asset):
        suffix = ".json"
        window_length = "day"
        freshness = HOUR

        def requires(self):
            return self.windows(Tick)

        def compute(self, ticks):
            return len(ticks)

    station.Tick, station.Day = Tick, Day
    return station


@pytest.fixture
def pair(clock):
    """A capture of ten minutes and a page of it, which fail when told to."""
    pair = SimpleNamespace(broken="")

    class Source(Asset):
        suffix = ".json"
        capture = True

        def compute(self):
            if pair.broken == "source":
                raise RuntimeError("no answer")
            return 1

    @requires(Source)
    class Page(Asset):
        suffix = ".txt"

        def compute(self, source):
            if pair.broken == "page":
                raise RuntimeError("no words")
            return str(source)

    pair.Source, pair.Page = Source, Page
    return pair


def of(*assets, runs=(), since=None):
    return facts_of(WatchedLine("a line", assets), runs, since or {})


def line_of(pair, **known):
    return of(pair.Source(), pair.Page(), **known)


def day_of(station, **known):
    return of(station.Tick(), station.Day(), **known)


def ran(clock, run="run-1", make="page", took=MINUTE, **known):
    return PastRun(run, [make], clock.at - took, clock.at, **known)


class TestWindows:
    def test_what_was_never_made_is_missing(self, pair):
        found = line_of(pair)
        assert [each.need for each in found.assets] == [Need.MISSING] * 2
        assert found.root.start == datetime(2026, 11, 22, 12, 30)
        assert found.root.data_time is None
        assert found.upstream == [{"source"}, {"source", "page"}]

    def test_what_is_made_needs_nothing_until_the_next_window(self, pair, succeed, clock):
        made_at = clock.at
        succeed(pair.Page())
        assert {each.need for each in line_of(pair).assets} == {Need.NOTHING}
        clock.advance(minutes=6)
        found = line_of(pair).root
        assert (found.need, found.data_time) == (Need.MISSING, made_at)

    def test_what_is_stale_by_its_own_doing_says_why(self, pair, succeed, clock):
        succeed(pair.Page())
        invalidate_asset(pair.Page())
        assert line_of(pair).root.need is Need.STALE
        assert line_of(pair).root.reason.startswith("it was invalidated at")

    def test_what_waits_for_an_input_alone_is_stale_by_that(self, pair, succeed):
        succeed(pair.Page())
        invalidate_asset(pair.Source())
        assert [each.need for each in line_of(pair).assets] == [Need.STALE, Need.INPUTS]

    def test_what_lies_in_anothers_place_can_not_be_made(self, pair, succeed):
        succeed(pair.Page())

        class Taker(Asset):
            suffix = ".txt"
            stored_as = "page"

            def compute(self):
                return ""

        taken = of(Taker()).root
        assert taken.need is not Need.NOTHING
        assert taken.unmakable.startswith("it holds the output of Page")

    def test_what_has_no_window_has_no_age(self, succeed, clock):
        class Table(Asset):
            suffix = ".json"
            window_length = None

            def compute(self):
                return 1

        succeed(Table())
        found = of(Table()).root
        assert (found.need, found.length, found.data_time) == (Need.NOTHING, NO_WINDOW, None)

    def test_what_is_being_made_is_said_to_be_and_what_is_made_from_it(self, pair):
        source = pair.Source()
        with source.dataset.store.lock(source.partition.key):
            assert [each.is_being_made for each in line_of(pair).assets] == [True, True]
        assert not line_of(pair).root.is_being_made

    def test_the_shipped_lines_can_be_read(self, clock):
        lines, broken = watched_lines()
        assert not broken
        found = [facts_of(line, [], {}) for line in lines]
        ids, stories, of_day = "top/story_ids", "top/stories", "top/stories_of_day"
        assert [[each.folder for each in line.assets] for line in found] == [
            [ids, stories, of_day, "top/wordcloud"],
            [ids, stories, of_day, "top/trends", "top/digest"],
        ]
        for line in found:
            assert due(line, clock.at, 0, found).folder == line.root.folder


class TestRollUp:
    def test_it_is_renewed_by_the_windows_that_it_is_made_from(self, station, succeed, clock):
        succeed(station.Day())
        found = day_of(station).root
        assert (found.need, found.inputs_every, found.length) == (Need.NOTHING, TEN, DAY)
        clock.advance(minutes=10)
        assert day_of(station).root.need is Need.INPUTS

    def test_what_looks_back_alone_is_not(self, station, succeed, clock):
        """Of yesterday nothing new comes, and its run makes no tick."""

        class Report(Asset):
            suffix = ".json"
            window_length = "day"

            def requires(self):
                before = self.as_of - timedelta(days=1)
                return self.windows(station.Tick, since=before, until=self.as_of)

            def compute(self, ticks):
                return len(ticks)

        found = of(station.Tick(), Report())
        assert found.root.inputs_every is None
        assert found.upstream == [{"tick"}, {"report"}]

    def test_a_day_that_has_ended_is_settled_if_a_tick_came_after_it(self, station, succeed, clock):
        clock.at = datetime(2026, 11, 22, 23, 41)
        succeed(station.Day())
        clock.advance(minutes=10)
        succeed(station.Tick())
        clock.at = datetime(2026, 11, 23, 0, 0, 5)
        succeed(station.Day())  # today's
        (ended,) = day_of(station, runs=[ran(clock, make="day", took=MINUTE / 20)]).settling
        assert (ended.need, ended.start) == (Need.INPUTS, datetime(2026, 11, 22))
        assert ended.tries == []
        succeed(station.Day(as_of=ended.start))
        assert day_of(station).settling == []

    def test_after_the_grace_it_is_left_as_it_is(self, station, succeed, clock):
        clock.at = datetime(2026, 11, 22, 23, 41)
        succeed(station.Day())
        clock.advance(minutes=10)
        succeed(station.Tick())
        clock.at = datetime(2026, 11, 23, 0, 10, 1)
        assert day_of(station).settling == []

    def test_tries_at_settling_are_those_since_its_window_ended(self, station, succeed, clock):
        clock.at = datetime(2026, 11, 22, 23, 41)
        succeed(station.Day())
        clock.advance(minutes=10)
        succeed(station.Tick())
        before = ran(clock, "run-0", make="day")
        clock.at = datetime(2026, 11, 23, 0, 2)
        name = window.name(datetime(2026, 11, 22))
        failed = ran(clock, "run-1", make="day", window=name)
        (ended,) = day_of(station, runs=[before, failed]).settling
        assert [each.run for each in ended.tries] == ["run-1"]

    def test_the_days_of_a_month_are_settled_as_well(self, station, succeed, clock):
        class Month(Asset):
            suffix = ".json"
            window_length = "month"

            def requires(self):
                return self.windows(station.Day)

            def compute(self, days):
                return len(days)

        clock.at = datetime(2026, 11, 22, 23, 41)
        succeed(Month())
        clock.advance(minutes=10)
        succeed(station.Tick())
        clock.at = datetime(2026, 11, 23, 0, 1)
        found = of(station.Tick(), station.Day(), Month())
        assert found.root.inputs_every == TEN
        assert [each.folder for each in found.settling] == ["day"]


class TestTries:
    def test_those_of_cron_are_known_by_their_failures(self, pair, build, clock):
        pair.broken = "page"
        build(pair.Page())
        (tried,) = line_of(pair).root.tries
        assert tried.ended == clock.at
        assert not tried.found_nothing_to_do
        source, page = line_of(pair).assets
        assert (source.need, page.need) == (Need.NOTHING, Need.MISSING)

    def test_those_at_what_it_is_made_from_count_too(self, pair, build, clock):
        pair.broken = "source"
        for _ in range(2):
            build(pair.Page())
            clock.advance(seconds=20)
        assert [len(each.tries) for each in line_of(pair).assets] == [2, 2]

    def test_they_are_forgotten_once_it_is_made_and_in_the_next_window(self, pair, build, clock):
        pair.broken = "page"
        build(pair.Page())
        run = ran(clock)
        clock.advance(minutes=10)
        assert line_of(pair, runs=[run]).root.tries == []

    def test_one_that_left_no_trace_in_storage_is_known_by_its_run(self, pair, clock):
        """It was killed, at what it is made from, or at itself."""
        found = line_of(pair, runs=[ran(clock)])
        assert [[each.run for each in asset.tries] for asset in found.assets] == [["run-1"]] * 2

    def test_a_run_that_storage_and_the_server_know_counts_once(self, pair, build, clock):
        pair.broken = "page"
        with run_of_command("test"):
            build(pair.Page())
        (tried,) = line_of(pair).root.tries
        runs = [ran(clock, tried.run, found_nothing_to_do=True)]
        assert [each.run for each in line_of(pair, runs=runs).root.tries] == [tried.run]

    def test_a_run_of_another_line_counts_for_nothing_of_this(self, pair, clock):
        assert line_of(pair, runs=[ran(clock, make="other")]).root.tries == []

    def test_one_in_vain_counts_in_later_windows_for_what_is_made_there(self, pair, succeed, clock):
        """The server's code or settings are older than those of its runs."""
        vain = ran(clock, found_nothing_to_do=True)
        clock.advance(minutes=10)
        assert line_of(pair, runs=[vain]).root.tries == []
        succeed(pair.Page())
        invalidate_asset(pair.Page())
        (tried,) = line_of(pair, runs=[vain]).root.tries
        assert tried.found_nothing_to_do

    def test_a_run_that_made_it_counts_if_it_is_stale_again(self, pair, succeed, clock):
        began = clock.at
        clock.advance(seconds=1)
        succeed(pair.Page())
        clock.advance(seconds=1)
        run = PastRun("run-1", ["page"], began, clock.at, succeeded=True)
        assert line_of(pair, runs=[run]).root.tries == ()
        invalidate_asset(pair.Page())
        (tried,) = line_of(pair, runs=[run]).root.tries
        assert tried.succeeded

    def test_what_failed_before_it_was_made_is_forgotten(self, pair, build, succeed, clock):
        pair.broken = "page"
        build(pair.Page())
        run = ran(clock)
        clock.advance(seconds=20)
        pair.broken = ""
        succeed(pair.Page())
        invalidate_asset(pair.Page())
        assert line_of(pair, runs=[run]).root.tries == []


def test_what_changes_with_each_look_is_not_made_without_end(clock, succeed):
    """A setting that is never the same: four runs in a window of ten minutes."""
    count = 0

    class Restless(Asset):
        suffix = ".json"

        def settings(self):
            nonlocal count
            count += 1
            return {"count": count}

        def compute(self):
            return 1

    runs = []
    while clock.at < datetime(2026, 11, 22, 12, 40):
        began = clock.at
        if due(of(Restless(), runs=runs), clock.at, 0).is_now(clock.at):
            succeed(Restless())
            clock.advance(seconds=1)
            made = PastRun(f"run-{len(runs)}", ["restless"], began, clock.at, succeeded=True)
            runs.append(made)
        else:
            clock.advance(seconds=10)
    waits = [after.began - before.ended for before, after in pairwise(runs)]
    assert [round(wait / MINUTE) for wait in waits] == [1, 2]


def test_behind_a_plain_task_it_is_known_what_a_run_makes(pair, clock):
    page = pair.Page

    class Note(luigi.Task):
        def requires(self):
            return page()

        def output(self):
            return luigi.LocalTarget("note.txt")

    class Poster(Asset):
        suffix = ".txt"

        def requires(self):
            return Note()

        def compute(self, note):
            return ""

    found = of(pair.Source(), page(), Poster())
    assert found.upstream[-1] == {"source", "page", "poster"}


def test_a_paused_line_is_known_to_be(pair, clock, root):
    root.mkdir()
    pause("page")
    assert line_of(pair, since=paused()).paused_since == clock.at.replace(microsecond=0)
