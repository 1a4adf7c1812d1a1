"""What a run would do, told without running anything."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import luigi

from hn_luigi.assets.definition import AssetDefinition, is_asset
from hn_luigi.assets.staleness.evaluate import Category, Cause, Staleness
from hn_luigi.assets.staleness.place import objection_to_place
from hn_luigi.assets.staleness.required import upstream_first
from hn_luigi.assets.staleness.resolve import staleness_of, staleness_when_run
from hn_luigi.assets.storage import cached_requests


class Plan(Enum):
    """What a run now would do about a task."""

    NOTHING = "nothing"
    MAKE = "make"
    MAKE_IF_CHANGED = "make if its inputs change"
    COPY_LATEST = "copy its output to latest"
    FAIL = "fail"
    """It can't be made any more, or its place is another asset's or is still to be moved to."""


@dataclass(frozen=True)
class Step:
    """One task of a run that is looked at before it happens."""

    task: luigi.Task
    staleness: Staleness
    plan: Plan
    causes: tuple[Cause, ...]
    """Of what is stored; what an input that is yet to be made may change is left out."""

    @property
    def reasons(self) -> tuple[str, ...]:
        """The causes in words."""
        return tuple(cause.reason for cause in self.causes)


def steps_to(asset: AssetDefinition) -> list[Step]:
    """What a run of ``asset`` would do now, one step for each task upstream of it and for itself.

    Inputs stand before what is made from them. A run doesn't look behind what is current.
    """
    with cached_requests():
        staleness_by_id = staleness_of([asset])
        reached = upstream_first(
            [asset],
            passes=lambda task: is_asset(task) and not staleness_by_id[task.task_id].current,
        )
        asked = {node.task.task_id for node in reached}
        return [
            _step(node.task, staleness_by_id[node.task.task_id], node.task.task_id in asked)
            for node in upstream_first([asset])
        ]


def _step(task: luigi.Task, staleness: Staleness, is_asked: bool) -> Step:
    # What the scheduler asks decides whether the task's turn comes, and what the run asks then, as
    # far as it can be told before its inputs are made, what it does.
    plan, causes = Plan.MAKE, staleness.causes
    if staleness.current or not is_asked:
        plan = Plan.NOTHING
    elif staleness.needs_only_latest:
        plan = Plan.COPY_LATEST
    elif staleness.lost or staleness.is_taken:
        plan = Plan.FAIL
    elif is_asset(task):
        if objection := objection_to_place(task):
            plan, causes = Plan.FAIL, (Cause(Category.PLACE, objection),)
        else:
            own = staleness_when_run(task)
            plan, causes = Plan.MAKE_IF_CHANGED if own.current else Plan.MAKE, own.causes
    return Step(task, staleness, plan, causes)
