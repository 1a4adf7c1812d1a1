"""The steps of a run on standard error: a line each, with why it was made and how long it took."""

from __future__ import annotations

import multiprocessing
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext

import luigi
from luigi import Event

from hn_luigi.assets import Asset
from hn_luigi.assets.operations import MAKING, WAITING, event_handlers, warnings_told
from hn_luigi.cli.output import complain
from hn_luigi.formatting import duration, of_window, plain


@contextmanager
def told_steps(root: Asset, *, with_luigis_log: bool) -> Iterator[None]:
    """Within it, tell of the steps of a run that is to make ``root``.

    Args:
        root: what the run is to make.
        with_luigis_log: Luigi's own log is shown as well, as it is configured, and not only its
            warnings and errors.
    """
    steps = _Steps(root)
    with (
        event_handlers(steps.events),
        nullcontext() if with_luigis_log else warnings_told(steps.say),
    ):
        try:
            yield
        finally:
            steps.clear()


def name_of(task: luigi.Task) -> str:
    """What people call a task: an asset by its folder, and its window if it has one."""
    return of_window(task) if isinstance(task, Asset) else str(task)


class _Steps:
    """What is told of steps; Luigi calls it, where it has several workers in a process a step."""

    def __init__(self, root: Asset) -> None:
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

    def clear(self) -> None:
        """Take off the terminal what stands there only for now."""
        if self._has_line:
            self._has_line = False
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def say(self, text: str) -> None:
        """Print ``text`` in the place of that."""
        self.clear()
        for line in text.splitlines():
            complain(line)

    def _present(self, task: luigi.Task) -> None:
        if task == self._root:
            self.say(f"{name_of(task)} is current: nothing to do")

    def _start(self, task: luigi.Task) -> None:
        self._started[task.task_id] = time.monotonic()

    def _waiting(self, asset: Asset) -> None:
        self.say(f"{name_of(asset)} is being made by another process: waiting for it")

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
            self.say(f"{name_of(task)} is current: nothing to do")
        elif not isinstance(task, luigi.WrapperTask):
            self.say(f"Made {name_of(task)} in {self._took(task)}" + (f": {why}" if why else ""))

    def _failure(self, task: luigi.Task, error: BaseException) -> None:
        self.say(f"Failed: {name_of(task)}, after {self._took(task)}")

    def _took(self, task: luigi.Task) -> str:
        started = self._started.get(task.task_id)  # none where it failed before it began
        return duration(0 if started is None else time.monotonic() - started)
