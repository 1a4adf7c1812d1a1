"""Measures the promises about speed, each as a ratio of two times taken in the same run.

The machine's own speed drops out of a ratio; its load doesn't, so nothing else should run.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hn_luigi.hackernews import Client, Limits

HERE = Path(__file__).parent
LATENCY = 0.05  # seconds a request
EMPTY_TASK = (
    "import luigi\n\n\nclass Empty(luigi.Task):\n    def complete(self):\n        return True\n"
)


@dataclass(frozen=True)
class Cost:
    """What one process took: seconds from start to end, and its peak memory in MB."""

    seconds: float
    megabytes: float


@dataclass(frozen=True)
class Row:
    """A line of the table; ``ratio`` is to be at most, or at least, ``bound``."""

    what: str
    detail: str
    ratio: float
    bound: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        return self.ratio >= self.bound if self.at_least else self.ratio <= self.bound

    def __str__(self) -> str:
        sign = "≥" if self.at_least else "≤"
        verdict = "met" if self.met else "MISSED"
        return (
            f"{self.what:<44} {self.ratio:>7.2f} {sign} {self.bound:<5g} {verdict:<7} {self.detail}"
        )


def main() -> int:
    with tempfile.TemporaryDirectory() as name, replica() as base_url:
        rows = measure(Path(name), base_url)
    print(f"{'':<44} {'ratio':>7}   bound")
    for row in rows:
        print(row)
    return 0 if all(row.met for row in rows) else 1


def measure(folder: Path, base_url: str) -> list[Row]:
    say("the plain script (half a minute)")
    plain = run([HERE / "bench_plain.py", base_url, folder], folder)

    say("the graph on an empty root")
    wordcloud = ["-m", "luigi", "--module", "hn_luigi", "Wordcloud", "--local-scheduler"]
    wordcloud += ["--no-lock", "--log-level", "WARNING", "--hackernews-base-url", base_url]
    wordcloud += ["--as-of", time.strftime("%Y-%m-%dT%H%M", time.gmtime())]
    fresh = []
    for _ in range(3):
        shutil.rmtree(folder / "data", ignore_errors=True)
        fresh.append(run(wordcloud, folder))
    first = min(fresh, key=lambda cost: cost.seconds)

    say("the page alone, from stored stories")
    unreachable = [*wordcloud, "--hackernews-base-url", "http://127.0.0.1:9/v0"]
    pages = []
    for _ in range(3):
        for page in folder.glob("data/top/wordcloud/2*.md"):
            page.unlink()
        pages.append(run(unreachable, folder))  # succeeds only if it makes no request
    page_alone = min(cost.seconds for cost in pages)

    say("a no-op beside an empty Luigi task")
    (folder / "empty.py").write_text(EMPTY_TASK)
    empty_task = ["-m", "luigi", "--module", "empty", "Empty", "--local-scheduler"]
    empty_task += ["--no-lock", "--log-level", "WARNING"]
    pairs = [(run(unreachable, folder), run(empty_task, folder)) for _ in range(15)]
    no_op, empty = (
        statistics.median(cost.seconds for cost in side) for side in zip(*pairs, strict=True)
    )

    say("the fetch alone")
    limits = Limits()
    client = Client(base_url, limits)
    ids = client.story_ids("top")
    fetch = min(timed(lambda: client.items(ids)) for _ in range(3))
    floor = (len(ids) / limits.concurrency + 2) * LATENCY

    return [
        Row(
            "graph on an empty root, times faster",
            f"plain script {plain.seconds:.1f} s, graph {first.seconds:.2f} s",
            plain.seconds / first.seconds,
            10,
            at_least=True,
        ),
        Row(
            "page alone, share of the whole",
            f"{page_alone:.2f} s, no request",
            page_alone / first.seconds,
            1,
        ),
        Row(
            "no-op, times an empty Luigi task",
            f"{no_op:.3f} s, empty {empty:.3f} s",
            no_op / empty,
            1.2,
        ),
        Row(
            "peak memory, times the plain script's",
            f"{first.megabytes:.0f} MB, plain {plain.megabytes:.0f} MB",
            first.megabytes / plain.megabytes,
            1.25,
        ),
        Row(
            "fetch of the items, times the network's floor",
            f"{fetch:.2f} s, floor {floor:.2f} s with {limits.concurrency} threads",
            fetch / floor,
            1.5,
        ),
    ]


def run(arguments: list[object], folder: Path) -> Cost:
    """Run this Python with ``arguments`` in ``folder``; raises RuntimeError if it fails."""
    environment = {**os.environ, "PYTHONPATH": f"{HERE.parent}{os.pathsep}{folder}"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed package is compiled
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{arguments} exited with {process.returncode}")
    kilobytes = usage.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return Cost(time.perf_counter() - began, kilobytes / 1024)


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


def timed(action: object) -> float:
    """Seconds that ``action`` takes."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def say(what: str) -> None:
    """Tell on standard error what is being measured."""
    print(f"measuring {what} ...", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
