"""What was told of an asset is kept wherever results lie."""

from __future__ import annotations

from hn_luigi.alerts.alert_state import Memory, keep, recall
from hn_luigi.alerts.incidents import Incident, Kind
from hn_luigi.assets.catalog.dataset import Series
from hn_luigi.assets.operations.consecutive_failures import Streak, streak_of
from hn_luigi.assets.storage import one_look, open_store

AT = "2026-11-22T12:34:56.000Z"


def test_incidents_are_kept_until_there_are_none(backend):
    series = Series(open_store(backend.root), "top/stories", ".parquet")
    assert recall(series) == Memory()
    first = Incident(Kind.FAILED, AT, "größe: \ud800\n", told=True)
    for incidents in [(first,), (first, Incident(Kind.LATE, AT, "", over_at=AT))]:
        keep(series, incidents)
        with one_look():
            assert recall(series) == Memory(incidents)
    keep(series, ())
    keep(series, ())
    with one_look():
        assert recall(series) == Memory()
    series.store.write("_alerts/top/stories.json", b"{")
    assert recall(series).trouble
    assert streak_of(series, None) == Streak()
