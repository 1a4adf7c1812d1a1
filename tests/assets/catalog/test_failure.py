"""Failed attempts as they are stored: what a name tells, and what can't be read."""

from __future__ import annotations

import pytest

from hn_luigi.assets import window
from hn_luigi.assets.catalog.failure import (
    Failure,
    StoredFailure,
    failures_of,
    first_failed,
    keep,
    last_failed,
    stored_failures,
)
from hn_luigi.assets.catalog.record import Unreadable, parse
from hn_luigi.assets.errors import BackendUnavailable, FileUnavailable
from hn_luigi.assets.operations.history import events_of
from hn_luigi.assets.storage import Folder

FAILURE = Failure(
    asset="bread",
    window="2026-11-22T1230Z",
    failed_at="2026-11-22T12:35:00.000Z",
    error="Fire: the oven burns",
    attempt=2,
)


@pytest.fixture
def failed(mill, clock):
    """Two attempts at Flour failed; its dataset."""
    dataset = mill.Flour().dataset
    for _ in range(2):
        at = window.timestamp(clock())
        keep(dataset, Failure(dataset.folder, "2026-11-22T1230Z", at, "E: x"))
        clock.advance(seconds=1)
    return dataset


def test_a_failure_is_read_back():
    assert parse(Failure, FAILURE.to_json()) == FAILURE


def test_a_failure_that_can_t_be_used_says_why():
    assert isinstance(parse(Failure, b"{}"), Unreadable)


@pytest.mark.parametrize(
    ("name", "at"),
    [
        ("2026-11-22T1230Z.2026-11-22T123456.000Z-1.json", "2026-11-22T12:34:56.000Z"),
        ("2026-11-22T1230Z.2026-11-22T123456.000Z-12.json", "2026-11-22T12:34:56.000Z"),
        ("2026-11-22T1230Z.json", None),
        ("2026-11-22T1230Z.2026-11-22T123456Z-1.json", None),
        ("", None),
    ],
)
def test_when_an_attempt_failed_is_in_its_name(mill, name, at):
    assert StoredFailure(mill.Flour().dataset, f"_failures/a/{name}").failed_at == at


def test_the_last_at_each_window_is_known_without_reading_any(mill, failed, monkeypatch):
    for name in ("2026-11-22T1250Z", "2026-11-22T1240Z", "2026-11-22T1310Z"):
        keep(failed, Failure(failed.folder, name, f"{name[:13]}:59:00.000Z", "E: x", attempt=2))
    monkeypatch.setattr(Folder, "load", None)
    assert first_failed(failed) == "2026-11-22T1230Z"
    assert last_failed(failed, "2026-11-22T1230Z", "2026-11-22T1250Z") == {
        "2026-11-22T1230Z": "2026-11-22T12:34:57.000Z",
        "2026-11-22T1240Z": "2026-11-22T12:59:00.000Z",
        "2026-11-22T1250Z": "2026-11-22T12:59:00.000Z",
    }
    assert last_failed(failed, "2026-11-22T1400Z", "2026-11-22T1500Z") == {}
    assert first_failed(mill.Bread().dataset) is None


class TestOneThatCanNotBeRead:
    """Where it can't be read by itself, the others are shown; an outage is none's own fault."""

    @pytest.fixture
    def breaks(self, failed, monkeypatch):
        last, load = next(stored_failures(failed)).key, Folder.load

        def broken(error):
            def run(store, key, parse):
                if key == last:
                    raise error
                return load(store, key, parse)

            monkeypatch.setattr(Folder, "load", run)

        return broken

    def test_is_told_among_the_others(self, failed, breaks):
        breaks(FileUnavailable("no right to it"))
        assert len(list(failures_of(failed))) == 1
        found = [event.found for event in events_of(failed, limit=9)]
        assert Unreadable("it can't be read (no right to it)") in found
        assert sum(isinstance(each, Failure) for each in found) == 1

    @pytest.mark.parametrize(
        "ask", [lambda d: list(failures_of(d)), lambda d: events_of(d, limit=9)]
    )
    def test_but_an_outage_is_told_as_one(self, failed, breaks, ask):
        breaks(BackendUnavailable("the store is gone"))
        with pytest.raises(BackendUnavailable):
            ask(failed)
