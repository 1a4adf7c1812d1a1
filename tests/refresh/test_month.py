"""What a month of keeping itself fresh has to hold to, whatever happens in it."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby
from types import ModuleType

import luigi
import pytest

from hn_luigi.assets import Asset, Backoff, Number, RetryPolicy, requires, settings_of, window
from hn_luigi.assets.execution import attempt
from hn_luigi.assets.operations import (
    RUN_VARIABLE,
    prune_windows,
    status_with_failures,
)
from hn_luigi.refresh import facts_of, upcoming
from hn_luigi.watchlist import for_window, watched_lines

from . import month
from .month import OURS, ROLL_UP, SHARE, Month, eventful, is_trouble, table
from .world import Spell, World

BEGIN = datetime(2026, 10, 15)  # summer time ends on the 25th, in Berlin
GRAPHS = pytest.mark.parametrize("graph", [OURS, ROLL_UP], ids=["ours", "roll-up"])
DAY = timedelta(days=1)


@pytest.fixture(scope="module", params=[OURS, ROLL_UP], ids=["ours", "roll-up"])
def lived(request):
    """An eventful month."""
    lived = Month(eventful(BEGIN), request.param).live()
    print(table(lived))
    return lived


class TestAnEventfulMonth:
    def test_is_late_only_while_something_is_in_the_way(self, lived):
        assert lived.lags
        assert lived.breaches == []

    def test_makes_each_window_once_unless_its_code_changes(self, lived):
        made = Counter(key for run in lived.runs for key in run.made)
        again = {key: count for key, count in made.items() if count > 1}
        changes = len(lived.world.changes)
        for step in lived.graph:
            of_it = [count for key, count in again.items() if key.startswith(f"{step.folder} ")]
            if step.length == month.TEN:
                is_behind = step.folder in [lived.graph[-2].folder, lived.graph[-1].folder]
                assert of_it == [2] * changes * is_behind
            else:
                pace = step.policy.maximum_lag / 2
                assert max(of_it) <= DAY / pace + 2 + changes  # as it begins, and settled

    def test_has_no_run_for_a_window_that_is_over_but_to_settle_it(self, lived):
        for run in lived.runs:
            length = run.what.length
            if run.what.is_settling:
                assert length.end(run.what.start) <= run.at
                assert length.is_open(run.what.start, run.at)
            else:
                assert run.what.start == length.floor(run.at)

    def test_tells_of_each_trouble_once_that_it_began_and_once_that_it_is_over(self, lived):
        def of(told):
            return told.folder, told.kind

        assert lived.told
        for _, told in groupby(sorted(lived.told, key=of), key=of):
            ends = [each.is_over for each in told]
            assert ends == [False, True] * (len(ends) // 2)
        for spell in lived.world.spells:
            if spell.what in ("down", "off", "asleep", "paused"):
                end = spell.end + timedelta(minutes=30)
                begun = [t for t in lived.told if spell.begin <= t.at < end and not t.is_over]
                assert set(Counter(map(of, begun)).values()) <= {1}

    def test_tells_nothing_where_nothing_is_wrong(self, lived):
        def is_wrong(at):
            return any(is_trouble(spell, at) for spell in lived.world.spells)

        for told in lived.told:
            assert any(is_wrong(told.at - timedelta(minutes=ago)) for ago in range(25))

    def test_tries_few_times_a_window(self, lived):
        failed = Counter(
            (run.what.folder, month.TEN.floor(run.at)) for run in lived.runs if run.end != "done"
        )
        assert 0 < max(failed.values()) <= 4


@GRAPHS
def test_a_quiet_day_goes_as_foretold(graph):
    quiet = Month(World(BEGIN, BEGIN + 2 * DAY), graph)
    quiet.world = replace(quiet.world, end=BEGIN + DAY - timedelta(minutes=1))
    quiet.live()
    now, count = quiet.time.now(), len(quiet.runs)
    foretold = upcoming(quiet.facts(), now, now + DAY, SHARE)
    quiet.world = replace(quiet.world, end=quiet.world.end + DAY)
    quiet.live()
    # A run takes its time, but for which an asset upstream would seldom be made by itself.
    root = graph[-1].folder
    done = [run.what for run in quiet.runs[count:]]
    assert len(done) > 140
    assert [(due.start, due.is_settling) for due in done if due.folder == root] == [
        (due.start, due.is_settling) for due in foretold if due.folder == root
    ]
    assert not quiet.told


def test_the_end_of_summer_time_changes_nothing(monkeypatch):
    world = World(datetime(2026, 10, 24), datetime(2026, 10, 26))
    in_utc = Month(world, OURS).live()
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Europe/Berlin")
        time.tzset()
        in_berlin = Month(world, OURS).live()
    time.tzset()
    assert in_berlin.runs == in_utc.runs


# The model of the layer, and the layer.


class graph(luigi.Config):
    code = Number(1, minimum=1, maximum=99)


class Stored(Month):
    """What is stored really is, as the layer stores it; assets are named as the steps are."""

    def facts(self):
        (line,), broken = watched_lines()
        assert not broken
        paused = self.world.spell(self.time.at, "paused")
        since = {line.root.folder: self.world.clock(paused.begin)} if paused else {}
        real = facts_of(line, self.past, since)
        return replace(real, line="the line")

    def make(self, what, run_id):
        self.spend(month.START_UP)
        os.environ[RUN_VARIABLE] = run_id
        (line,), _ = watched_lines()
        assets = {asset.folder: asset for asset in line.assets}
        names = [what.folder]
        if not what.is_settling:
            names = [step.folder for step in self._behind(self.steps[what.folder])]
        for folder in names:
            task = for_window(assets[folder], what.start) if what.is_settling else assets[folder]
            if task.complete():
                continue
            try:
                task.run()
            except OSError:
                return False
            self.just_made.append(f"{folder} {window.name(task.as_of)}")
        return True

    def change_code(self, folder):
        super().change_code(folder)
        self.set("graph", code=self.code[folder])

    def prune(self, before):
        (line,), _ = watched_lines()
        prune_windows([asset.dataset for asset in line.assets], before=before)

    def statuses(self):
        (line,), _ = watched_lines()
        return status_with_failures(line.assets)

    def _newest(self, step):
        """For the lag: what the statuses say is the alerts' business."""
        return None


def classes_of(steps, lived):
    """The assets that ``steps`` stand for, upstream first, which ask of what ``lived`` is there."""
    module = sys.modules["month_graph"] = ModuleType("month_graph")
    made = {}

    def body(step):
        def compute(self, *inputs):
            if not lived()[0].ask(step):
                raise OSError("no")
            return [self.key, str(window.now()), *map(str, inputs)]

        values = {
            "__module__": "month_graph",
            "suffix": ".json",
            "freshness": step.policy,
            "capture": step.requests > 0,
            "stored_as": step.folder,
            "compute": compute,
        }
        if step.requests:
            retry = RetryPolicy(month.RETRIES, month.DELAY, Backoff.EXPONENTIAL)
            values["retry"], values["expected_errors"] = retry, (OSError,)
        if step is steps[-2]:
            values["settings"] = lambda self: settings_of(graph(), "code")
        if step.length != month.TEN:
            values["window_length"] = "day"
        return values

    for step in steps:
        sources = [made[folder] for folder in step.inputs]
        values = body(step)
        if step.length != month.TEN:
            (source,) = sources
            values["requires"] = lambda self, source=source: self.windows(source)
            sources = []
        kind = type(Asset)(step.folder.title(), (Asset,), values)
        made[step.folder] = requires(*sources)(kind) if sources else kind
        setattr(module, kind.__name__, made[step.folder])
    return made


@GRAPHS
def test_the_layer_does_what_its_model_does(graph, settings, monkeypatch):
    """In hours in which the API is down, code changes, somebody prunes, and a clock is set."""
    begin = datetime(2026, 11, 22, 20)

    def at(minutes):
        return begin + timedelta(minutes=minutes)

    world = World(
        begin,
        at(6 * 60),
        (
            Spell("down", at(32), at(64)),
            Spell("off", at(95), at(131)),
            Spell("asleep", at(158), at(181)),
            Spell("paused", at(191), at(202)),
            Spell("down", at(223), at(242)),  # over midnight
        ),
        ((at(283), timedelta(hours=1)), (at(303), -timedelta(hours=1))),
        changes=(at(265),),
        prunes=(at(275),),
    )
    modelled = Month(world, graph).live()
    real = Stored(world, graph)
    real.set = settings
    monkeypatch.setenv(RUN_VARIABLE, "")
    monkeypatch.setattr(window, "now", real.time.now)
    monkeypatch.setattr(attempt, "sleep", real.spend)
    classes_of(graph, lambda: [real])
    settings("assets", watch=f"month_graph {graph[-1].folder.title()}")
    real.live()
    assert [(r.at, r.what.folder, r.what.start, r.end, r.made) for r in real.runs] == [
        (r.at, r.what.folder, r.what.start, r.end, r.made) for r in modelled.runs
    ]
    assert real.told == modelled.told
