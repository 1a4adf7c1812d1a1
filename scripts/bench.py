"""Measures the promises about speed, each as a ratio of two times taken in the same run.

The machine's own speed drops out of a ratio; its load doesn't, so nothing else should run.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

from hn_luigi.hackernews import Client, Limits

HERE = Path(__file__).parent
LATENCY = 0.05  # seconds a request
WEEK, YEAR = 1000, 52_560  # windows of ten minutes, in round numbers and to the last one
UNREACHABLE = "http://127.0.0.1:9/v0"
LUIGI_FLAGS = ("--local-scheduler", "--no-lock", "--log-level", "WARNING")
EMPTY_TASK = (
    "import luigi\n\n\nclass Empty(luigi.Task):\n    def complete(self):\n        return True\n"
)
COMPLETE = """
import time
from hn_luigi import Wordcloud
from hn_luigi.assets.parameters.window_parameter import LATEST
page = Wordcloud(as_of=LATEST)
began = time.process_time()
assert page.complete()
print(time.process_time() - began)
"""


@dataclass(frozen=True)
class Cost:
    """What one process took: seconds from start to end, of them of CPU, and peak memory in MB."""

    seconds: float
    cpu_seconds: float
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
    print(f"\r{'':<44} {'ratio':>7}   bound")
    for row in rows:
        print(row)
    return 0 if all(row.met for row in rows) else 1


def measure(folder: Path, base_url: str) -> list[Row]:
    (folder / "empty.py").write_text(EMPTY_TASK)
    plain = run([HERE / "bench_plain.py", base_url, folder], folder, "the plain script")
    graph = fastest(lambda: run_afresh(folder, base_url))
    return [
        Row(
            "graph on an empty root, times faster",
            f"plain script {plain.seconds:.1f} s, graph {graph.seconds:.2f} s",
            plain.seconds / graph.seconds,
            10,
            at_least=True,
        ),
        page_alone(folder, graph),
        *no_op(folder),
        Row(
            "peak memory, times the plain script's",
            f"{graph.megabytes:.0f} MB, plain {plain.megabytes:.0f} MB",
            graph.megabytes / plain.megabytes,
            1.25,
        ),
        fetch(base_url),
        *a_year(folder),
        *many_windows(folder),
        *object_store(folder, base_url),
    ]


def page_alone(folder: Path, graph: Cost) -> Row:
    """Remake the page from stored stories, with an API that can't be reached."""

    def remake() -> Cost:
        for page in folder.glob("data/top/wordcloud/2*.md"):
            page.unlink()
        return run(luigi(UNREACHABLE, "--as-of", "latest"), folder, "the page alone")

    cost = fastest(remake)
    detail = f"{cost.seconds:.2f} s, no request"
    return Row("page alone, share of the whole", detail, cost.seconds / graph.seconds, 1)


def no_op(folder: Path) -> list[Row]:
    """Run with nothing to do beside a Luigi run of one task that is complete.

    Both are all computing, so that the CPU's time tells them apart better than the clock, which
    a busy machine blurs; and they take turns, since its speed drifts.
    """
    empty_task = ["-m", "luigi", "--module", "empty", "Empty", *LUIGI_FLAGS]
    nothing_to_do = luigi(UNREACHABLE, "--as-of", "latest")
    rounds = [
        (
            run(nothing_to_do, folder, "a no-op").cpu_seconds,
            run(empty_task, folder, "an empty task").cpu_seconds,
            float(output_of(["-c", COMPLETE], folder)),
        )
        for _ in range(15)
    ]
    ours, empty, complete = map(median, zip(*rounds, strict=True))
    return [
        Row(
            "no-op, times an empty Luigi task",
            f"{ours:.3f} s of CPU, empty {empty:.3f} s",
            median(own / other for own, other, _ in rounds),
            1.2,
        ),
        Row(
            "complete() of the chain, share of a no-op",
            f"{1000 * complete:.1f} ms of CPU for 3 assets",
            complete / ours,
            0.05,
        ),
    ]


def many_windows(folder: Path) -> list[Row]:
    """Look at, and remove, the 1,000 windows that a week leaves."""
    status = ["-m", "hn_luigi.cli", "status", "--json"]
    one = fastest(lambda: run(status, folder, "the status of one window"))
    stored = store_windows(folder, WEEK)
    thousand = fastest(lambda: run(status, folder, "the status of 1,000 windows"))
    pages = served(folder)
    prune = ["-m", "hn_luigi.cli", "prune", "--keep", "10m"]
    pruned = run(prune, folder, "the pruning of 1,000 windows")
    nothing = fastest(lambda: run(prune, folder, "a prune with nothing to do"))
    return [
        Row(
            "status over 1,000 windows, times over one",
            f"{thousand.seconds:.2f} s, one {one.seconds:.2f} s",
            thousand.seconds / one.seconds,
            1.5,
        ),
        Row(
            "prune over 1,000 windows, times over none",
            f"{pruned.seconds:.2f} s for {stored:,} files, none {nothing.seconds:.2f} s",
            pruned.seconds / nothing.seconds,
            3,
        ),
        *pages,
    ]


def a_year(folder: Path) -> list[Row]:
    """Look at a year of windows as at 1,000 of them: what is shown is no more.

    Commands are compared by CPU time, and each takes turns with itself, as in ``no_op``.
    """
    roots = {count: folder / str(count) for count in (WEEK, YEAR)}
    for count, root in roots.items():
        shutil.copytree(folder / "data", root / "data")
        store_windows(root, count)
    return [
        *(looked_at(what, bound, roots) for what, bound in LOOKS.items()),
        *pages_of_a_year(roots),
    ]


LOOKS = {"status": 1.5, "freshness": 1.5, "verify --since 7d": 3, "verify --sample 5%": 10}
"""Commands, and how many times as long they may take over a year.

To verify lists all, and a share of a year is 53 times as many outputs.
"""
PAGES = ("/assets", "/assets/story_ids", "/assets/stories", "/assets/wordcloud")


def looked_at(command: str, bound: float, roots: Mapping[int, Path]) -> Row:
    """What ``command`` costs over a year."""
    arguments = ["-m", "hn_luigi.cli", *command.split()]
    rounds = [
        [
            run(arguments, root, f"{command} of {count:,}").cpu_seconds
            for count, root in roots.items()
        ]
        for _ in range(3)
    ]
    week, year = map(median, zip(*rounds, strict=True))
    return Row(
        f"{command} over a year, times 1,000",
        f"{year:.2f} s of CPU, 1,000 windows {week:.2f} s",
        median(year / week for week, year in rounds),
        bound,
    )


def pages_of_a_year(roots: Mapping[int, Path]) -> Iterator[Row]:
    """What the pages cost over a year, with all that they show."""
    from bench_server import seconds_of_page, server

    print(f"\rmeasuring {'the pages of a year':<30}", end="", file=sys.stderr, flush=True)
    with (
        server(roots[WEEK], environment(roots[WEEK])) as short,
        server(roots[YEAR], environment(roots[YEAR])) as long,
    ):
        for path in PAGES:
            week, year = seconds_of_page(short + path), seconds_of_page(long + path)
            yield Row(
                f"{path} over a year, times 1,000",
                f"{1000 * year:.0f} ms, 1,000 windows {1000 * week:.0f} ms, as loaded",
                year / week,
                3,
            )


def served(folder: Path) -> list[Row]:
    """Look at the assets in a browser's way, and have a worker call meanwhile."""
    from bench_server import seconds_of_call, seconds_of_page, server, watching

    print(f"\rmeasuring {'the pages':<30}", end="", file=sys.stderr, flush=True)
    with server(folder, environment(folder)) as base:
        assets = seconds_of_page(f"{base}/assets")
        visualiser = seconds_of_page(f"{base}/static/visualiser/index.html")
        alone = seconds_of_call(base)
        with watching(f"{base}/assets"):
            watched = seconds_of_call(base)
    return [
        Row(
            "/assets over 1,000 windows, times visualiser",
            f"{1000 * assets:.0f} ms, visualiser {1000 * visualiser:.0f} ms, as loaded",
            assets / visualiser,
            1,
        ),
        Row(
            "worker's call while watched, times alone",
            f"{1000 * watched:.1f} ms, alone {1000 * alone:.1f} ms",
            watched / alone,
            1.5,
        ),
    ]


def store_windows(folder: Path, count: int) -> int:
    """Store what is stored of the newest window under the names of ``count`` before it too.

    Returns:
        How many files that makes.
    """
    name = max(record.stem for record in folder.glob("data/_records/top/story_ids/*.json"))
    made = datetime.strptime(name, "%Y-%m-%dT%H%MZ")
    past = [f"{made - n * timedelta(minutes=10):%Y-%m-%dT%H%MZ}" for n in range(1, count + 1)]
    stored = 0
    for path in folder.glob(f"data/**/{name}.*"):
        is_record = "_records" in path.parts
        for copied in past:
            target = path.with_name(path.name.replace(name, copied))
            if is_record:
                target.write_text(path.read_text().replace(name, copied))
            else:
                target.unlink(missing_ok=True)
                os.link(path, target)
            stored += 1
    return stored


def object_store(folder: Path, base_url: str) -> list[Row]:
    """Count what a no-op asks of an object store, where one is installed."""
    from bench_objects import requests_of_a_no_op

    command = [sys.executable, *map(str, luigi(base_url))]
    count = requests_of_a_no_op(folder / "seaweedfs", command, environment(folder))
    if count is None:
        print(
            "\rSeaweedFS is not installed, see .ci/install-servers: not measured", file=sys.stderr
        )
        return []
    return [Row("requests of a no-op on SeaweedFS", "for 3 steps", count, 10)]


def fetch(base_url: str) -> Row:
    """Fetch the items, against two round trips more than they take over the threads used."""
    limits = Limits()
    client = Client(base_url, limits)
    ids = client.story_ids("top")
    taken = min(timed(lambda: client.items(ids)) for _ in range(3))
    floor = (len(ids) / limits.concurrency + 2) * LATENCY
    detail = f"{taken:.2f} s, floor {floor:.2f} s with {limits.concurrency} threads"
    return Row("fetch of the items, times the network's floor", detail, taken / floor, 1.5)


def run_afresh(folder: Path, base_url: str) -> Cost:
    """Run the graph on an empty root."""
    shutil.rmtree(folder / "data", ignore_errors=True)
    return run(luigi(base_url), folder, "the graph on an empty root")


def luigi(base_url: str, *flags: str) -> list[object]:
    """Arguments of Python that run the graph."""
    wordcloud = ["-m", "luigi", "--module", "hn_luigi", "Wordcloud", *LUIGI_FLAGS]
    return [*wordcloud, "--hackernews-base-url", base_url, *flags]


def fastest(measured: Callable[[], Cost]) -> Cost:
    """The least time of three, which is the least disturbed."""
    return min((measured() for _ in range(3)), key=lambda cost: cost.seconds)


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


def environment(folder: Path) -> dict[str, str]:
    """The environment of a process in ``folder`` that uses this repository."""
    found = {**os.environ, "PYTHONPATH": f"{HERE.parent}{os.pathsep}{folder}"}
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


def timed(action: Callable[[], object]) -> float:
    """Seconds that ``action`` takes."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
