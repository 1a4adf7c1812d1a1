"""Watching for a cluster that gives a session nothing to run on, or no more.

Spark waits for ever, and writes a line into its log every 15 s.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from hn_luigi.spark.masters import is_local

if TYPE_CHECKING:
    from pyspark import SparkContext

# Spark's own for how long the first job waits for all workers it may have, before it begins with
# those that are there; it isn't about none at all.
PATIENCE = "spark.scheduler.maxRegisteredResourcesWaitingTime"
"""Of a session's settings: how long it may have nothing to run on; 120 s unless it's said."""
_SECONDS = 120
_SECONDS_BETWEEN_LOOKS = 1.0


class Watchdog:
    """Cancels the jobs of a session that has had no executor for too long."""

    def __init__(self, context: SparkContext) -> None:
        self._context = context
        self._done = threading.Event()
        self._thread: threading.Thread | None = None
        self.gave_up_after: int | None = None
        """Seconds without an executor, if that is why its jobs were cancelled."""

    def __enter__(self) -> Watchdog:
        if not is_local(self._context.master):
            self._thread = threading.Thread(target=self._look, name="spark-watchdog", daemon=True)
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        if self._thread is not None:
            self._thread.join(_SECONDS_BETWEEN_LOOKS)

    def _look(self) -> None:
        with suppress(Exception):  # the JVM ends while it is asked
            spark = self._context._jsc.sc()
            seconds = int(spark.conf().getTimeAsSeconds(PATIENCE, f"{_SECONDS}s"))
            waited = 0.0
            while not self._done.wait(_SECONDS_BETWEEN_LOOKS):
                # The driver is among them.
                is_without = spark.getExecutorMemoryStatus().size() < 2
                is_asked = bool(self._context.statusTracker().getActiveJobsIds())
                waited = waited + _SECONDS_BETWEEN_LOOKS if is_without and is_asked else 0.0
                if waited >= seconds:
                    self.gave_up_after = seconds
                    self._context.cancelAllJobs()
                    return
