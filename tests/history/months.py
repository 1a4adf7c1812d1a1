"""Months of an archive, as files."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from hn_luigi.history.months import MonthFile

STORY, COMMENT, POLL, POLLOPT, JOB = 1, 2, 3, 4, 5
KINDS = {"type": pa.int8(), "deleted": pa.uint8(), "dead": pa.uint8(), "title": pa.string()}


def item(title="", *, type=STORY, deleted=0, dead=0):
    return {"type": type, "deleted": deleted, "dead": dead, "title": title}


def table(*items, **kinds):
    """Items as the archive has them, with other columns than are read."""
    columns = {
        name: pa.array([each[name] for each in items], kind).cast(kinds.get(name, kind))
        for name, kind in KINDS.items()
    }
    more = {
        "id": pa.array(range(len(items)), pa.uint32()),
        "text": pa.array(["A comment of some length. " * 9] * len(items)),
        "words": pa.array([["a", "comment"]] * len(items)),
    }
    return pa.table({**more, **columns})


def put(archive: Path, month: str, content) -> Path:
    """Write a month: a table, or titles of stories."""
    if not isinstance(content, pa.Table):
        content = table(*map(item, content))
    path = archive / f"data/{month[:4]}/{month}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(content, path, compression="zstd")
    return path


def month_file(path: Path) -> MonthFile:
    """A month as a listing tells of it."""
    stat = path.stat()
    return MonthFile(
        date.fromisoformat(f"{path.stem}-01"), str(path), stat.st_size, str(stat.st_mtime_ns)
    )


@contextmanager
def open_month(file: MonthFile):
    """Opens a month in a folder, without a look at whether it changed."""
    with open(file.path, "rb") as opened:
        yield opened


def counts(month: str, stories: int, **headlines: int) -> pa.Table:
    """What the count of a month is, by word; an underscore stands for a space."""
    from hn_luigi.history.counting import counts_schema

    rows = [
        {
            "month": date.fromisoformat(f"{month}-01"),
            "word": word.replace("_", " "),
            "headlines": number,
            "stories": stories,
        }
        for word, number in headlines.items()
    ]
    return pa.Table.from_pylist(rows, schema=counts_schema())
