"""The promise of ``--as-of latest``: what is taken as it is stored requires only what is.

It travels with the tasks themselves, not with a process, so that a run may hold one task of it
beside others, and holds for whatever way ``requires()`` is written: what that returns, or a
``run()`` with dependencies of its own yields, is exchanged for its like that is stored only.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import closing
from functools import partial
from typing import Any

import luigi
from luigi.parameter import ParameterVisibility
from luigi.task import DynamicRequirements


class StoredOnly(luigi.BoolParameter):
    """Whether a task takes captures as they are stored, and so all that it requires."""

    def __set__(self, instance: Any, value: bool) -> None:
        super().__set__(instance, value)
        if value:
            _hold(instance)


STORED_ONLY = StoredOnly(
    default=False,
    significant=False,
    positional=False,
    visibility=ParameterVisibility.HIDDEN,
    description="Take captures as they are stored; --as-of latest does.",
)


def each_required(required: Any, change: Callable[[luigi.Task], Any]) -> Any:
    """``required``, as a ``requires()`` returns it, with what ``change`` makes of each task.

    What can be gone through only once becomes a list, and None an empty one.
    """
    if required is None:
        return []
    if isinstance(required, luigi.Task):
        return change(required)
    if isinstance(required, Mapping):
        return {name: each_required(each, change) for name, each in required.items()}
    if not isinstance(required, Iterable) or isinstance(required, (str, bytes)):
        return required
    changed = [each_required(each, change) for each in required]
    if isinstance(required, (set, frozenset)):
        return frozenset(changed)
    return tuple(changed) if isinstance(required, tuple) else changed


def _hold(task: luigi.Task) -> None:
    """Have all that ``task`` requires be stored only."""
    # Partials of functions, so that the task can be pickled, as for --parallel-scheduling.
    task.requires = partial(_required, task)  # type: ignore[method-assign]
    if callable(task.run):  # an external task's is None
        task.run = partial(_run, task)  # type: ignore[method-assign]


def _held(task: luigi.Task) -> luigi.Task:
    """The like of ``task`` that is stored only."""
    if "stored_only" in task.param_kwargs:
        return task.clone(stored_only=True)  # type: ignore[no-any-return]
    held = copy.copy(task)  # for a plain task; the instance itself may be another run's as well
    _hold(held)
    return held


def _required(task: luigi.Task) -> Any:
    return each_required(type(task).requires(task), _held)


def _run(task: luigi.Task) -> Any:
    steps = type(task).run(task)
    return _steps(steps) if isinstance(steps, Generator) else steps


def _steps(steps: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
    answer = None
    with closing(steps):
        while True:
            try:
                required = steps.send(answer)
            except StopIteration:
                return
            if isinstance(required, DynamicRequirements):
                required = DynamicRequirements(
                    each_required(required.requirements, _held), required.custom_complete
                )
            else:
                required = each_required(required, _held)
            answer = yield required
