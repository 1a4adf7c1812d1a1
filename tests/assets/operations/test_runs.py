"""The runs that storage tells of, put together from records and failed attempts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from hn_luigi.assets import window
from hn_luigi.assets.catalog.failure import Failure, keep
from hn_luigi.assets.catalog.record import Record
from hn_luigi.assets.operations import new_run_id, recorded_runs
from hn_luigi.assets.operations.runs import RecordedRun


@pytest.fixture
def made(clock):
    """Has a run make the present window of ``assets``, each in 2 s."""

    def run(*assets, started_by="luigi", id_=None, **facts):
        id_ = new_run_id() if id_ is None else id_
        for asset in assets:
            clock.advance(seconds=2)
            put(asset, clock(), run=id_, started_by=started_by, **facts)
        return id_

    return run


def put(asset, at, **facts):
    """Record that ``asset`` was made."""
    now = window.timestamp(at)
    record = Record(
        asset.folder,
        asset.partition.window,
        now,
        now,
        {},
        {},
        "0" * 64,
        0,
        "",
        duration=2.0,
        family=asset.identity.family,
        parameters=dict(asset.identity.parameters),
    )
    asset.partition.write_record(replace(record, **facts))


@pytest.fixture
def fail(clock):
    """Has an attempt of a run at an asset fail, after a second."""

    def run(asset, id_, **facts):
        clock.advance(seconds=1)
        at = window.timestamp(clock())
        failure = Failure(asset.folder, asset.partition.window, at, "E: x", duration=1.0, run=id_)
        keep(asset.dataset, replace(failure, **facts))

    return run


def runs_of(*assets, limit=50, before=None):
    return recorded_runs([a.dataset for a in assets], limit=limit, before=before)


def ids(found):
    return [run.id for run in found.runs]


def made_in(run: RecordedRun):
    return [step.dataset.folder for step in run.steps if step.made]


@pytest.mark.usefixtures("place")
def test_a_run_is_what_bears_its_id_newest_first(mill, made, clock):
    began = clock()
    first = made(mill.Flour(), mill.Bread(), started_by="scripts/refresh")
    clock.advance(minutes=10)
    second = made(mill.Flour())
    found = runs_of(mill.Flour(), mill.Bread())
    assert ids(found) == [second, first]
    assert (found.has_older, found.has_unnamed) == (False, False)
    run = found.runs[1]
    assert made_in(run) == ["flour", "bread"]
    assert (run.began, run.ended) == (began, began + timedelta(seconds=4))
    assert (run.started_by, run.failed) == ("scripts/refresh", False)


def test_what_is_from_before_runs_were_recorded_is_left_out_and_told_of(mill, made):
    made(mill.Flour(), id_="")
    found = runs_of(mill.Flour())
    assert (found.runs, found.has_unnamed) == ([], True)


def test_a_run_fails_by_what_it_gave_up(mill, made, fail):
    run = made(mill.Flour())
    fail(mill.Bread(), run, retried=True)
    fail(mill.Bread(), run, attempt=2)
    (found,) = runs_of(mill.Flour(), mill.Bread()).runs
    assert found.failed
    flour, bread = found.steps
    assert (flour.failed, bread.failed) == (False, True)
    assert [failure.attempt for failure in bread.failures] == [1, 2]


def test_a_run_that_made_it_at_a_later_attempt_did_not_fail(mill, made, fail):
    run = new_run_id()
    fail(mill.Flour(), run, retried=True)
    made(mill.Flour(), id_=run, attempts=2)
    (found,) = runs_of(mill.Flour()).runs
    assert not found.failed
    assert len(found.steps[0].failures) == 1


@pytest.mark.parametrize("retried", [True, False])
def test_of_what_is_made_again_since_it_knows_only_what_it_gave_up(mill, made, fail, retried):
    """A failure before another attempt is no failure of the run, if it went on to make it."""
    run = new_run_id()
    fail(mill.Flour(), run, retried=retried)
    made(mill.Flour(), id_=run, attempts=2)
    again = made(mill.Flour())
    last, first = runs_of(mill.Flour()).runs
    assert (last.id, first.id) == (again, run)
    assert first.failed is not retried


def test_one_that_was_under_way_at_that_time_is_whole(mill, made, fail, clock):
    """A list ends with a run that another had outlasted, and goes on with this one."""
    began, lasting = clock(), new_run_id()
    made(mill.Flour(), id_=lasting)
    at_once = made(mill.Flour(as_of=began - timedelta(days=1)))
    clock.advance(minutes=20)
    fail(mill.Bread(), lasting, retried=True)
    made(mill.Bread(), id_=lasting)
    short, whole = runs_of(mill.Flour(), mill.Bread()).runs
    assert (short.id, whole.id) == (at_once, lasting)
    (found,) = runs_of(mill.Flour(), mill.Bread(), before=short.began).runs
    assert found == whole
    assert [len(step.failures) for step in found.steps] == [0, 1]


def test_older_ones_are_before_a_time(mill, made, clock):
    everything = []
    for _ in range(7):
        everything.insert(0, made(mill.Flour(), mill.Bread()))
        clock.advance(minutes=10)
    found = runs_of(mill.Flour(), mill.Bread(), limit=3)
    assert ids(found) == everything[:3]
    assert found.has_older
    found = runs_of(mill.Flour(), mill.Bread(), limit=3, before=found.runs[-1].began)
    assert ids(found) == everything[3:6]
    found = runs_of(mill.Flour(), mill.Bread(), limit=3, before=found.runs[-1].began)
    assert ids(found) == everything[6:]
    assert not found.has_older


def test_no_more_is_read_than_is_asked_for(mill, made, clock, monkeypatch):
    for _ in range(20):
        made(mill.Flour())
        clock.advance(minutes=10)
    read = []
    load = type(mill.Flour().dataset.store).load
    monkeypatch.setattr(
        type(mill.Flour().dataset.store),
        "load",
        lambda store, key, parse: read.append(key) or load(store, key, parse),
    )
    runs_of(mill.Flour(), limit=5)
    assert len(set(read)) <= 2 * 5


def test_a_backfill_of_old_windows_is_among_the_last_though_newer_windows_are_many(
    mill, made, clock
):
    """By when their records were written, which a folder tells."""
    old = mill.Flour()
    made(old)
    for _ in range(9):
        clock.advance(minutes=10)
        made(mill.Flour())
    now = clock()
    put(old, now, run=(run := new_run_id()), started_by="hn-luigi rebuild")
    assert run in ids(runs_of(mill.Flour(), limit=3))


def test_what_others_wrote_into_records_raises_nothing(mill, made, place, clock):
    run = made(mill.Flour(), started_by="\x1b[31m<b>" * 99)
    clock.advance(minutes=10)
    made(mill.Flour(), id_="../../etc/pw")
    clock.advance(minutes=10)
    made(mill.Flour(), duration=9e8)
    found = runs_of(mill.Flour())
    assert run in ids(found)
    assert len(found.runs) == 2
    assert all(run.began < run.ended for run in found.runs)
