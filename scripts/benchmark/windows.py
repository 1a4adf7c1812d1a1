"""Many stored windows: what a look at a week or a year of them costs."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

from processes import environment, fastest, run
from row import Row
from server import seconds_of_call, seconds_of_page, server, watching

WEEK, YEAR = 1000, 52_560  # windows of ten minutes, in round numbers and to the last one
LOOKS = {"status": 1.5, "freshness": 1.5, "verify --since 7d": 3, "verify --sample 5%": 10}
"""Commands, and how many times as long they may take over a year.

To verify lists all, and a share of a year is 53 times as many outputs.
"""
PAGES = (
    "/assets",
    "/assets/top/story_ids",
    "/assets/top/stories",
    "/assets/top/wordcloud",
    "/runs",
)


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
    name = max(record.stem for record in folder.glob("data/_records/**/*.json"))
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
