"""When what is made, given facts: of one asset, of a roll-up and its ticks, and of a line."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from hn_luigi.assets.operations import NO_WINDOW, WindowLength
from hn_luigi.refresh import Need, Try, due, spread, upcoming
from hn_luigi.refresh.due import wait_after

from .lines import DAY, HOUR, NOON, TEN, asset, line, policy

SHARE = 0.5
SPREAD = timedelta(seconds=15)
NOW = NOON + timedelta(minutes=4, seconds=56)
NEXT = NOON + timedelta(minutes=10)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def tried(*ended: float, **known) -> list[Try]:
    """Tries that were over so many minutes after noon."""
    return [Try(f"run-{i}", NOON + minutes(at), **known) for i, at in enumerate(ended)]


def of(*assets, now=NOW, **known):
    return due(line(*assets, **known), now, SHARE)


def ticks_and_day(**known):
    """A tick every ten minutes, made at noon, and the day of them."""
    tick = asset("tick", policy=policy(15), data_time=NOON + SPREAD)
    return tick, asset("day", DAY, inputs_every=TEN, **{"data_time": NOON + SPREAD, **known})


class TestOneAsset:
    def test_a_window_that_is_made_is_followed_by_the_next(self):
        found = of(asset(policy=policy(30)))
        assert (found.start, found.when) == (NEXT, NEXT + SPREAD)
        assert found.why == "its next window begins"

    def test_a_window_that_has_begun_is_made_after_the_spread(self):
        missing = asset(need=Need.MISSING)
        found = of(missing, now=NOON)
        assert (found.start, found.when) == (NOON, NOON + SPREAD)
        assert not found.is_now(NOON)
        assert found.is_now(NOON + SPREAD)

    def test_the_present_window_is_made_at_once_however_long_nobody_was_there(self):
        """After a night's sleep, or a clock that was set ahead."""
        found = of(asset(need=Need.MISSING, data_time=NOON - timedelta(hours=9)))
        assert found.is_now(NOW)
        assert found.start == NOON

    @pytest.mark.parametrize(
        ("known", "why"),
        [
            ({"need": Need.STALE, "reason": "its code changed"}, "its code changed"),
            ({"need": Need.INPUTS}, "what it is made from has changed"),
        ],
    )
    def test_what_is_stale_is_made_at_once_and_says_why(self, known, why):
        found = of(asset(**known))
        assert (found.is_now(NOW), found.why) == (True, why)

    def test_what_another_run_makes_is_left_to_that(self):
        found = of(asset(need=Need.MISSING, is_being_made=True))
        assert (found.when, found.why) == (None, "another run is making it")

    def test_what_no_run_can_make_waits_for_the_next_window(self):
        found = of(asset(need=Need.MISSING, unmakable="another's output is there"))
        assert (found.start, found.when) == (NEXT, NEXT + SPREAD)
        assert found.why == "another's output is there; its next window begins"

    def test_what_has_no_window_is_made_when_it_is_stale_and_never_else(self):
        stale = asset("table", NO_WINDOW, need=Need.STALE, reason="its code changed")
        assert of(stale).is_now(NOW)
        found = of(replace(stale, need=Need.NOTHING))
        assert (found.when, found.why) == (None, "it is current")
        assert of(replace(stale, unmakable="it can't be")).when is None


class TestTries:
    def test_a_failed_run_is_tried_again_after_growing_waits_within_its_window(self):
        whens, ended = [], [0.5]
        for _ in range(3):
            again = of(asset(need=Need.MISSING, tries=tried(*ended)))
            whens.append((again.when - NOON) / minutes(1))
            ended.append(whens[-1] + 0.5)  # each run takes half a minute
        assert whens == [1.5, 4, 8.5]
        found = of(asset(need=Need.MISSING, tries=tried(*ended)), now=NEXT)
        assert found.why == "4 tries failed; its next window begins"
        assert (found.start, found.when) == (NEXT, NEXT + SPREAD)

    def test_one_that_failed_is_said_to(self):
        assert of(asset(need=Need.MISSING, tries=tried(0.5))).why == "1 try failed"

    @pytest.mark.parametrize(
        ("length", "most"), [(1, 4), (10, 4), (60, 6), (1440, 12), (1440 * 7, 36), (1440 * 31, 132)]
    )
    def test_tries_are_few_in_a_window_of_any_length(self, length, most):
        """They are counted here as if each run failed at once."""
        windows, at, count = WindowLength("minutes", length), timedelta(0), 1
        while (at := at + wait_after(count, windows)) < minutes(length):
            count += 1
        assert count == most

    def test_a_run_that_found_nothing_to_do_is_not_repeated_within_the_window(self):
        """A server whose code is older than what runs load takes it for stale for ever."""
        vain = tried(1, found_nothing_to_do=True)
        found = of(asset(need=Need.STALE, reason="its code changed", tries=vain))
        assert found.start == NEXT
        assert "restart the server" in found.why

    def test_what_is_stale_again_after_each_run_is_made_after_growing_waits(self):
        """As what has a setting that differs each time."""
        made = tried(1, 2.5, succeeded=True)
        stale = asset(need=Need.STALE, reason="the setting x changed", tries=made)
        found = of(stale)
        assert found.when == NOON + minutes(2.5) + minutes(2)
        assert found.why == "the setting x changed, though 2 runs made it"

    def test_a_try_of_a_clock_that_was_ahead_holds_nothing_back(self):
        """Set back by an hour, the present window is made at once, and its own tries count."""
        ahead = tried(64, 65)
        assert of(asset(need=Need.MISSING, tries=ahead)).is_now(NOW)
        found = of(asset(need=Need.MISSING, tries=[*ahead, *tried(4.5)]))
        assert found.when == NOON + minutes(5.5)


class TestRollUp:
    def test_it_is_made_again_at_the_pace_that_its_policy_needs(self):
        found = of(*ticks_and_day(need=Need.INPUTS, policy=policy(60)), now=NEXT + minutes(1))
        day = of(ticks_and_day(need=Need.INPUTS, policy=policy(60))[1], now=NEXT + minutes(1))
        assert day.when == NOON + SPREAD + minutes(30)
        assert day.why == "its policy needs newer data"
        assert found.folder == "tick"

    def test_it_is_as_old_as_the_policy_warns_of_when_that_is_said(self):
        _, day = ticks_and_day(need=Need.INPUTS, policy=policy(60, 50))
        assert of(day).when == NOON + SPREAD + minutes(50)

    def test_it_waits_for_its_inputs_if_its_data_is_old_already(self):
        old = NOON - timedelta(hours=2)
        _, day = ticks_and_day(policy=policy(60), data_time=old)
        assert of(day).when == NEXT + SPREAD
        assert of(replace(day, need=Need.INPUTS)).is_now(NOW)

    def test_without_a_policy_it_is_made_as_its_window_begins_and_not_before_the_next(self):
        _, day = ticks_and_day(need=Need.INPUTS)
        assert of(day).start == NOON + timedelta(hours=12)
        _, day = ticks_and_day(need=Need.MISSING)
        assert of(day).is_now(NOW)

    def test_the_end_of_its_window_comes_before_its_pace(self):
        late = NOON + timedelta(hours=11, minutes=50)
        _, day = ticks_and_day(need=Need.INPUTS, policy=policy(60), data_time=late)
        assert of(day, now=late + minutes(1)).start == NOON + timedelta(hours=12)

    def test_data_of_a_clock_that_was_ahead_does_not_hold_it_back(self):
        ahead = NOON + timedelta(hours=1)
        _, day = ticks_and_day(need=Need.INPUTS, policy=policy(60), data_time=ahead)
        assert of(day).is_now(NOW)

    def test_tries_come_with_each_window_of_its_inputs_while_a_policy_needs_them(self):
        """Else an outage of six hours would have it wait for three more."""
        old = NOON - timedelta(hours=6)
        failed = tried(*range(-300, 1, 30))
        known = {"need": Need.INPUTS, "data_time": old, "tries": failed}
        _, day = ticks_and_day(policy=policy(60), **known)
        assert of(day).when == failed[-1].ended + minutes(10)

    def test_a_run_that_found_nothing_to_do_holds_it_back_until_its_inputs_change_again(self):
        """Somebody else had just made it."""
        old = NOON - timedelta(hours=2)
        known = {"policy": policy(60), "data_time": old, "need": Need.INPUTS}
        _, day = ticks_and_day(**known, tries=tried(1, found_nothing_to_do=True))
        assert of(day).when == NEXT + SPREAD
        _, day = ticks_and_day(**known, tries=tried(-1, found_nothing_to_do=True))
        assert of(day).is_now(NOW)

    def test_runs_that_made_it_are_no_tries_at_newer_inputs(self):
        old = NOON - timedelta(hours=2)
        made = tried(-100, -60, 1, succeeded=True)
        _, day = ticks_and_day(policy=policy(60), data_time=old, need=Need.INPUTS, tries=made)
        assert of(day).is_now(NOW)


class TestSettling:
    MIDNIGHT = datetime(2026, 11, 22)

    def settled(self, now, **known):
        yesterday = asset("day", DAY, start=self.MIDNIGHT - timedelta(days=1), inputs_every=TEN)
        today = asset("day", DAY, inputs_every=TEN)
        settling = replace(yesterday, **{"need": Need.INPUTS, **known})
        return of(today, now=now, settling=[settling])

    def test_a_window_that_has_just_ended_is_made_once_more_from_its_last_inputs(self):
        found = self.settled(self.MIDNIGHT + SPREAD)
        assert found.is_settling
        assert found.is_now(self.MIDNIGHT + SPREAD)
        assert found.start == self.MIDNIGHT - timedelta(days=1)

    def test_after_a_failure_it_is_tried_again_while_its_grace_lasts(self):
        ended = self.MIDNIGHT + minutes(1)
        found = self.settled(ended, tries=[Try("run", ended)])
        assert (found.is_settling, found.when) == (True, ended + minutes(1))
        ended = self.MIDNIGHT + minutes(9.5)
        assert not self.settled(ended, tries=[Try("run", ended)]).is_settling

    def test_a_chain_of_one_window_is_one_run_before_the_next_window(self):
        """Which may look back at it."""
        names = ["day", "trends", "report"]
        today = [asset(name, DAY, inputs_every=TEN, need=Need.MISSING) for name in names]
        before = self.MIDNIGHT - timedelta(days=1)
        ended = [replace(each, start=before, need=Need.INPUTS) for each in today]
        found = of(*today, now=self.MIDNIGHT + SPREAD, settling=ended)
        assert (found.folder, found.start) == ("report", before)

    @pytest.mark.parametrize(
        "known",
        [
            {"need": Need.NOTHING},
            {"unmakable": "it can't be made any more"},
            {"is_being_made": True},
            {"tries": [Try("run", MIDNIGHT + minutes(1), found_nothing_to_do=True)]},
        ],
    )
    def test_it_is_left_alone_where_there_is_nothing_to_do(self, known):
        assert not self.settled(self.MIDNIGHT + minutes(2), **known).is_settling

    def test_a_window_that_is_over_is_not_tried_beyond_its_grace(self):
        assert not self.settled(self.MIDNIGHT + minutes(11)).is_now(self.MIDNIGHT + minutes(11))


class TestLine:
    def test_a_paused_line_waits(self):
        found = of(asset(need=Need.MISSING), paused_since=NOON)
        assert (found.when, found.why) == (None, "paused")

    def test_what_its_run_makes_too_is_left_to_that(self):
        ids, page = asset("ids", policy=policy(30)), asset("page", policy=policy(30))
        missing = [replace(each, need=Need.MISSING) for each in (ids, page)]
        assert of(*missing).folder == "page"

    @pytest.mark.parametrize(
        ("lag", "runs"),
        [(None, False), (15, True), (12 * 60, True), (12 * 60 + 19, True), (12 * 60 + 21, False)],
    )
    def test_what_is_upstream_runs_by_itself_if_its_policy_would_break_before(self, lag, runs):
        """The next run of the day is at midnight, and takes time; the tick's data is of 11:50."""
        its = None if lag is None else policy(lag)
        data_time = NOON - minutes(10) + SPREAD
        tick = asset("tick", policy=its, need=Need.MISSING, data_time=data_time)
        found = of(tick, ticks_and_day()[1])
        assert (found.folder == "tick") is runs

    def test_what_is_late_upstream_waits_for_a_run_that_is_due_now(self):
        """One run makes both, though the window upstream has begun before."""
        tick = asset("tick", policy=policy(15), need=Need.MISSING, data_time=NOON - minutes(50))
        _, day = ticks_and_day(need=Need.INPUTS, policy=policy(60), data_time=NOON - minutes(50))
        assert of(tick, day).folder == "day"

    def test_nothing_upstream_is_begun_beside_a_run_that_makes_it(self):
        tick = asset("tick", policy=policy(15), need=Need.MISSING, data_time=NOON - minutes(50))
        _, day = ticks_and_day(need=Need.INPUTS, is_being_made=True)
        assert of(tick, day).when is None

    def test_a_roll_up_and_what_it_is_made_from_begin_in_the_same_second(self):
        """Windows of a minute leave less time for a spread than those of an hour."""
        minute = WindowLength("minutes", 1)
        tick = asset("tick", minute, policy=policy(2), need=Need.MISSING)
        hour = asset("hour", HOUR, inputs_every=minute, need=Need.MISSING)
        found = of(tick, hour, now=NOON)
        assert (found.folder, found.when) == ("hour", NOON + timedelta(seconds=1.5))

    def test_what_no_run_of_the_line_makes_runs_as_its_windows_begin(self):
        """Of what a report looks back at, a run makes nothing."""
        its = {"policy": policy(60 * 24 * 7), "data_time": NOON - minutes(10)}
        tick = asset("tick", need=Need.MISSING, **its)
        found = replace(line(tick, asset("report", DAY)), upstream=[{"tick"}, {"report"}])
        assert due(found, NOW, SHARE).folder == "tick"

    def test_a_root_without_windows_has_no_next_run_to_wait_for(self):
        tick = asset("tick", policy=policy(60), need=Need.MISSING)
        assert of(tick, asset("table", NO_WINDOW)).folder == "tick"


class TestLines:
    """A page of ids in each window, and a day's report of the same ids, which both keep young."""

    IDS = asset("ids", policy=policy(30, 20), data_time=NOON + SPREAD)

    def page(self, **known):
        return line(replace(self.IDS, **known), asset("page", policy=policy(30, 20), **known))

    def report(self, **known):
        day = asset("day", DAY, inputs_every=TEN, policy=policy(60), data_time=NOON + SPREAD)
        return line(replace(self.IDS, **known), day)

    def due_of_report(self, page, now=NOW, **known):
        report = self.report(**known)
        return due(report, now, SHARE, [page, report])

    def test_what_another_line_makes_in_time_is_not_made_by_itself(self):
        late = {"need": Need.MISSING, "data_time": NOON - minutes(10)}
        assert due(self.report(**late), NOW, SHARE).folder == "ids"
        assert self.due_of_report(self.page(**late), **late).folder == "day"

    def test_while_the_other_line_is_paused_it_is(self):
        late = {"need": Need.MISSING, "data_time": NOON - minutes(10)}
        paused = replace(self.page(**late), paused_since=NOON)
        assert self.due_of_report(paused, **late).folder == "ids"

    def test_what_can_not_wait_for_the_next_run_of_the_other_line_is(self):
        """As where the page can't be made any more, though its ids can."""
        late = {"need": Need.MISSING, "data_time": NOON - minutes(20)}
        ids, page = self.page(**late).assets
        lost = line(ids, replace(page, unmakable="it can't be made any more"))
        assert self.due_of_report(lost, **late).folder == "ids"

    def test_after_an_outage_it_is_left_to_the_try_of_the_other_line(self):
        failed = {
            "need": Need.MISSING, "data_time": NOON - minutes(70), "tries": tried(1, 2.5),
        }  # fmt: skip
        assert due(self.report(**failed), NOW, SHARE).folder == "ids"
        assert self.due_of_report(self.page(**failed), **failed).folder == "day"

    def test_what_is_looked_back_at_is_settled_by_the_line_that_makes_it(self):
        midnight = datetime(2026, 11, 22)
        yesterday = midnight - timedelta(days=1)
        day = asset("day", DAY, start=yesterday, inputs_every=TEN, need=Need.INPUTS)
        page = replace(
            line(replace(day, start=midnight, need=Need.NOTHING), asset("page", start=midnight)),
            upstream=[{"day"}, {"page"}],
            settling=[day],
        )
        days = line(replace(day, start=midnight, need=Need.NOTHING), settling=[day])
        now = midnight + SPREAD
        assert due(page, now, SHARE, [page]).is_settling
        assert not due(page, now, SHARE, [page, days]).is_settling
        assert due(days, now, SHARE, [page, days]).is_settling

    def test_none_of_the_hours_to_come_has_a_run_twice(self):
        lines = [self.page(), self.report()]
        of_page, of_report = upcoming(lines, NOW, NOW + timedelta(hours=2), SHARE)
        assert {each.folder for each in of_page} == {"page"}
        assert [(each.folder, each.when - NOON - SPREAD) for each in of_report] == [
            ("day", minutes(at)) for at in (30, 60, 90, 120)
        ]


class TestUpcoming:
    def found(self, of, hours=1.0, now=NOW):
        until = now + timedelta(hours=hours)
        return [(each.folder, each.when) for each in upcoming([of], now, until, SHARE)[0]]

    def test_a_line_is_made_once_in_each_window(self):
        page = line(asset("ids", policy=policy(30)), asset("page", policy=policy(30)))
        begins = [NOON + minutes(count) for count in (10, 20, 30, 40, 50, 60)]
        assert self.found(page) == [("page", begin + SPREAD) for begin in begins]

    def test_what_is_due_comes_first(self):
        (first, *_) = upcoming([line(asset(need=Need.MISSING))], NOW, NEXT, SHARE)[0]
        assert (first.start, first.is_now(NOW)) == (NOON, True)

    def test_what_is_being_made_is_taken_for_made(self):
        """With what it is made from, however that is said to be."""
        making = asset(need=Need.MISSING, is_being_made=True)
        ids = asset("ids", need=Need.MISSING, policy=policy(30))
        assert self.found(line(ids, making), hours=0.2)[0] == ("page", NEXT + SPREAD)

    def test_tries_are_followed_by_the_next_window(self):
        failed = asset(need=Need.MISSING, tries=tried(3.5, 4.5))
        whens = [when - NOON for _, when in self.found(line(failed), hours=0.2)]
        assert whens == [minutes(6.5), minutes(10) + SPREAD]

    def test_what_no_run_can_make_is_followed_by_the_next_windows(self):
        lost = asset(need=Need.MISSING, unmakable="it can't be made any more")
        whens = [when - NOON for _, when in self.found(line(lost), hours=0.3)]
        assert whens == [minutes(10) + SPREAD, minutes(20) + SPREAD]

    def test_a_roll_up_is_made_at_its_pace_and_settled_after_midnight(self):
        ticks = line(asset("tick"), ticks_and_day(policy=policy(6 * 60))[1])
        evening = self.found(ticks, hours=13)
        midnight = NOON + timedelta(hours=12) + SPREAD
        paces = [NOON + timedelta(hours=h) + SPREAD for h in (3, 6, 9)]
        assert evening == [("day", when) for when in (*paces, midnight, midnight)]

    def test_days_are_settled_before_the_month_of_them(self):
        month = WindowLength("month", 1440 * 31)
        assets = [
            asset("day", DAY, start=datetime(2026, 11, 30), inputs_every=TEN),
            asset("month", month, start=datetime(2026, 11, 1), inputs_every=TEN),
        ]
        now = datetime(2026, 11, 30, 23)
        (found,) = upcoming([line(*assets)], now, now + timedelta(hours=2), SHARE)
        settled = [each.folder for each in found if each.is_settling]
        assert settled == ["day", "month"]

    def test_a_paused_line_has_none(self):
        assert self.found(line(asset(need=Need.MISSING), paused_since=NOON)) == []


@pytest.mark.parametrize(("length", "most"), [(TEN, 30), (HOUR, 30), (DAY, 30)])
def test_the_spread_is_some_seconds(length, most):
    assert spread(length, 0) == timedelta(0)
    assert spread(length, 1) == timedelta(seconds=most)
