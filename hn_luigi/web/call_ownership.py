"""Whose a call of Luigi's API is: nobody speaks for another's worker, or describes its tasks.

Luigi 3.8.1's worker imports and runs what the scheduler hands it, and ``add_task`` may name any
worker: whoever reached the scheduler would act as each worker's user.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from luigi.scheduler import Scheduler

from hn_luigi.web.call_arguments import CallRefused

_BY_OWNER = "_hn_luigi_by_owner"


class NotItsWorker(CallRefused):
    """A call names a worker of another client's."""

    status = 403


@dataclass
class _Owner:
    proof: str
    seen: float


class WorkerOwners:
    """Whose each worker is: the client's that named it first, until it is silent for too long.

    A worker proves that it is the same by a secret of its process, if that has imported hn_luigi;
    of others it is known which user, or which machine, they are of.

    Args:
        seconds: after which a worker that says nothing counts as dead.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._owners: dict[str, _Owner] = {}

    def require(self, worker: str, proof: str) -> None:
        """Raise NotItsWorker if ``worker`` is another's than who gives that ``proof``."""
        now = self._clock()
        owner = self._owners.get(worker)
        if owner is None:
            # Forgotten here and not by a timer: names cost memory only while new ones come.
            alive = {w: o for w, o in self._owners.items() if now - o.seen <= self._seconds}
            self._owners = {**alive, worker: _Owner(proof, now)}
        elif owner.proof != proof and now - owner.seen <= self._seconds:
            raise NotItsWorker(
                "That worker is another client's: calls in its name have to come from the process, "
                f"user and machine of the first, until it has been silent for {self._seconds:g} s"
            )
        else:
            self._owners[worker] = _Owner(proof, now)


class TaskDescriptions:
    """Whose words tasks stand in: of this server's own user, or of others who have the token.

    A worker that is handed a task of its own knows the class. Of tasks that make a batch it is
    handed a family, a module, which it imports, and parameters, as whoever named them first said;
    and any pending ones of the family are in it. So those of the one side and of the other make
    no batch: each is run by itself.

    That is kept as an attribute of the scheduler's own tasks, which are pickled with their state:
    a table beside them would be empty after a restart, when the tasks are still there.
    """

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        tasks = scheduler._state.get_active_tasks()
        self._families: dict[str, bool | None] = {
            task.family: _is_the_owners(task) for task in tasks
        }

    def add(self, arguments: dict[str, Any], *, by_owner: bool) -> None:
        """Add a task as ``add_task`` is to have it."""
        name, family = arguments["task_id"], arguments.get("family") or ""
        known = self._scheduler._state.get_task(name)
        is_new = known is None or not known.family
        whose = {self._families.setdefault(family, by_owner) if family else by_owner}
        if not is_new:
            whose |= {_is_the_owners(known), self._families.get(known.family, by_owner)}
        is_mixed = whose != {by_owner}
        if is_mixed:
            arguments = {**arguments, "batchable": False}
        self._scheduler.add_task(**arguments)
        task = self._scheduler._state.get_task(name)
        if task is not None and (is_new or is_mixed):
            setattr(task, _BY_OWNER, None if is_mixed else by_owner)


def _is_the_owners(task: Any) -> bool | None:
    """Whether it is this server's user's, as all are of a state that doesn't tell; None of both."""
    return cast("bool | None", getattr(task, _BY_OWNER, True))
