"""What Luigi's worker and scheduler take a task for: its id, its turn, its process."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import sys

from luigi.worker import TaskProcess

_RUN = os.urandom(4).hex()
_LOADED_IN = os.getpid()


def ids_at_scheduler(task_id: str, root: str, *, lock_is_global: bool) -> tuple[str, str]:
    """What the id of a task under ``root`` begins with in every run, and is in this one.

    A central scheduler (luigi 3.8.1) knows a task by its id alone. A second worker that asks for
    one that is under way is sent away with exit code 10, or, where its first worker was killed,
    kept waiting for ``worker_disconnect_delay``, up to 60 s of pruning, and ``retry_delay``
    (900 s); settings of the scheduler's side alone. Where the asset's lock excludes everybody, it
    does better: the second run waits for it and then finds that there is nothing to do. So there
    each run's ids are its own. Elsewhere they are each root's, so that the scheduler does exclude
    between machines, and yet keeps two roots apart.
    """
    begins = f"{task_id}_{hashlib.sha256(root.encode()).hexdigest()[:8]}"
    return begins, f"{begins}_{_RUN}" if lock_is_global else begins


def is_called_at_turn() -> bool:
    """Whether who calls this is asked by Luigi's worker just before it runs the task.

    ``TaskProcess.run`` (luigi 3.8.1) then asks ``deps()`` for what must be complete, and fails
    the task where something isn't; nothing that it passes tells that question from the
    scheduling one, but who asks. ``[worker] check_unfulfilled_deps = false`` turns the question
    off for all, users' own plain tasks too, for which it is right.
    """
    return sys._getframe(2).f_code is TaskProcess.run.__code__


def is_unforked_process() -> bool:
    """Whether a worker started this process by other means than a fork.

    It then has loaded this module itself, and lost the configuration and the flags that Luigi
    was given (Python 3.14's default on Linux).
    """
    process = multiprocessing.current_process()
    return isinstance(process, TaskProcess) and os.getpid() == _LOADED_IN
