"""The failed attempts since an asset was last made."""

from __future__ import annotations

import pytest

from hn_luigi.assets import window
from hn_luigi.assets.catalog import failure
from hn_luigi.assets.catalog.failure import Failure, keep, parse_failure
from hn_luigi.assets.operations.consecutive_failures import (
    ConsecutiveFailures,
    consecutive_failures_of,
)


@pytest.fixture
def flour(mill):
    return mill.Flour()


@pytest.fixture
def fail(flour, clock):
    """Has an attempt at Flour fail, and returns that; a second passes."""

    def run(*, retried=False, attempt=1, name=None):
        at = window.timestamp(clock())
        name = name or window.name(flour.as_of)
        failure = Failure(flour.folder, name, at, "E: x", attempt, retried)
        keep(flour.dataset, failure)
        clock.advance(seconds=1)
        return failure

    return run


def failing(asset):
    return consecutive_failures_of(asset.dataset, asset.dataset.newest_made())


def test_there_is_none_of_what_never_failed(flour, bake):
    assert failing(flour) == ConsecutiveFailures()
    bake()
    assert failing(flour) == ConsecutiveFailures()


def test_it_has_all_attempts_since_the_first_and_the_last_that_gave_up(flour, fail):
    first = fail(retried=True)
    gave_up = fail(attempt=2)
    fail(retried=True)
    assert failing(flour) == ConsecutiveFailures(3, first.failed_at, gave_up, tries=1)


def test_until_an_attempt_gives_up_there_is_nothing_given_up(flour, fail):
    first = fail(retried=True)
    assert failing(flour) == ConsecutiveFailures(1, first.failed_at)


def test_a_making_ends_it(flour, fail, bake, clock):
    fail()
    bake()
    clock.advance(seconds=1)
    assert failing(flour) == ConsecutiveFailures()
    again = fail()
    assert failing(flour) == ConsecutiveFailures(1, again.failed_at, again, tries=1)


def test_a_making_of_its_window_ends_what_failed_there_alone(mill, flour, fail, bake, clock):
    bake(2)
    clock.advance(seconds=1)
    fail(name="2026-11-22T1230Z")
    stays = fail(name="2026-11-22T1220Z")
    partition = flour.dataset.partition("2026-11-22T1230Z")
    made = {**vars(partition.record()), "created_at": window.timestamp(clock())}
    partition.write_record(type(partition.record())(**made))
    assert failing(flour) == ConsecutiveFailures(1, stays.failed_at, stays, tries=1)


def test_a_long_one_is_read_no_further_than_to_the_last_two_that_gave_up(flour, fail, monkeypatch):
    for _ in range(20):
        fail()
    read = []

    def parse(data):
        read.append(data)
        return parse_failure(data)

    monkeypatch.setattr(failure, "parse_failure", parse)
    found = failing(flour)
    assert (found.attempts, found.tries, len(read)) == (20, 2, 2)


def test_a_try_is_a_run_with_all_its_attempts(flour, fail):
    for attempt in (1, 2, 3):
        fail(retried=attempt < 3, attempt=attempt)
    assert failing(flour).tries == 1
    fail(retried=True)
    assert failing(flour).tries == 1
    fail(attempt=2)
    assert failing(flour).tries == 2


def test_what_can_t_be_read_counts_as_an_attempt(flour, fail, root):
    gave_up = fail()
    fail()
    path = max((root / "_failures/flour").iterdir())
    path.write_text("{")
    found = failing(flour)
    assert (found.attempts, found.given_up) == (2, gave_up)


def test_what_another_hand_left_there_is_no_attempt(flour, fail, root):
    fail()
    folder = root / "_failures/flour"
    for name in ("x", "2026-11-22T1230Z.json", "2026-11-22T1230Z.2026-11-22T1299.json"):
        (folder / name).write_text("{}")
    assert failing(flour).attempts == 1
