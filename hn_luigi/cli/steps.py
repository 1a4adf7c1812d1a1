"""The steps of a run on standard error: a line each, with why it was made and how long it took."""

from __future__ import annotations

import logging
import multiprocessing
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import luigi
from luigi import Event
from luigi.configuration import get_config
from luigi.rpc import RPCError

from hn_luigi.assets import Asset
from hn_luigi.assets.operations import MAKING, WAITING
from hn_luigi.cli.output import complain
from hn_luigi.formatting import duration, of_window, plain


@contextmanager
def told_steps(root: Asset, *, with_luigis_log: bool) -> Iterator[None]:
    """Within it, tell of the steps of a run that is to make ``root``.

    Args:
        root: what the run is to make.
        with_luigis_log: Luigi's own log is shown as well, as it is configured.
    """
    steps = _Steps(root)
    log = logging.getLogger("luigi-interface")
    if not with_luigis_log:
        get_config().set("core", "no_configure_logging", "true")
        log.addHandler(steps)
    for event, tell in steps.events.items():
        luigi.Task.event_handler(event)(tell)
    try:
        yield
    finally:
        for event, tell in steps.events.items():
            luigi.Task.remove_event_handler(event, tell)
        log.removeHandler(steps)
        steps.clear()


def name_of(task: luigi.Task) -> str:
    """What people call a task: an asset by its folder, and its window if it has one."""
    return of_window(task) if isinstance(task, Asset) else str(task)


class _Steps(logging.Handler):
    """What is told of steps, and of Luigi's log only warnings and errors.

    Luigi calls the events' functions, in a process for each step where it has several workers.
    """

    def __init__(self, root: Asset) -> None:
        super().__init__(logging.WARNING)
        self.events: Mapping[str, Callable[..., None]] = {
            Event.DEPENDENCY_PRESENT: self._present,
            Event.START: self._start,
            Event.SUCCESS: self._success,
            Event.FAILURE: self._failure,
            MAKING: self._making,
            WAITING: self._waiting,
        }
        self._root = root
        self._started: dict[str, float] = {}
        self._reasons: dict[str, str] = {}
        self._has_line = False

    def emit(self, record: logging.LogRecord) -> None:
        """Tell what Luigi, or the layer, logs as a warning or an error."""
        kind, _, traceback = record.exc_info or (None, None, None)
        if kind and (traceback is None or issubclass(kind, RPCError)):
            return  # expected, or of the scheduler: the error will be the run's last line
        message = record.getMessage()
        if record.levelno >= logging.ERROR or record.name != "luigi-interface":
            message = self.format(record)  # with its traceback; Luigi's warnings do without
        self._say(f"{record.levelname}: {message}")

    def clear(self) -> None:
        """Take off the terminal what stands there only for now."""
        if self._has_line:
            self._has_line = False
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def _present(self, task: luigi.Task) -> None:
        if task == self._root:
            self._say(f"{name_of(task)} is current: nothing to do")

    def _start(self, task: luigi.Task) -> None:
        self._started[task.task_id] = time.monotonic()

    def _waiting(self, asset: Asset) -> None:
        self._say(f"{name_of(asset)} is being made by another process: waiting for it")

    def _making(self, asset: Asset, reasons: Sequence[str]) -> None:
        why = self._reasons[asset.task_id] = plain("; ".join(reasons))
        is_alone = multiprocessing.parent_process() is None  # else several would share the line
        if is_alone and sys.stderr is not None and sys.stderr.isatty():
            self.clear()
            line = f"Making {name_of(asset)}: {why}"
            width = shutil.get_terminal_size().columns - 1  # one that wraps can't be taken off
            print(plain(line, width), end="", file=sys.stderr, flush=True)
            self._has_line = True

    def _success(self, task: luigi.Task) -> None:
        why = self._reasons.get(task.task_id)
        if why is None and isinstance(task, Asset):
            self._say(f"{name_of(task)} is current: nothing to do")
        elif not isinstance(task, luigi.WrapperTask):
            self._say(f"Made {name_of(task)} in {self._took(task)}" + (f": {why}" if why else ""))

    def _failure(self, task: luigi.Task, error: BaseException) -> None:
        self._say(f"Failed: {name_of(task)}, after {self._took(task)}")

    def _took(self, task: luigi.Task) -> str:
        started = self._started.get(task.task_id)  # none where it failed before it began
        return duration(0 if started is None else time.monotonic() - started)

    def _say(self, text: str) -> None:
        self.clear()
        for line in text.splitlines():
            complain(line)
