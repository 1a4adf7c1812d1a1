"""Random histories of a line: what is started never breaks what is promised of it.

A run takes its time, succeeds or fails; the API goes and comes back, the machine sleeps, and its
clock is set. What is known of windows is worked out from what was made, as storage would tell it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from hypothesis import assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from hn_luigi.refresh import Need, Try, due, policy_notes

from .lines import DAY, HOUR, NOON, TEN, asset, line, policy

SHARE = 0.5
MINUTE = timedelta(minutes=1)


class World:
    """A tick of ten minutes and a page made from it, whose windows are as long, or longer."""

    def __init__(self, length, of_tick, of_page, takes):
        self.now = NOON
        self.is_roll_up = length != TEN
        every = TEN if self.is_roll_up else None
        self.tick = asset("tick", TEN, policy=of_tick)
        self.page = asset("page", length, policy=of_page, inputs_every=every)
        self.takes = takes
        self.starts = []
        """What was due, and when it was started."""
        self.made = {"tick": {}, "page": {}}
        """When each window was last made."""
        self.times_made = defaultdict(int)
        self.tries = defaultdict(list)
        """Since it was last made."""
        self.failed = defaultdict(list)
        """When runs at it began that failed, whatever was made since."""

    def known(self, of, start, need):
        made = self.made[of.folder]
        data_time = made[max(made)] - self.takes if made else None
        tries = [] if need is Need.NOTHING else list(self.tries[of.folder, start])
        return replace(of, start=start, need=need, tries=tries, data_time=data_time)

    def line(self):
        start, begin = TEN.floor(self.now), self.page.length.floor(self.now)
        is_there = start in self.made["tick"]
        tick = self.known(self.tick, start, Need.NOTHING if is_there else Need.MISSING)
        page = self.known(self.page, begin, self.need_of_page(begin, to_make=not is_there))
        settling, before = [], page.length.shift(begin, -1)
        if self.is_roll_up and page.length.is_open(before, self.now):
            ended = self.known(self.page, before, self.need_of_page(before, to_make=False))
            since = [each for each in ended.tries if each.ended >= begin]
            settling = [replace(ended, tries=since)]
        return line(tick, page, settling=settling)

    def need_of_page(self, begin, *, to_make):
        """Made from no tick, older than one within its window, or one is to be made first."""
        start, end = begin, self.page.length.end(begin)
        ticks = []
        while start < end:
            ticks += [self.made["tick"][start]] if start in self.made["tick"] else []
            start = TEN.end(start)
        made = self.made["page"].get(begin)
        if made is None:
            return Need.MISSING if ticks or to_make else Need.NOTHING
        return Need.INPUTS if to_make or any(at > made for at in ticks) else Need.NOTHING

    def run(self, what, *, succeeds):
        """Make what is due, in the windows that are present, as a run does."""
        self.starts.append((what, self.now))
        windows = [("tick", TEN.floor(self.now)), ("page", self.page.length.floor(self.now))]
        if what.is_settling:
            windows = [("page", what.start)]
        elif what.folder == "tick":
            del windows[1]
        began, self.now = self.now, self.now + self.takes
        for folder, start in windows:
            if folder == "tick" and start in self.made["tick"]:
                continue
            if succeeds:
                self.made[folder][start] = self.now
                self.times_made[folder, start] += 1
                self.tries[folder, start].clear()
            else:
                self.tries[folder, start].append(Try(str(len(self.starts)), self.now))
                self.failed[folder, start].append(began)

    def live(self, until, *, is_up):
        """Start what is due, ``until`` then; with a look every ten minutes at least."""
        while self.now < until:
            what = due(self.line(), self.now, SHARE)
            if what.is_now(self.now):
                self.run(what, succeeds=is_up or what.is_settling)
            else:
                self.now = min(until, what.when or until, self.now + 10 * MINUTE)

    def live_through(self, history):
        for what, length in history:
            if what in ("up", "down"):
                self.live(self.now + length * MINUTE, is_up=what == "up")
            else:
                self.now += length * MINUTE * (1 if what == "asleep" else -0.2)


POLICIES = [None, policy(5), policy(15), policy(19), policy(30, 20), policy(60), policy(24 * 60)]
LENGTHS = st.integers(1, 300)
WORLDS = st.builds(
    World,
    st.sampled_from([TEN, HOUR, DAY]),
    st.sampled_from(POLICIES),
    st.sampled_from(POLICIES),
    st.sampled_from([timedelta(seconds=1), timedelta(seconds=20), timedelta(seconds=150)]),
)


def histories(*steps):
    return st.lists(st.tuples(st.sampled_from(steps), LENGTHS), min_size=1, max_size=8)


@hypothesis_settings(max_examples=60)
@given(WORLDS, histories("up", "down", "asleep", "back"))
def test_no_run_is_for_a_window_that_is_over_but_to_settle_it(world, history):
    world.live_through(history)
    for what, at in world.starts:
        if what.is_settling:
            assert what.length.end(what.start) <= at
            assert what.length.is_open(what.start, at)
        else:
            assert what.length.floor(at) == what.start


@hypothesis_settings(max_examples=60)
@given(WORLDS, histories("up", "down", "asleep"))
def test_tries_at_a_window_are_few_and_grow_apart(world, history):
    world.live_through(history)
    longest = TEN.minutes if world.page.pace else 6 * 60
    for (folder, start), began in world.failed.items():
        if folder == "tick" or not world.is_roll_up:
            assert len(began) <= 4 + 4  # by itself, and for what is made from it
        if folder == "page" and start not in world.made["page"]:
            for count, (before, after) in enumerate(pairwise(began)):
                assert after - before >= min(2**count, longest) * MINUTE


@hypothesis_settings(max_examples=60)
@given(WORLDS, st.integers(1, 2000))
def test_each_window_is_made_once_while_all_goes_well(world, length):
    world.live(NOON + length * MINUTE, is_up=True)
    start = world.page.length.floor(NOON)
    while start < world.now - MINUTE:
        assert start in world.made["page"]
        start = world.page.length.end(start)
    for (folder, _), times in world.times_made.items():
        if folder == "tick" or not world.is_roll_up:
            assert times == 1
        elif world.page.pace is None:
            assert times <= 2  # as it begins, and settled
    assert not world.failed


@hypothesis_settings(max_examples=30)
@given(WORLDS, st.integers(1, 2000))
def test_once_the_service_answers_data_is_young_enough_within_one_window(world, outage):
    """One of those that bring new data; where the policy can be kept at all."""
    kept, every = world.page.policy, world.page.inputs_every or world.page.length
    window = timedelta(minutes=every.minutes)
    assume(kept is not None and kept.maximum_lag > window + 3 * MINUTE)
    world.live(NOON + 30 * MINUTE, is_up=True)
    world.live(world.now + outage * MINUTE, is_up=False)
    world.live(world.now + window + world.takes, is_up=True)
    end = world.now + timedelta(hours=6)
    while world.now < end:
        lag = world.now - world.line().root.data_time
        assert lag <= kept.maximum_lag
        world.live(world.now + 5 * MINUTE, is_up=True)


@hypothesis_settings(max_examples=60)
@given(WORLDS, st.integers(60, 1000))
def test_no_window_upstream_goes_unmade_that_the_notes_do_not_tell_of(world, length):
    assume(not any("aren't made" in note for note in policy_notes(world.line())))
    world.live(NOON + length * MINUTE, is_up=True)
    start = NOON
    while start < world.now - 3 * MINUTE:
        assert start in world.made["tick"]
        start = TEN.end(start)
