"""What was told of an asset is kept wherever results lie."""

from __future__ import annotations

from hn_luigi.alerts.alert_state import AlertState, load_state, save_state
from hn_luigi.alerts.incidents import Incident, Kind
from hn_luigi.assets.catalog.dataset import Dataset
from hn_luigi.assets.operations.consecutive_failures import (
    ConsecutiveFailures,
    consecutive_failures_of,
)
from hn_luigi.assets.storage import cached_requests, open_store

AT = "2026-11-22T12:34:56.000Z"


def test_incidents_are_kept_until_there_are_none(backend):
    dataset = Dataset(open_store(backend.root), "top/stories", ".parquet")
    assert load_state(dataset) == AlertState()
    first = Incident(Kind.FAILED, AT, "größe: \ud800\n", told=True)
    for incidents in [(first,), (first, Incident(Kind.LATE, AT, "", over_at=AT))]:
        save_state(dataset, incidents)
        with cached_requests():
            assert load_state(dataset) == AlertState(incidents)
    save_state(dataset, ())
    save_state(dataset, ())
    with cached_requests():
        assert load_state(dataset) == AlertState()
    dataset.store.write("_alerts/top/stories.json", b"{")
    assert load_state(dataset).error
    assert consecutive_failures_of(dataset, None) == ConsecutiveFailures()
