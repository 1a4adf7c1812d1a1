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

from hn_luigi.assets import Asset, Backoff, Number, RetryPolicy, settings_of, window
from hn_luigi.assets.execution import attempt
from hn_luigi.assets.operations import (
    RUN_VARIABLE,
    prune_windows,
    status_with_failures,
)
from hn_luigi.refresh import facts_of, upcoming
from hn_luigi.watchlist import for_window, watched, watched_lines

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
        (changed,) = (step for step in lived.graph if step.is_changed)
        for step in lived.graph:
            of_it = [count for key, count in again.items() if key.startswith(f"{step.folder} ")]
            if step.length == month.TEN:
                is_behind = changed in lived._behind(step)
                # And the first of a day, where the day before couldn't be settled first.
                assert len(of_it) in range(changes * is_behind, changes * is_behind + 3)
                assert set(of_it) <= {2}
            else:
                renewed = [each for each in lived.graph if each.length == step.length]
                pace = renewed[-1].policy.maximum_lag / 2
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
    done = [run.what for run in quiet.runs[count:]]
    assert len(done) > 140
    for root, its in zip((line.root.folder for line in quiet.facts()), foretold, strict=True):
        # A run takes its time, but for which an asset upstream would seldom be made by itself.
        assert [(due.start, due.is_settling) for due in done if due.folder == root] == [
            (due.start, due.is_settling) for due in its if due.folder == root
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
        lines, broken = watched_lines()
        assert not broken
        paused = self.world.spell(self.time.at, "paused")
        since = {line.root.folder: self.world.clock(paused.begin) for line in lines if paused}
        return [facts_of(line, self.past, since) for line in lines]

    def make(self, what, run_id):
        self.spend(month.START_UP)
        os.environ[RUN_VARIABLE] = run_id
        assets = {asset.folder: asset for asset in watched()}
        steps = self._of_window if what.is_settling else self._made_with
        for step in steps(what.folder):
            asset = assets[step.folder]
            task = for_window(asset, what.start) if what.is_settling else asset
            if task.complete():
                continue
            try:
                task.run()
            except OSError:
                return False
            self.just_made.append(f"{step.folder} {window.name(task.as_of)}")
        return True

    def change_code(self, folder):
        super().change_code(folder)
        self.set("graph", code=self.code[folder])

    def prune(self, before):
        prune_windows([asset.dataset for asset in watched()], before=before)

    def statuses(self):
        assets = {asset.folder: asset for asset in watched()}
        return status_with_failures([assets[step.folder] for step in self.graph])

    def _newest(self, step):
        """For the lag: what the statuses say is the alerts' business."""
        return None


def requires_of(step, made):
    """What the class of ``step`` requires, of those that are ``made``."""

    def requires(self):
        found = []
        for source in map(made.get, step.inputs):
            same = source.window_length == self.window_length
            found.append(self.clone(source) if same else self.windows(source))
        if step.yesterday:
            today, source = month.DAY.floor(self.as_of), made[step.yesterday]
            found.append(self.windows(source, since=today - DAY, until=today, optional=True))
        return found

    return requires


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
        if step.is_changed:
            values["settings"] = lambda self: settings_of(graph(), "code")
        if step.length != month.TEN:
            values["window_length"] = "day"
        return values

    for step in steps:
        values = body(step)
        values["requires"] = requires_of(step, made)
        kind = type(Asset)(step.folder.title(), (Asset,), values)
        made[step.folder] = kind
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
    roots = [step.folder.title() for step in reversed(graph) if step.is_root]
    settings("assets", watch="\n".join(f"month_graph {root}" for root in roots))
    real.live()
    assert [(r.at, r.what.folder, r.what.start, r.end, r.made) for r in real.runs] == [
        (r.at, r.what.folder, r.what.start, r.end, r.made) for r in modelled.runs
    ]
    assert real.told == modelled.told
