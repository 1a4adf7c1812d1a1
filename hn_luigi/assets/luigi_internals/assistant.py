"""Luigi's assistants: workers that make whatever a scheduler hands them, and so can't make assets.

Luigi 3.8.1 hands over module, family and parameters, and no setting, no root, no flag: an assistant
with another root made the asset there, under another id, and the run that had asked for it hung.
"""

from __future__ import annotations

import socket
import sys
from types import FrameType

from luigi.interface import core
from luigi.worker import Worker

from hn_luigi.assets.errors import SettingError
from hn_luigi.assets.luigi_internals.command_line import refuse
from hn_luigi.assets.luigi_internals.scheduling import workers_in_this_process

_WHY = (
    "can't make assets, since Luigi's scheduler tells it neither their settings nor their root: "
    "start the same luigi command in its place, and both share the work by the assets' locks"
)


def refuse_as_assistant() -> None:
    """End a command line that is to be an assistant's, in a line, as for a bad setting.

    Not where a scheduler hands one of our tasks to an assistant of plain ones, which may be in the
    middle of others: only that task is refused there, by ``require_no_assistant``.
    """
    # That parameter alone: a bad one of the others is Luigi's to tell of, when it reads them.
    if core.assistant.task_value("core", "assistant") and id_handed_over() is None:
        refuse(f"an assistant (--assistant, [core] assistant) {_WHY}")


def require_no_assistant(task: object) -> None:
    """Raise SettingError if ``task`` is asked or run by an assistant."""
    # luigi.build(assistant=True) has no command line, and makes its worker after its tasks.
    if any(worker._assistant for worker in workers_in_this_process()):
        host = socket.gethostname()
        raise SettingError(f"{task} was given to an assistant on {host}, which {_WHY}")


def id_handed_over() -> str | None:
    """The id at its scheduler of the task that a worker is handed now; None if it isn't."""
    # Worker._get_work imports and makes the task ("will load it dynamically"), and notes it by that
    # id; if its own differs, as that of each run does, the worker dies of a KeyError once it ends.
    # Nothing that is passed on tells of it. Rejected: to raise where it is made. TaskClassException
    # is the one kind that doesn't end the worker, and Luigi then hands the error itself to a remote
    # scheduler, which takes JSON.
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code is not Worker._get_work.__code__:
        frame = frame.f_back
    return None if frame is None else frame.f_locals.get("task_id")
