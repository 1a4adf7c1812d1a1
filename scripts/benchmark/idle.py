"""A server that refreshes what is current: what it costs to see that there is nothing to do."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import psutil
from many_assets import made
from processes import environment
from row import Row
from server import served

SECONDS = 60
"""In which storage is looked at once."""
SECONDS_TO_SETTLE = 5


def idle(folder: Path) -> list[Row]:
    """The CPU time of ``hn-luigi serve --refresh`` in a minute, as a share of a core."""
    rows = []
    for count in (1, 50):
        # With windows of a day, in which no run comes in between but at midnight in UTC.
        taken = cpu_seconds(made(folder / f"idle-{count}", count, window_minutes=1440))
        rows.append(
            Row(
                f"idle refresher, watching {count}, % of a core",
                f"{1000 * taken:.0f} ms of CPU in {SECONDS} s",
                100 * taken / SECONDS,
                1,
            )
        )
    return rows


def cpu_seconds(folder: Path) -> float:
    """What a server takes in a minute, with the processes that it starts, if any."""
    print(f"\rmeasuring {'an idle refresher':<30}", end="", file=sys.stderr, flush=True)
    with served(folder, environment(folder), "--refresh") as (process, _):
        time.sleep(SECONDS_TO_SETTLE)
        before = sum(psutil.Process(process.pid).cpu_times()[:4])
        time.sleep(SECONDS)
        return sum(psutil.Process(process.pid).cpu_times()[:4]) - before
