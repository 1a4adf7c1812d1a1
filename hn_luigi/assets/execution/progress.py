"""What a running step tells the people who watch it: a bar, the visualiser, its record."""

from __future__ import annotations

import html
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import luigi

if TYPE_CHECKING:
    from tqdm import tqdm

# A call to the central scheduler is synchronous and takes about 3 ms: 500 items, told one by one
# in two calls each, would add 3 s to a fetch.
_SECONDS_BETWEEN_CALLS = 1.0


class Progress:
    """What is told of one run of ``task``.

    The scheduler is told at most once a second, and no more once it fails to answer: watching
    a step must never fail or slow it.
    """

    def __init__(self, task: luigi.Task, clock: Callable[[], float] = time.monotonic) -> None:
        self.metadata: dict[str, Any] = {}
        self._task = task
        self._clock = clock
        self._told_at = -_SECONDS_BETWEEN_CALLS
        self._reachable = True
        self._bar: tqdm[Any] | None = None

    def restart(self) -> None:
        """Forget what an attempt that failed has told."""
        self.metadata.clear()
        self.close()

    def say(self, message: str) -> None:
        """Show ``message`` as the step's status, as the text that it is."""
        # Luigi's visualiser (3.8.1, visualiserApp.js: .html(data.statusMessage)) takes it for HTML,
        # and parts of it may be a stranger's: a title, what a server answered. It has to be escaped
        # before it enters the scheduler, which keeps it for all who look.
        self.tell(self._task.set_status_message, html.escape(message, quote=False))

    def progress(self, done: int, total: int, noun: str) -> None:
        """Say that ``done`` of ``total`` things called ``noun`` are done."""
        if self._bar is None and sys.stderr is not None and sys.stderr.isatty():
            from tqdm import tqdm

            name = type(self._task).__name__
            self._bar = tqdm(total=total, desc=name, unit=f" {noun}", leave=False)
        if self._bar is not None:
            self._bar.update(done - self._bar.n)
        now = self._clock()
        if done < total and now - self._told_at < _SECONDS_BETWEEN_CALLS:
            return
        self._told_at = now
        self.say(f"{done:,} of {total:,} {noun}")
        self.tell(self._task.set_progress_percentage, 100 * done // max(total, 1))

    def tell(self, setter: Callable[[Any], None] | None, value: Any) -> None:
        """Pass ``value`` to one of Luigi's setters, which is None outside a Luigi run."""
        if setter is None or not self._reachable:
            return
        try:
            setter(value)
        # RPCError, after three attempts 30 s apart by default: once is enough. Whatever is wrong
        # with the scheduler, the step goes on.
        except Exception:
            self._reachable = False

    def close(self) -> None:
        """Take the bar off the terminal."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
