"""Why an asset would be made and what a run would do, as ``hn-luigi explain`` tells it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import luigi
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from hn_luigi.assets import Asset, window
from hn_luigi.assets.asset_class import is_asset
from hn_luigi.assets.lineage import inputs_of
from hn_luigi.assets.plan import Plan, Step
from hn_luigi.assets.provenance import State
from hn_luigi.cli import show


def text(asset: Asset, steps: Sequence[Step]) -> RenderableType:
    """A line for each step, inputs first, and what it all comes to."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for step in steps:
        grid.add_row(_name(step.task), _said(step, steps))
    head = Text(f"{asset.folder}, window {window.name(asset.as_of)}")
    return Group(head, Text(), grid, Text(), Text(conclusion(steps)))


def conclusion(steps: Sequence[Step]) -> str:
    """What a run would do, in a sentence or two."""
    makes, perhaps = _names(steps, Plan.MAKE), _names(steps, Plan.MAKE_IF_CHANGED)
    copies, lost = _names(steps, Plan.COPY_LATEST), _names(steps, Plan.FAIL)
    said = []
    if makes:
        said.append(f"make {show.listed(makes)}")
    if perhaps:
        said.append(f"make {show.listed(perhaps)} if what stands before comes out changed")
    if copies:
        said.append(f"copy {show.listed(copies)} to latest")
    if lost:
        said.append(f"fail: {show.listed(lost)} can't be made any more, {_why_lost(steps)}")
    return f"A run would {', and '.join(said)}." if said else "Nothing would be made."


def to_json(asset: Asset, steps: Sequence[Step]) -> dict[str, Any]:
    """The facts; ``plan`` is one of the names of ``Plan`` in lower case."""
    return {
        "asset": asset.folder,
        "window": window.name(asset.as_of),
        "conclusion": conclusion(steps),
        "steps": [_step_json(step) for step in steps],
    }


def _step_json(step: Step) -> dict[str, Any]:
    task = step.task
    return {
        "asset": task.folder if is_asset(task) else None,
        "name": _name(task),
        "window": window.name(task.as_of) if is_asset(task) else None,
        "state": step.verdict.state.value,
        "reasons": list(step.verdict.reasons),
        "lost": step.verdict.lost,
        "plan": step.plan.name.lower(),
    }


def _said(step: Step, steps: Sequence[Step]) -> Text:
    state = step.verdict.state.value
    missing = step.verdict.state is State.MISSING
    reasons = "" if missing else f": {show.plain('; '.join(step.reasons))}"
    if step.plan is Plan.MAKE:
        return show.styled(state, f", would be made{reasons}")
    if step.plan is Plan.COPY_LATEST:
        return show.styled(state, f", would be copied{reasons}")
    if step.plan is Plan.FAIL:
        return show.styled(state, f", can't be made any more{reasons}")
    if step.plan is Plan.MAKE_IF_CHANGED:
        pending = {s.task.task_id for s in steps if s.plan is not Plan.NOTHING}
        inputs = [_name(t) for t in inputs_of(step.task) if t.task_id in pending]
        return show.styled(state, f", would be made if {show.listed(inputs)} comes out changed")
    if step.verdict.current:
        return show.styled(state)
    return show.styled(state, f", but what is made from it is there{reasons}")


def _why_lost(steps: Sequence[Step]) -> str:
    """Why the first of what is lost can't be made; the others are made from it."""
    first = next(step.task for step in steps if step.plan is Plan.FAIL)
    if is_asset(first) and first.stored_only:
        return "since latest takes captures as they are stored"
    start = f"{first.as_of:%Y-%m-%d %H:%M} UTC, " if is_asset(first) else ""
    return f"since the window of {_name(first)}, {start}is over"


def _names(steps: Sequence[Step], plan: Plan) -> list[str]:
    return [_name(step.task) for step in steps if step.plan is plan]


def _name(task: luigi.Task) -> str:
    return type(task).__name__ if is_asset(task) else str(task.task_id)
