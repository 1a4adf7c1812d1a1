"""Lateness is told once a run has had its chance: after a night off it may be about to."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from hn_luigi import StoryIds
from hn_luigi.alerts.looks import (
    Looks,
    is_down_again,
    is_too_early,
    look_again,
    look_in_vain,
    parse,
    to_json,
)
from hn_luigi.assets import window

START = datetime(2026, 11, 22, 12, 0)
TEN = timedelta(minutes=10)


def looked(*minutes, length=TEN, making=()):
    """The looks at these minutes; at those of ``making``, a run was under way."""
    looks = Looks()
    for minute in minutes:
        now = START + timedelta(minutes=minute)
        looks = look_again(looks, now, length=length, is_making=minute in making)
    return looks


def at(minute):
    return window.timestamp(START + timedelta(minutes=minute))


NIGHT = 8 * 60


@pytest.mark.parametrize(
    ("minutes", "making", "too_early"),
    [
        ([0], [], False),  # a first look, at old data that nobody mends
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
        ([0, 120, 240], [], False),  # who looks every two hours
        ([0, NIGHT, 2 * NIGHT], [], False),
        ([0, 10, -600], [], False),  # a clock that was wrong
        ([0, 10, 10_000, 20], [], False),  # for a while
        ([0, 10, 10_000, 20, 30], [], False),
        ([0, 0.1, 120, 120.1, 240], [], False),  # two that look together
        ([0, 1, 2, 3, 4, NIGHT], [], True),  # in windows of a minute
    ],
)
def test_after_an_unusual_pause_it_is_too_early_for_a_grace(minutes, making, too_early):
    assert is_too_early(looked(*minutes, making=making), []) is too_early


def test_a_try_that_failed_since_was_the_chance():
    looks = looked(0, 10, NIGHT, NIGHT + 5)
    assert is_too_early(looks, [at(8), at(NIGHT - 5)])
    assert not is_too_early(looks, [at(8), at(NIGHT - 1)])  # by whoever then looked
    assert not is_too_early(looks, [at(8), at(NIGHT + 1)])


def test_the_grace_is_a_window_and_a_run_but_of_an_hour_at_most():
    day = timedelta(days=1)
    assert is_too_early(looked(0, 10, 5000, 5069, length=day), [])
    assert not is_too_early(looked(0, 10, 5000, 5070, length=day), [])


def test_a_root_is_down_at_the_second_look_in_a_row_that_is_no_echo_of_the_first():
    looks, found = looked(0, 10), []
    for minute in (20, 21, 25):
        looks = look_in_vain(looks, START + timedelta(minutes=minute))
        found.append(is_down_again(looks))
    assert found == [False, False, True]
    assert (looks.down_since, looks.last) == (at(20), at(25))
    looks = look_again(looks, START + timedelta(minutes=40), length=TEN, is_making=False)
    assert looks == Looks(at(40), at(25))


def test_a_root_is_down_also_where_the_clock_was_ahead():
    looks = look_in_vain(looked(0, 10_000), START + timedelta(minutes=10_001))
    for minute in (20, 25):
        looks = look_in_vain(looks, START + timedelta(minutes=minute))
    assert is_down_again(looks)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"last": 3}', b'{"x": ""}', b'{"last": "x"}'])
def test_looks_that_make_no_sense_are_none(data):
    assert parse(data) == Looks()


def test_looks_are_read_as_they_were_noted():
    looks = look_in_vain(looked(0, 10, NIGHT), START + timedelta(days=1))
    assert parse(to_json(looks)) == looks


@pytest.mark.usefixtures("one_asset")
class TestANightOff:
    @pytest.fixture
    def night(self, clock, succeed, say, hook):
        succeed(StoryIds())
        clock.advance(minutes=5)
        say("alert")
        clock.advance(hours=8)

    def test_is_told_of_nobody_where_the_run_mends_it(self, night, clock, succeed, say, hook):
        said = say("alert")
        assert "late top/story_ids: since 2026-11-22 13:04:56 UTC (not told yet)" in said.out
        clock.advance(minutes=5)
        dataset = StoryIds().dataset
        with dataset.store.lock(StoryIds().key):  # the run is under way
            say("alert")
        succeed(StoryIds())
        assert say("alert").out.startswith("Nothing failed")
        assert hook.messages == []

    def test_is_told_of_where_no_run_comes(self, night, clock, say, hook):
        for _ in range(5):
            say("alert")
            clock.advance(minutes=5)
        (message,) = hook.messages
        assert message["title"] == "hn_luigi: late: top/story_ids"

    def test_is_told_of_where_the_run_fails(self, night, clock, fail, say, hook):
        say("alert")
        clock.advance(minutes=5)
        fail(tries=1)
        say("alert")
        (message,) = hook.messages
        assert message["title"] == "hn_luigi: late: top/story_ids"

    def test_keeps_the_heart_from_beating(self, night, settings, web, say):
        settings("alerts", heartbeat_url=f"http://127.0.0.1:{web.port}/ping")
        say("alert")
        assert web.beats == []


@pytest.mark.usefixtures("one_asset")
@pytest.mark.parametrize("before", [0, 1])
def test_a_run_under_way_at_the_first_look_is_given_its_chance(clock, succeed, say, hook, before):
    """Also one that began in the window before."""
    succeed(StoryIds())
    clock.advance(hours=8)
    task = StoryIds(as_of=clock() - before * TEN)
    with task.dataset.store.lock(task.key):
        assert "(not told yet)" in say("alert").out
        clock.advance(minutes=25)
        assert "Told by" in say("alert").out  # it hangs
