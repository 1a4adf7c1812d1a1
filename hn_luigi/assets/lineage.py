"""What an asset is made from, all the way upstream."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

import luigi
from luigi.task import flatten

from hn_luigi.assets import plain
from hn_luigi.assets.asset_class import is_asset
from hn_luigi.assets.provenance import State, Verdict, judge
from hn_luigi.assets.series import Series

if TYPE_CHECKING:
    from hn_luigi.assets.asset import Asset


def inputs_of(task: luigi.Task) -> list[luigi.Task]:
    """The tasks ``task`` directly requires, in order."""
    return list(flatten(task.requires()))


def key_of(task: luigi.Task) -> str:
    """What names ``task`` in records."""
    return task.key if is_asset(task) else str(task.task_id)


def verdicts_on(assets: Iterable[Asset]) -> dict[str, Verdict]:
    """The verdicts on ``assets`` and all that they are made from, by task id, each judged once.

    The walk doesn't pass a plain Luigi task.
    """
    verdicts: dict[str, Verdict] = {}
    newest = cache(Series.newest)  # one listing an asset, however many of its windows are judged
    inputs = cache(inputs_of)
    pending: list[luigi.Task] = list(assets)
    while pending:
        task = pending[-1]
        unjudged = [t for t in inputs(task) if t.task_id not in verdicts] if is_asset(task) else []
        if unjudged:
            pending.extend(unjudged)
            continue
        pending.pop()
        if task.task_id in verdicts:
            continue  # it was required from two sides
        if is_asset(task):
            upstream = {key_of(t): verdicts[t.task_id] for t in inputs(task)}
            verdicts[task.task_id] = judge(task.facts(upstream, newest=newest))
        else:
            verdicts[task.task_id] = plain.verdict_on(task)
    return verdicts


def verdict_at_its_turn(asset: Asset) -> Verdict:
    """The verdict on ``asset`` once what it is made from has had its turn.

    Inputs are taken as they are stored: if one came out identical, or another run is making it
    by other settings, that is what this asset is made from.
    """
    return judge(asset.facts({key_of(task): _as_stored(task) for task in inputs_of(asset)}))


def _as_stored(task: luigi.Task) -> Verdict:
    if not is_asset(task):
        return plain.verdict_on(task)
    version = task.slot.version()
    if version is None:
        return Verdict(State.MISSING, ("its output is missing",), lost=True)
    return Verdict(State.CURRENT, version=version)
