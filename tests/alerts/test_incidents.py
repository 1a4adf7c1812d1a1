"""What is told of an asset, and when: pure decisions."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hn_luigi.alerts import alert_state
from hn_luigi.alerts.incidents import (
    MOST_OVER,
    Condition,
    Incident,
    Kind,
    after_sending,
    update,
)

NOW = "2026-11-22T13:00:00.000Z"
_DRAWN = random.Random(11)
FLAPPING = [_DRAWN.random() < 0.5 for _ in range(32)]
"""Whether each of 32 windows failed, at 50 % errors."""
MESSAGES_OF_FLAPPING = 6
"""Those of each failure and its end were 14."""


def at(minute):
    return f"2026-11-22T{12 + minute // 60:02}:{minute % 60:02}:00.000Z"


def failed(since, *, well_at="", tries=2):
    return Condition(Kind.FAILED, True, since, "an error", well_at, tries)


def well(well_at=""):
    return Condition(Kind.FAILED, False, well_at=well_at)


UNKNOWN = Condition(Kind.FAILED, None)
OPEN = Incident(Kind.FAILED, at(10), "an error", told=True)


def test_what_goes_wrong_is_an_incident_to_be_told():
    (incident,) = update((), [failed(at(10))], NOW)
    assert incident == Incident(Kind.FAILED, at(10), "an error")
    assert incident.is_news


def test_a_first_try_that_fails_may_pass_by_itself():
    assert update((), [failed(at(10), tries=1)], NOW) == ()
    assert update([OPEN], [failed(at(10), tries=1)], NOW) == (OPEN,)
    assert update([OPEN], [failed(at(30), well_at=at(20), tries=1)], NOW) == (
        replace(OPEN, over_at=at(20)),
    )


def test_of_flapping_only_what_fails_twice_in_a_row_is_told():
    known, messages, tries = (), 0, 0
    for minute, fails_now in enumerate(FLAPPING):
        tries = tries + 1 if fails_now else 0
        condition = failed(at(minute + 1 - tries), tries=tries) if tries else well(at(minute))
        known = update(known, [condition], at(minute))
        messages += any(incident.is_news for incident in known)
        known = after_sending(known)
    assert messages == MESSAGES_OF_FLAPPING


def test_what_was_told_and_goes_on_is_no_news_whatever_its_error_is_now():
    (incident,) = update([OPEN], [replace(failed(at(10)), cause="another")], NOW)
    assert incident == OPEN
    assert not incident.is_news


@pytest.mark.parametrize("reached", [True, False])
def test_what_is_over_is_told_also_if_its_beginning_reached_nobody(reached):
    known = replace(OPEN, told=reached)
    (incident,) = update([known], [well(at(20))], NOW)
    assert incident == replace(known, over_at=at(20))
    assert incident.is_news
    assert after_sending([incident]) == ()


def test_it_is_over_when_it_was_seen_if_nothing_says_when():
    (incident,) = update([OPEN], [well(at(5))], NOW)
    assert incident.over_at == NOW


def test_what_can_t_be_told_is_neither_begun_nor_over():
    assert update((), [UNKNOWN], NOW) == ()
    assert update([OPEN], [UNKNOWN], NOW) == (OPEN,)


def test_what_was_well_between_two_looks_is_over_and_begins_anew():
    over, begun = update([OPEN], [failed(at(30), well_at=at(20))], NOW)
    assert over == replace(OPEN, over_at=at(20))
    assert begun == Incident(Kind.FAILED, at(30), "an error")


def test_a_first_failure_that_is_forgotten_begins_nothing_anew():
    """As by a prune, while the asset goes on to fail."""
    assert update([OPEN], [failed(at(40), well_at=at(5))], NOW) == (OPEN,)


def test_kinds_are_apart():
    late = Condition(Kind.LATE, True, since=at(30))
    incidents = update([OPEN], [well(at(20)), late], NOW)
    assert [(i.kind, i.over_at) for i in incidents] == [(Kind.FAILED, at(20)), (Kind.LATE, None)]


def test_while_nobody_is_reached_only_the_last_that_are_over_are_kept():
    incidents = ()
    for minute in range(0, 100, 2):
        incidents = update(incidents, [failed(at(minute))], at(minute))
        incidents = update(incidents, [well(at(minute + 1))], at(minute + 1))
    assert [i.since for i in incidents] == [at(m) for m in range(100 - 2 * MOST_OVER, 100, 2)]


@dataclass
class World:
    """An asset that fails and is made as time goes on, and one who looks at it now and then."""

    minute: int = 0
    failing_since: int | None = None
    tries: int = 0
    made_at: int | None = None

    def step(self, event):
        self.minute += 1
        if event == "make":
            self.failing_since, self.tries, self.made_at = None, 0, self.minute
        elif event == "fail":
            self.failing_since, self.tries = self.failing_since or self.minute, self.tries + 1

    @property
    def condition(self):
        made = "" if self.made_at is None else at(self.made_at)
        if self.failing_since is None:
            return well(made)
        return failed(at(self.failing_since), well_at=made, tries=self.tries)


LOOKS = st.sampled_from(["look, and reach nobody", "look and reach", "look and be killed"])
EVENTS = st.lists(st.one_of(st.sampled_from(["fail", "make"]), LOOKS), max_size=40)


@given(EVENTS)
def test_each_incident_that_was_seen_is_told_once_and_its_end_once(events):
    """Whoever looks has nothing but what was kept; one who is killed has kept nothing."""
    world, stored = World(), b""
    begun, over, seen = [], [], []
    for event in [*events, "look and reach"]:
        world.step(event)
        if not event.startswith("look"):
            continue
        known = alert_state.parse(stored).incidents if stored else ()
        incidents = update(known, [world.condition], at(world.minute))
        if event == "look and be killed":
            continue  # before anything was sent
        seen += [i.since for i in incidents if i.since not in seen]
        if event == "look and reach":
            news = [i for i in incidents if i.is_news]
            begun += [i.since for i in news if i.over_at is None]
            over += [i.since for i in news if i.over_at is not None]
            incidents = after_sending(incidents)
            if world.tries >= 2:
                assert at(world.failing_since) in begun
        stored = alert_state.to_json("top/x", incidents)
    assert len(begun) == len(set(begun))
    assert len(over) == len(set(over))
    going_on = [at(world.failing_since)] if world.tries >= 2 else []
    assert sorted(over) == sorted(set(seen) - set(going_on))
    assert set(begun) <= set(seen)
    assert not [i for i in alert_state.parse(stored).incidents if i.is_news]
