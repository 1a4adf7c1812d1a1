"""The promise of ``--as-of latest``: what is taken as it is stored requires only what is.

It travels with the tasks themselves, and holds for whatever way ``requires()`` is written: what
that returns, or a ``run()`` with dependencies of its own yields, is exchanged for its like that
is stored only.
"""

# Rejected: a flag of the process, since a run may hold one task of it beside others, and a worker
# takes tasks that others have scheduled; a significant parameter, which would be part of what an
# asset is, and give the window another path; luigi.util.requires alone, which hands the parameter
# on only where clone() is used, and to no plain task.

from __future__ import annotations

import copy
import inspect
import json
from collections.abc import Generator, Mapping
from contextlib import closing
from functools import partial
from typing import Any

import luigi
from luigi.parameter import ParameterVisibility
from luigi.task import DynamicRequirements
from luigi.task_register import load_task

from hn_luigi.assets.luigi_internals.task_structure import map_tasks


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


class Yielded(luigi.Task):
    """A plain task that a ``run()`` yields which is stored only, and so it is.

    Luigi makes what is yielded anew, in another process maybe, from module, family and the text
    of its parameters (``worker.py``, ``load_task``); a plain task has none that could say it.
    """

    task_namespace = "hn_luigi"
    named = luigi.Parameter(visibility=ParameterVisibility.HIDDEN)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[no-untyped-call]
        self._stands_for = self.from_str_params({"named": self.named})

    @classmethod
    def of(cls, task: luigi.Task) -> Yielded:
        """What to yield in the place of ``task``."""
        # The three that Luigi's worker hands to load_task by itself.
        name = [task.task_module, task.task_family, task.to_str_params()]
        return cls(named=json.dumps(name))

    @classmethod
    def from_str_params(cls, params_str: Mapping[str, str]) -> luigi.Task:
        """The task itself, for Luigi's worker to run."""
        return _held(load_task(*json.loads(params_str["named"])))

    def complete(self) -> bool:
        """Whether the task itself is."""
        return bool(self._stands_for.complete())

    def output(self) -> Any:
        """What the task itself has."""
        return self._stands_for.output()


def _hold(task: luigi.Task) -> None:
    """Have all that ``task`` requires be stored only."""
    # Partials of functions, so that the task can be pickled, as for --parallel-scheduling.
    task.requires = partial(_tasks, "requires", task, _own(task, "requires"))  # type: ignore[method-assign]
    if callable(task.run):  # an external task's is None
        task.run = partial(_run, "run", task, _own(task, "run"))  # type: ignore[method-assign]


def _held(task: luigi.Task) -> luigi.Task:
    """The like of ``task`` that is stored only."""
    if _is_told(task):
        return task.clone(stored_only=True)  # type: ignore[no-any-return]
    held = copy.copy(task)  # for a plain task; the instance itself may be another run's as well
    _hold(held)
    held.deps = partial(_tasks, "deps", held, _own(held, "deps"))  # type: ignore[method-assign]
    return held


def _yielded(task: luigi.Task) -> luigi.Task:
    # An asset's parameter goes through the text; a plain task's attribute would not.
    return _held(task) if _is_told(task) else Yielded.of(task)


def _is_told(task: luigi.Task) -> bool:
    """Whether a parameter says that ``task`` is stored only, or isn't."""
    return "stored_only" in task.param_kwargs


def _own(task: luigi.Task, name: str) -> Any:
    """The method of the instance alone, if it has one, beneath what holds it."""
    # Luigi's cache hands out one instance for the same parameters, which may be held already.
    method = vars(task).get(name)
    if isinstance(method, partial) and method.func in (_tasks, _run):
        return method.args[2]
    return method


def _method(name: str, task: luigi.Task, own: Any) -> Any:
    """The method called ``name`` that ``_hold`` covers, static or of the class, too."""
    if own is not None:
        return own
    method = inspect.getattr_static(type(task), name)
    bind = getattr(type(method), "__get__", None)
    return bind(method, task, type(task)) if bind else method


def _tasks(name: str, task: luigi.Task, own: Any) -> Any:
    return map_tasks(_method(name, task, own)(), _held)


def _run(name: str, task: luigi.Task, own: Any) -> Any:
    steps = _method(name, task, own)()
    return _steps(steps) if isinstance(steps, Generator) else steps


def _steps(steps: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
    # Luigi (TaskProcess._run_get_new_deps) runs a generator anew from its beginning each time that
    # what it yields isn't complete; so nothing is kept here from one step to the next.
    answer = None
    with closing(steps):
        while True:
            try:
                required = steps.send(answer)
            except StopIteration:
                return
            if isinstance(required, DynamicRequirements):
                required = DynamicRequirements(
                    map_tasks(required.requirements, _yielded), required.custom_complete
                )
            else:
                required = map_tasks(required, _yielded)
            answer = yield required
