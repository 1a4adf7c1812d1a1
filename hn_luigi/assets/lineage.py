"""What an asset is made from, all the way upstream."""

from __future__ import annotations

from typing import TYPE_CHECKING

import luigi
from luigi.task import flatten

from hn_luigi.assets import plain
from hn_luigi.assets.asset_class import is_asset
from hn_luigi.assets.provenance import Verdict, judge

if TYPE_CHECKING:
    from hn_luigi.assets.asset import Asset


def inputs_of(task: luigi.Task) -> list[luigi.Task]:
    """The tasks ``task`` directly requires, in order."""
    return list(flatten(task.requires()))


def key_of(task: luigi.Task) -> str:
    """What names ``task`` in records."""
    return task.key if is_asset(task) else str(task.task_id)


def verdict_on(asset: Asset) -> Verdict:
    """The verdict on ``asset``, after one on each task it is made from, each judged once.

    The walk doesn't pass a plain Luigi task.
    """
    verdicts: dict[str, Verdict] = {}
    pending: list[luigi.Task] = [asset]
    while pending:
        task = pending[-1]
        inputs = inputs_of(task) if is_asset(task) else []
        unjudged = [t for t in inputs if t.task_id not in verdicts]
        if unjudged:
            pending.extend(unjudged)
            continue
        pending.pop()
        if task.task_id in verdicts:
            continue  # it was required from two sides
        if is_asset(task):
            facts = task.facts({key_of(t): verdicts[t.task_id] for t in inputs})
            verdicts[task.task_id] = judge(facts)
        else:
            verdicts[task.task_id] = plain.verdict_on(task)
    return verdicts[asset.task_id]
