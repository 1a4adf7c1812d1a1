"""Measures the promises about speed, each as a ratio of two times taken in the same run.

The machine's own speed drops out of a ratio; its load doesn't, so nothing else should run.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from day import day
from history import history
from idle import idle
from large_inputs import large_inputs
from many_assets import many_assets
from no_op import EMPTY_TASK, no_op
from processes import (
    LATENCY,
    UNREACHABLE,
    Cost,
    environment,
    fastest,
    luigi,
    replica,
    run,
    timed,
)
from publishing import publishing
from roll_up import roll_up
from row import Row
from trends import trends
from windows import a_year, many_windows
from words import words
from workers import many_steps, steps_of_workers

from hn_luigi.hackernews import Client, Limits

HERE = Path(__file__).parent


def main() -> int:
    argparse.ArgumentParser(prog="scripts/bench", description=__doc__).parse_args()
    with tempfile.TemporaryDirectory() as name, replica() as base_url:
        rows = measure(Path(name), base_url)
    print(f"\r{'':<44} {'ratio':>7}   bound")
    for row in rows:
        print(row)
    return 0 if all(row.met for row in rows) else 1


def measure(folder: Path, base_url: str) -> list[Row]:
    (folder / "empty.py").write_text(EMPTY_TASK)
    plain = run([HERE / "plain_script.py", base_url, folder], folder, "the plain script")
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
        *roll_up(folder),
        *publishing(folder, base_url),
        *day(folder),
        *trends(folder),
        *history(folder),
        *words(folder),
        *a_year(folder),
        *many_windows(folder),
        *many_assets(folder),
        *large_inputs(folder),
        *idle(folder),
        *object_store(folder, base_url),
        *many_steps(folder),
        *steps_of_workers(folder / "workers"),
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


def object_store(folder: Path, base_url: str) -> list[Row]:
    """Count what a no-op asks of an object store, where one is installed."""
    from object_store import requests_of_a_no_op

    command = [sys.executable, *map(str, luigi(base_url))]
    count = requests_of_a_no_op(folder / "seaweedfs", command, environment(folder))
    if count is None:
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


if __name__ == "__main__":
    sys.exit(main())
