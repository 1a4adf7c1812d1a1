"""``hn-luigi explain``: why an asset would be made, and what a run would do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click
import luigi
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from hn_luigi.assets import Asset
from hn_luigi.assets.operations import Plan, Step, inputs_of, is_asset, steps_to, window
from hn_luigi.cli.command import Command, missing_root
from hn_luigi.cli.options import as_of_option, asset_argument, json_option
from hn_luigi.cli.output import show, show_json, styled, warn
from hn_luigi.cli.status import beyond_missing, staleness_json
from hn_luigi.formatting import listed, of_window, plain
from hn_luigi.watchlist import asset_of


@click.command(cls=Command, needs_root=False)
@asset_argument
@as_of_option
@json_option
def explain(asset: tuple[str, ...], as_of: datetime | None, as_json: bool) -> None:
    """Explain why ASSET would be made now, or not.

    Shows what a run would do, without running anything. What ASSET is made from comes before it,
    each with its state and the reasons. It answers before the first run as well, and then says that
    there is no root yet.

    \b
    Examples:
      hn-luigi explain top/wordcloud
      hn-luigi explain DiskReport --city Paris --as-of 2026-11-22T1230
    """
    if absence := missing_root():
        warn(absence)
    found = asset_of(asset, as_of=as_of)
    steps = steps_to(found)
    if as_json:
        show_json(to_json(found, steps))
    else:
        show(text(found, steps))


def text(asset: Asset, steps: Sequence[Step]) -> RenderableType:
    """A line for each step, inputs first, and the conclusion."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for step in steps:
        grid.add_row(_name(step.task), _said(step, steps))
    return Group(Text(of_window(asset)), Text(), grid, Text(), Text(conclusion(steps)))


def conclusion(steps: Sequence[Step]) -> str:
    """What a run would do, in a sentence or two."""
    makes, perhaps = _names(steps, Plan.MAKE), _names(steps, Plan.MAKE_IF_CHANGED)
    copies, lost = _names(steps, Plan.COPY_LATEST), _names(steps, Plan.FAIL)
    said = []
    if makes:
        said.append(f"make {listed(makes)}")
    if perhaps:
        theirs = "what it is made from" if len(perhaps) == 1 else "what they are made from"
        said.append(f"make {listed(perhaps)} if {theirs} changes")
    if copies:
        said.append(f"copy {listed(copies)} to latest")
    if lost:
        said.append(f"fail: {listed(lost)} can't be made{_why_lost(steps)}")
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
        "name": type(task).__name__ if is_asset(task) else task.task_id,
        "window": window.name(task.as_of) if is_asset(task) else None,
        **staleness_json(step.staleness),
        "plan": step.plan.name.lower(),
    }


def _said(step: Step, steps: Sequence[Step]) -> Text:
    state = step.staleness.state.value
    told = beyond_missing(step.causes)
    reasons = f": {plain('; '.join(told))}" if told else ""
    if step.plan is Plan.MAKE:
        return styled(state, f", would be made{reasons}")
    if step.plan is Plan.COPY_LATEST:
        return styled(state, f", would be copied{reasons}")
    if step.plan is Plan.FAIL:
        any_more = " any more" if step.staleness.lost else ""
        return styled(state, f", can't be made{any_more}{reasons}")
    if step.plan is Plan.MAKE_IF_CHANGED:
        pending = {s.task.task_id for s in steps if s.plan is not Plan.NOTHING}
        inputs = [_name(t) for t in inputs_of(step.task) if t.task_id in pending]
        changes = "changes" if len(inputs) == 1 else "change"
        return styled(state, f", would be made if {listed(inputs)} {changes}")
    if step.staleness.current:
        kept = step.staleness.kept
        return styled(state, f", {plain(kept)}" if kept else "")
    return styled(state, f", but what is made from it is there{reasons}")


def _why_lost(steps: Sequence[Step]) -> str:
    """Why the first of what is lost can't be made; the others are made from it."""
    step = next(step for step in steps if step.plan is Plan.FAIL)
    first = step.task
    if not step.staleness.lost:
        return ", for the reason above"
    if is_asset(first) and first.stored_only:
        return " any more, since latest takes captures as they are stored"
    start = f"{first.own_length().label(first.as_of)} UTC, " if is_asset(first) else ""
    return f" any more, since the window of {_name(first)}, {start}is over"


def _names(steps: Sequence[Step], plan: Plan) -> list[str]:
    return [_name(step.task) for step in steps if step.plan is plan]


def _name(task: luigi.Task) -> str:
    return task.folder if is_asset(task) else str(task)
