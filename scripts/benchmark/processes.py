"""Processes as they are measured: what one takes, and the replica they read."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
# Seconds a request. Without any, a plain script that asks one by one would be as quick as threads.
LATENCY = 0.05
UNREACHABLE = "http://127.0.0.1:9/v0"
LUIGI_FLAGS = ("--local-scheduler", "--no-lock", "--log-level", "WARNING")


@dataclass(frozen=True)
class Cost:
    """What one process took: seconds from start to end, of them of CPU, and peak memory in MB."""

    seconds: float
    cpu_seconds: float
    megabytes: float


def run(arguments: Sequence[object], folder: Path, what: str) -> Cost:
    """Run this Python with ``arguments`` in ``folder``; raises RuntimeError if it fails."""
    print(f"\rmeasuring {what:<30}", end="", file=sys.stderr, flush=True)
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.DEVNULL,
    )
    # And not resource.getrusage(RUSAGE_CHILDREN), whose peak memory is that of all children so far.
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{arguments} exited with {process.returncode}")
    kilobytes = usage.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    taken = time.perf_counter() - began
    return Cost(taken, usage.ru_utime + usage.ru_stime, kilobytes / 1024)


def output_of(arguments: Sequence[object], folder: Path) -> str:
    """What this Python prints, run with ``arguments`` in ``folder``."""
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout


def fastest(measured: Callable[[], Cost]) -> Cost:
    """The least time of three, which is the least disturbed."""
    return min((measured() for _ in range(3)), key=lambda cost: cost.seconds)


def timed(action: Callable[[], object]) -> float:
    """Seconds that ``action`` takes."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def luigi(base_url: str, *flags: str) -> list[object]:
    """Arguments of Python that run the graph."""
    wordcloud = ["-m", "luigi", "--module", "hn_luigi", "Wordcloud", *LUIGI_FLAGS]
    return [*wordcloud, "--hackernews-base-url", base_url, *flags]


def environment(folder: Path) -> dict[str, str]:
    """The environment of a process in ``folder`` that uses this repository."""
    found = {**os.environ, "PYTHONPATH": f"{REPOSITORY}{os.pathsep}{folder}"}
    found.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed package is compiled
    return found


@contextmanager
def replica() -> Iterator[str]:
    """The replica in a process of its own; its base URL."""
    command = [sys.executable, "-m", "hn_luigi.replica", "--port", "0"]
    command += ["--latency-ms", str(int(LATENCY * 1000))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[-1]
        finally:
            process.terminate()
