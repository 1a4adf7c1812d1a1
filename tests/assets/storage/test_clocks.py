"""A machine whose clock is wrong hears it from the store, whose answers are dated."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hn_luigi.assets.storage import open_store, probe

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("machine")]


@pytest.fixture
def said(object_store, monkeypatch, caplog):
    """What is said of a clock that is so many minutes ahead."""
    now = probe._machine_time

    def said(minutes):
        ahead = timedelta(minutes=minutes)
        monkeypatch.setattr(probe, "_machine_time", lambda: now() + ahead)
        open_store(object_store.root).require_writable()
        told = [record.message for record in caplog.records if "clock" in record.message]
        return [line.partition(" UTC, ")[2].partition(": set ")[0] for line in told]

    return said


@pytest.mark.parametrize(("minutes", "which"), [(8, "ahead of"), (-8, "behind")])
def test_more_than_five_minutes_are_told(said, object_store, minutes, which):
    assert said(minutes) == [f"8 min {which} that of {object_store.root}"]


def test_less_is_not(said):
    assert said(4) == []
