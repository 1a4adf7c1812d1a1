"""What has no window, and windows of a week, wherever results lie."""

from __future__ import annotations

import pytest
from luigi.execution_summary import LuigiStatusCode

from hn_luigi.assets import Asset, requires
from hn_luigi.assets.operations import (
    State,
    events_of,
    invalidate_asset,
    prune_windows,
    status_of,
    verify_outputs,
)
from hn_luigi.assets.operations import verify as verifying
from hn_luigi.assets.storage import open_store

from .user import contents


@pytest.fixture(autouse=True)
def at_once(clock, monkeypatch):
    monkeypatch.setattr(verifying, "sleep", lambda seconds: None)


def table(body=None):
    """A class of a static table."""

    def compute(self):
        if self.trouble:
            raise self.trouble[0]
        return ["DE"]

    given = {"suffix": ".json", "window_length": None, "compute": compute, "trouble": []}
    return type(Asset)("Countries", (Asset,), {**given, "__module__": "atlas", **(body or {})})


def week(of=None):
    def compute(self, *given):
        return [str(self.as_of), *given]

    body = {"suffix": ".json", "window_length": "week", "compute": compute, "__module__": "atlas"}
    kind = type(Asset)("Week", (Asset,), body)
    return requires(of)(kind) if of else kind


def test_each_lies_where_it_belongs_and_is_looked_after(backend, succeed, clock):
    countries = table()
    report = week(of=countries)
    succeed(report())
    clock.advance(days=7)
    succeed(report())
    names = {name for name in contents(backend) if not name.startswith("_l")}
    assert names == {
        "countries/countries.json",
        "_records/countries/countries.json",
        *(f"week/{start}.json" for start in ("2026-11-16T0000Z", "2026-11-23T0000Z")),
        *(f"_records/week/{start}.json" for start in ("2026-11-16T0000Z", "2026-11-23T0000Z")),
    }
    assert [found.staleness.state for found in status_of([countries(), report()])] == [
        State.CURRENT
    ] * 2
    assert verify_outputs([countries(), report()]).matching == 3
    assert invalidate_asset(countries())
    assert not report().complete()
    succeed(report())
    assert len(events_of(countries().dataset, limit=9)) == 1
    assert report(as_of="2026-W47").complete()


def test_a_failed_attempt_goes_with_time_and_what_is_stored_stays(backend, succeed, build, clock):
    countries = table()
    succeed(countries())
    again = table({"code_version": "2"})
    again.trouble.append(OSError("no net"))
    for _ in range(2):
        clock.advance(days=10)
        assert build(again()).status is LuigiStatusCode.FAILED
    dataset = again().dataset
    assert len(events_of(dataset, limit=9)) == 3
    (pruned,) = prune_windows([dataset], before=clock.at)
    assert (pruned.windows, pruned.errors) == (0, ())
    assert [event.failed for event in events_of(dataset, limit=9)] == [True, False]
    assert {"countries/countries.json", "_records/countries/countries.json"} <= contents(
        backend
    ).keys()


def test_what_a_killed_process_left_is_swept(backend, succeed, clock):
    store = open_store(backend.root)
    countries = table()
    if backend.name == "folder":
        staged = f"{backend.root}/countries/.countries.json.99999.tmp"
        store.write("countries/x", b"")
        open(staged, "w").close()
        succeed(countries())
        assert ".countries.json.99999.tmp" not in store.names("countries")
    assert not store.is_held(countries().key)


@pytest.mark.parametrize("first", ["table", "windows"])
def test_another_class_of_that_name_keeps_off(backend, succeed, build, clock, first):
    other = {"window_length": "day", "task_namespace": "other"}
    kinds = [table(), table(other)]
    if first == "windows":
        kinds.reverse()
    succeed(kinds[0]())
    before = contents(backend)
    result = build(kinds[1]())
    assert result.status is LuigiStatusCode.FAILED
    failed = {name for name in contents(backend) if name.startswith("_failures")}
    assert contents(backend).keys() - failed == before.keys()


def test_a_class_that_gives_up_its_windows_goes_on(backend, succeed, clock):
    succeed(table({"window_length": "day"})())
    countries = table()
    assert countries().staleness().state is State.MISSING
    succeed(countries())
    succeed(table({"window_length": "day"})())
    assert {"countries/countries.json", "countries/2026-11-22T0000Z.json"} <= contents(
        backend
    ).keys()
