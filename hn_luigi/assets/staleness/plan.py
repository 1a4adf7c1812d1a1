"""What a run would do, told without running anything."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import luigi

from hn_luigi.assets.asset_class import is_asset
from hn_luigi.assets.staleness.evaluate import Verdict
from hn_luigi.assets.staleness.place import objection_to_place
from hn_luigi.assets.staleness.resolve import inputs_of, verdict_at_its_turn, verdicts_on
from hn_luigi.assets.storage import one_look

if TYPE_CHECKING:
    from hn_luigi.assets.asset import Asset


class Plan(Enum):
    """What a run now would do about a task."""

    NOTHING = "nothing"
    MAKE = "make"
    MAKE_IF_CHANGED = "make if its inputs come out changed"
    COPY_LATEST = "copy its output to latest"
    FAIL = "fail"
    """It can't be made any more, or its place is another asset's or is still to be moved to."""


@dataclass(frozen=True)
class Step:
    """One task of a run that is looked at before it happens."""

    task: luigi.Task
    verdict: Verdict
    plan: Plan
    reasons: tuple[str, ...]
    """Of what is stored; what an input that is yet to be made may change is left out."""


def steps_to(asset: Asset) -> list[Step]:
    """What a run of ``asset`` would do now, one step for each task upstream of it and for itself.

    Inputs stand before what is made from them. A run doesn't look behind what is current.
    """
    with one_look():
        verdicts = verdicts_on([asset])
        reached = _reached(asset, verdicts)
        return [
            _step(task, verdicts[task.task_id], reached=task.task_id in reached)
            for task in _upstream_first(asset)
        ]


def _step(task: luigi.Task, verdict: Verdict, *, reached: bool) -> Step:
    if verdict.current or not reached:
        return Step(task, verdict, Plan.NOTHING, verdict.reasons)
    if verdict.needs_only_latest:
        return Step(task, verdict, Plan.COPY_LATEST, verdict.reasons)
    if verdict.lost or verdict.is_taken:
        return Step(task, verdict, Plan.FAIL, verdict.reasons)
    if not is_asset(task):
        return Step(task, verdict, Plan.MAKE, verdict.reasons)
    if objection := objection_to_place(task):
        return Step(task, verdict, Plan.FAIL, (objection,))
    own = verdict_at_its_turn(task)
    return Step(task, verdict, Plan.MAKE_IF_CHANGED if own.current else Plan.MAKE, own.reasons)


def _reached(asset: Asset, verdicts: dict[str, Verdict]) -> set[str]:
    """The ids of the tasks that a run of ``asset`` asks whether they are complete."""
    reached: set[str] = set()
    pending: list[luigi.Task] = [asset]
    while pending:
        task = pending.pop()
        if task.task_id not in reached:
            reached.add(task.task_id)
            if is_asset(task) and not verdicts[task.task_id].current:
                pending.extend(inputs_of(task))
    return reached


def _upstream_first(asset: Asset) -> list[luigi.Task]:
    ordered: dict[str, luigi.Task] = {}
    pending: list[luigi.Task] = [asset]
    while pending:
        task = pending[-1]
        inputs = inputs_of(task) if is_asset(task) else []
        waiting = [t for t in reversed(inputs) if t.task_id not in ordered]
        if waiting:
            pending.extend(waiting)
        else:
            ordered.setdefault(pending.pop().task_id, task)
    return list(ordered.values())
