"""All of Hacker News by month: what counting it takes, against one process and DuckDB."""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path

from processes import REPOSITORY, output_of
from row import Row

STORIES, MONTHS = 60_000, 12
# Each way of counting is a process of its own, since what one has remembered of words would help
# the next. What is imported and listed before isn't counted.
CODE = """
import json
import resource
import sys
import time
from datetime import datetime

from hn_luigi.archive import OpenMonth, archive_of
from hn_luigi.cloud import count_words
from hn_luigi.history.counting import Count
from hn_luigi.history.local import count_months
from hn_luigi.history.shares import history_of
from hn_luigi.pages.look import passed_over
from hn_luigi.settings import cloud

archive = archive_of(sys.argv[2], until=datetime(2026, 11, 1))
months = archive.months()
count = Count(OpenMonth.of(archive.source), passed_over(cloud()))
count_words(["Rust in space"])
history_of([])


def by_pool():
    return history_of(count_months(months, count, on_done=lambda done: None))


def by_one_process():
    return history_of([count(month) for month in months])


def by_duckdb():
    # Words as a pattern finds them, without plurals, spellings and phrases: what any engine of SQL
    # has to do at least.
    import duckdb

    duckdb.sql("SET enable_progress_bar = false")  # which it prints
    words = "regexp_extract_all(lower(title), '[a-z][a-z0-9+#.-]*')"
    return duckdb.sql(
        f"SELECT filename, word, count(*) FROM (SELECT filename, unnest(list_distinct({words})) "
        f"AS word FROM read_parquet('{archive.source}/data/*/*.parquet', filename = true) "
        "WHERE type = 1 AND deleted = 0 AND dead = 0) GROUP BY ALL"
    ).fetchall()


def used():
    own, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return sum(each.ru_utime + each.ru_stime for each in (own, children))


began, before = time.perf_counter(), used()
{"pool": by_pool, "one": by_one_process, "duckdb": by_duckdb}[sys.argv[1]]()
print(json.dumps([time.perf_counter() - began, used() - before]))
"""


def history(folder: Path) -> list[Row]:
    """Count the words of a small archive by the local engine, by one process and by DuckDB."""
    archive = folder / "archive"
    script = REPOSITORY / "scripts/sample/archive.py"
    output_of([script, archive, "--stories", STORIES, "--months", MONTHS], folder)

    def took(way: str) -> tuple[float, float]:
        """Seconds from begin to end, and of CPU in all processes."""
        seconds, cpu = json.loads(output_of(["-c", CODE, way, archive], folder))
        return seconds, cpu

    one, one_cpu = took("one")
    pool, pool_cpu = took("pool")
    rows = [
        Row(
            "months counted by a pool, CPU times one process",
            f"{pool_cpu:.1f} s of CPU in {pool:.1f} s, one {one_cpu:.1f} in {one:.1f} s; "
            f"{STORIES:,} stories",
            pool_cpu / one_cpu,
            1.3,
        )
    ]
    if not find_spec("duckdb"):
        print("\rDuckDB is not installed: not measured", file=sys.stderr)
        return rows
    _, duckdb_cpu = took("duckdb")
    return [
        *rows,
        Row(
            "months counted, CPU times DuckDB's pattern",
            f"{pool_cpu:.1f} s of CPU, DuckDB {duckdb_cpu:.1f} s",
            pool_cpu / duckdb_cpu,
            8,
        ),
    ]
