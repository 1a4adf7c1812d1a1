"""Commands on a graph whose windows are of several lengths, with a table that has none."""

from __future__ import annotations

import sys
from datetime import timedelta
from types import ModuleType, SimpleNamespace

import pytest

from hn_luigi.alerts.notify import find_incidents
from hn_luigi.assets import Asset, Choice, requires
from hn_luigi.watchlist import watched


@pytest.fixture
def graph(clock, monkeypatch, settings):
    """Countries without windows, Plan of a week, Rates of a day, Quotes of 10 minutes."""
    module = ModuleType("quotes")
    monkeypatch.setitem(sys.modules, "quotes", module)
    settings("assets", watch="quotes Quotes")
    trouble = []

    class Countries(Asset):
        feed = Choice("top", choices=("top", "new", "best", "ask", "show", "job"), positional=False)
        suffix = ".json"
        window_length = None

        def compute(self):
            return ["DE"]

    class Plan(Asset):
        feed = Countries.feed
        suffix = ".json"
        window_length = "week"
        capture = True

        def compute(self):
            return str(self.as_of)

    @requires(Plan)
    class Rates(Asset):
        suffix = ".json"
        window_length = "day"
        capture = True

        def compute(self, plan):
            if trouble:
                raise trouble[0]
            return [plan, str(self.as_of)]

    @requires(Rates, Countries)
    class Quotes(Asset):
        suffix = ".json"
        window_length = timedelta(minutes=10)
        keeps_latest = True

        def compute(self, rates, countries):
            return [rates, countries]

    kinds = (Countries, Plan, Rates, Quotes)
    vars(module).update({kind.__name__: kind for kind in kinds})
    return SimpleNamespace(kinds=kinds, Rates=Rates, trouble=trouble)


@pytest.fixture
def made(graph, succeed):
    for kind in graph.kinds:
        succeed(kind())


def test_status_calls_each_window_as_people_do(made, say, clock):
    clock.advance(minutes=3)
    said = say("status")
    assert said.code == 0, said.err
    rows = [said.row(f"top/{name}") for name in ("countries", "plan", "rates", "quotes")]
    assert [[row[1], row[2], *row[5:7]] for row in rows] == [
        ["current", "-", "always", "always"],
        ["current", "3 min", "2026-W47", "2026-W47"],
        ["current", "3 min", "2026-11-22", "2026-11-22"],
        ["current", "3 min", "2026-11-22 12:30", "2026-11-22 12:30"],
    ]
    names = {found["asset"]: found["window"] for found in say("status --json").json}
    assert names == {
        "top/countries": "0001-01-01T0000Z",
        "top/plan": "2026-11-16T0000Z",
        "top/rates": "2026-11-22T0000Z",
        "top/quotes": "2026-11-22T1230Z",
    }


def test_status_of_latest_is_that_of_each_length(made, say, clock):
    clock.advance(days=1)
    said = say("status --as-of latest")
    rows = [said.row(f"top/{name}") for name in ("countries", "plan", "rates", "quotes")]
    assert [[row[1], row[6]] for row in rows] == [
        ["current", "always"],
        ["current", "2026-W47"],
        ["current", "2026-11-22"],
        ["missing", "2026-11-22 23:50"],
    ]


@pytest.mark.parametrize("text", ["2026-W47", "2026-11-16", "2026-11-16T0000Z"])
def test_a_window_is_typed_as_it_is_shown(made, say, text, clock):
    said = say(f"explain Plan --as-of {text}")
    assert said.lines[0] == "top/plan of 2026-W47"
    assert say(f"explain Plan --as-of {text} --json").json["window"] == "2026-11-16T0000Z"
    assert say(f"status --as-of {text}").row("top/plan")[6] == "2026-W47"
    said = say(f"invalidate Plan --as-of {text}")
    assert "top/plan of 2026-W47: invalidated" in said.out


def test_a_time_of_today_is_the_window_that_holds_it_where_that_has_begun(made, say):
    assert say("explain Rates --as-of 2026-11-22T2300").lines[0] == "top/rates of 2026-11-22"
    said = say("explain Quotes --as-of 2026-11-22T2300")
    assert said.code == 2
    assert "2026-11-22 23:00 is in the future: it is 2026-11-22 12:34 UTC" in said.err


def test_days_are_days_whatever_divides_them_by_the_setting(made, say, settings):
    settings("assets", window_minutes=7)
    assert say("explain Rates --as-of 2026-11-22").lines[0] == "top/rates of 2026-11-22"


def test_what_has_no_window_is_named_without_one(made, say):
    assert say("explain Countries").lines[0] == "top/countries"
    assert say("explain Countries --as-of latest").lines[-1] == "Nothing would be made."
    assert "top/countries: invalidated" in say("invalidate Countries").out
    assert say("history Countries").row("always")[1].startswith("made 2026-11-22 12:34,")
    said = say("explain Countries --as-of 2026-11-22")
    assert (said.code, said.out) == (2, "")
    assert "top/countries has no windows: leave it out" in said.err


def test_explain_tells_which_window_is_over(graph, say, clock):
    said = say("explain Quotes --as-of 2026-W46")
    assert said.lines[-1].endswith(
        "can't be made any more, since the window of top/plan, 2026-W46 UTC, is over."
    )


def test_history_and_a_failure_name_windows_as_people_do(made, say, build, clock, graph):
    clock.advance(days=1)
    graph.trouble.append(OSError("no net"))
    build(graph.Rates())
    said = say("history Rates")
    assert [line.split()[0] for line in said.lines if line[0] == "2"] == [
        "2026-11-23",
        "2026-11-22",
    ]
    assert "failed top/rates of 2026-11-23, at 2026-11-23 12:34 " in say("status").out


def test_rebuild_tells_what_is_of_another_length(made, say, root, clock):
    for name in ("2026-11-21T1230Z", "2026-11-20T0010Z"):
        (root / f"top/rates/{name}.json").write_text("[]")
    said = say("rebuild Rates --since 7d")
    assert (
        "2 stored windows in top/rates since 2026-11-15 12:34 UTC, of another length than a day, "
        "skipped"
    ) in said.lines
    assert say("rebuild Countries --since 12h").code == 0


def test_verify_and_prune_take_what_has_no_window_as_it_is(made, say, root, clock):
    assert "8 outputs" not in say("verify --since 1m").out
    (root / "top/countries/countries.json").write_text("[]")
    clock.advance(days=400)
    assert "top/countries/countries: its output was modified" in say("verify --since 1m").out
    said = say("prune --keep 1d")
    assert said.code == 0, said.err
    assert (root / "top/countries/countries.json").is_file()
    assert (root / "_records/top/countries/countries.json").is_file()


def test_metrics_tell_no_age_of_what_has_none(made, say):
    lines = say("metrics").lines
    assert any('hn_luigi_asset_lag_seconds{asset="top/plan"' in line for line in lines)
    assert not any('lag_seconds{asset="top/countries"' in line for line in lines)


def test_alerts_look_at_all_of_them(made, clock):
    found = find_incidents(watched())
    folders = [each.asset.folder for each in found]
    assert folders == ["top/plan", "top/rates", "top/countries", "top/quotes"]
    assert all(each.is_well for each in found)


def test_check_names_the_window_of_each_as_people_do(made, say, monkeypatch, graph):
    monkeypatch.setattr(graph.Rates, "checks", (lambda value: None,))
    assert say("check Rates").lines[0] == "top/rates of 2026-11-22"
    assert say("check Rates --json").json["window"] == "2026-11-22T0000Z"
    assert say("check Countries").lines[0] == "top/countries"


def test_reasons_name_the_windows_of_a_week_by_day(
    made, say, succeed, settings, monkeypatch, graph
):
    class Report(Asset):
        feed = graph.Rates.feed
        suffix = ".json"
        window_length = "week"

        def requires(self):
            return self.windows(graph.Rates)

        def compute(self, rates):
            return len(rates)

    monkeypatch.setattr(sys.modules["quotes"], "Report", Report, raising=False)
    settings("assets", watch="quotes Report")
    succeed(Report())
    for name in ("2026-11-20T0000Z", "2026-11-21T0000Z"):
        partition = graph.Rates(as_of=name).partition
        partition.store.write(partition.output_key, b"[]")
    said = say("explain Report")
    assert "2 windows are new (2026-11-20 to 2026-11-21)" in " ".join(said.out.split())
