"""Lateness is reported once a run has had its chance, which it may not after a night off."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from hn_luigi import StoryIds
from hn_luigi.alerts.grace_period import (
    Polls,
    is_grace_period,
    is_outage_confirmed,
    parse,
    to_json,
    with_failed_poll,
    with_poll,
)
from hn_luigi.assets import window

START = datetime(2026, 11, 22, 12, 0)
TEN = timedelta(minutes=10)


def polled(*minutes, length=TEN, making=()):
    """The polls at these minutes; at those of ``making``, a run was under way."""
    polls = Polls()
    for minute in minutes:
        now = START + timedelta(minutes=minute)
        polls = with_poll(polls, now, length=length, is_making=minute in making)
    return polls


def at(minute):
    return window.timestamp(START + timedelta(minutes=minute))


NIGHT = 8 * 60


@pytest.mark.parametrize(
    ("minutes", "making", "in_grace"),
    [
        ([0], [], False),  # a first poll, of old data that no run is updating
        ([0], [0], True),  # a run is under way
        ([0, 5], [0, 5], True),
        ([0, 5, 25], [0, 5, 25], False),  # for ever
        ([0, 5, 10, 15], [5, 10, 15], False),
        ([0, 10, NIGHT], [], True),
        ([0, 10, NIGHT], [NIGHT], True),
        ([0, 10, NIGHT, NIGHT + 5, NIGHT + 15], [], True),
        ([0, 10, NIGHT, NIGHT + 5, NIGHT + 20], [], False),  # the grace is over
        ([0, 10, 50], [], False),
        ([0, 10, 50], [50], True),
        ([0, 120, 240], [], False),  # polled every two hours
        ([0, NIGHT, 2 * NIGHT], [], False),
        ([0, 10, -600], [], False),  # a clock that was wrong
        ([0, 10, 10_000, 20], [], False),  # for a while
        ([0, 10, 10_000, 20, 30], [], False),
        ([0, 0.1, 120, 120.1, 240], [], False),  # two at the same time
        ([0, 1, 2, 3, 4, NIGHT], [], True),  # in windows of a minute
    ],
)
def test_an_unusual_pause_begins_a_grace_period(minutes, making, in_grace):
    assert is_grace_period(polled(*minutes, making=making), []) is in_grace


def test_a_try_that_failed_since_ends_it():
    polls = polled(0, 10, NIGHT, NIGHT + 5)
    assert is_grace_period(polls, [at(8), at(NIGHT - 5)])
    assert not is_grace_period(polls, [at(8), at(NIGHT - 1)])  # just before that poll
    assert not is_grace_period(polls, [at(8), at(NIGHT + 1)])


def test_it_lasts_a_window_of_at_most_an_hour_and_a_run():
    day = timedelta(days=1)
    assert is_grace_period(polled(0, 10, 5000, 5069, length=day), [])
    assert not is_grace_period(polled(0, 10, 5000, 5070, length=day), [])


def test_a_root_is_down_at_the_second_failed_poll_that_was_not_made_at_the_same_time():
    polls, found = polled(0, 10), []
    for minute in (20, 21, 25):
        polls = with_failed_poll(polls, START + timedelta(minutes=minute))
        found.append(is_outage_confirmed(polls))
    assert found == [False, False, True]
    assert (polls.down_since, polls.last) == (at(20), at(25))
    polls = with_poll(polls, START + timedelta(minutes=40), length=TEN, is_making=False)
    assert polls == Polls(at(40), at(25))


def test_a_root_is_down_also_where_the_clock_was_ahead():
    polls = with_failed_poll(polled(0, 10_000), START + timedelta(minutes=10_001))
    for minute in (20, 25):
        polls = with_failed_poll(polls, START + timedelta(minutes=minute))
    assert is_outage_confirmed(polls)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"last": 3}', b'{"x": ""}', b'{"last": "x"}'])
def test_polls_that_make_no_sense_are_none(data):
    assert parse(data) == Polls()


def test_polls_are_read_as_they_were_stored():
    polls = with_failed_poll(polled(0, 10, NIGHT), START + timedelta(days=1))
    assert parse(to_json(polls)) == polls


@pytest.mark.usefixtures("one_asset")
class TestANightOff:
    @pytest.fixture
    def night(self, clock, succeed, say, hook):
        succeed(StoryIds())
        clock.advance(minutes=5)
        say("alert")
        clock.advance(hours=8)

    def test_is_not_reported_where_the_run_fixes_it(self, night, clock, succeed, say, hook):
        said = say("alert")
        assert "late top/story_ids: since 2026-11-22 13:04 UTC (not sent yet)" in said.out
        clock.advance(minutes=5)
        dataset = StoryIds().dataset
        with dataset.store.lock(StoryIds().key):  # the run is under way
            say("alert")
        succeed(StoryIds())
        assert say("alert").out.startswith("Nothing failed")
        assert hook.messages == []

    def test_is_reported_where_no_run_comes(self, night, clock, say, hook):
        for _ in range(5):
            say("alert")
            clock.advance(minutes=5)
        (message,) = hook.messages
        assert message["title"] == "hn_luigi: late: top/story_ids"

    def test_is_reported_where_the_run_fails(self, night, clock, fail, say, hook):
        say("alert")
        clock.advance(minutes=5)
        fail(tries=1)
        say("alert")
        (message,) = hook.messages
        assert message["title"] == "hn_luigi: late: top/story_ids"

    def test_sends_no_heartbeat(self, night, settings, web, say):
        settings("alerts", heartbeat_url=f"http://127.0.0.1:{web.port}/ping")
        say("alert")
        assert web.beats == []


@pytest.mark.usefixtures("one_asset")
@pytest.mark.parametrize("before", [0, 1])
def test_a_run_under_way_at_the_first_poll_is_given_its_chance(clock, succeed, say, hook, before):
    """Also one that began in the window before."""
    succeed(StoryIds())
    clock.advance(hours=8)
    task = StoryIds(as_of=clock() - before * TEN)
    with task.dataset.store.lock(task.key):
        assert "(not sent yet)" in say("alert").out
        clock.advance(minutes=25)
        assert "Sent by" in say("alert").out  # it hangs
