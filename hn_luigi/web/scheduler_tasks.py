"""The tasks that workers have under way, as the scheduler knows them."""

from __future__ import annotations

import html
from dataclasses import dataclass

from luigi.scheduler import Scheduler


@dataclass(frozen=True)
class RunningTask:
    """A task that a worker has under way."""

    task_id: str
    message: str
    """What it last said, empty if nothing."""
    percent: int | None
    """How far it is, None if it doesn't tell."""


def running_tasks(scheduler: Scheduler) -> list[RunningTask]:
    """The tasks under way; to be called in the scheduler's own thread."""
    # Without a limit: by default Luigi answers with a mere count beyond 100,000 tasks.
    tasks = scheduler.task_list(status="RUNNING", upstream_status="", limit=False)
    return [
        RunningTask(
            task_id=name,
            # Messages are escaped on their way in, see ``call_arguments``.
            message=html.unescape(task.get("status_message") or ""),
            percent=task.get("progress_percentage"),
        )
        for name, task in tasks.items()
    ]
