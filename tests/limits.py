"""How long a test waits, and what the kernel lets it write.

No limit in seconds stands in a test. What hangs is given up after ``patience()``; a time limit of
the product that has to strike in a test is ``scaled()``, so that what doesn't hang keeps it, too.
Both follow how busy the machine is at that moment, since a limit that holds on a quiet one is
broken by an honest test as soon as other work takes its turns.
"""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PATIENCE = 120  # seconds, on a quiet machine; the longest wait of a test takes 10 there


def busyness() -> float:
    """How many times longer work takes here now than on a quiet machine; 1 at least.

    It is how many threads want a core, for each there is. The mean of the last minute, which every
    system knows, lags behind work that has just begun; Linux also says who wants one right now.
    """
    cores = os.cpu_count() or 1
    wanted = 0.0
    with suppress(OSError):
        wanted = os.getloadavg()[0]
    with suppress(OSError):  # "0.12 0.34 0.56 runnable/threads last_pid"
        runnable, _, _ = Path("/proc/loadavg").read_text().split()[3].partition("/")
        wanted = max(wanted, float(runnable))
    return max(1.0, wanted / cores)


def patience() -> float:
    """Seconds after which what a test waits for hangs: it is far beyond what anything takes."""
    return scaled(PATIENCE)


def scaled(seconds: float) -> float:
    """A time limit that nothing but what hangs breaks in so many ``seconds`` on a quiet machine.

    It is for limits that a test waits out, and so can't be patient with: a client's that meets a
    server which never answers.
    """
    return round(seconds * busyness(), 3)


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """The kernel refuses to grow a file beyond ``size`` bytes, as a full disk does."""
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, ignored)
