"""Which files engines read as parts of one table, by the folder or by a glob."""

from __future__ import annotations

import re

_TABLES = (
    ".arrow",
    ".avro",
    ".csv",
    ".feather",
    ".ipc",
    ".jsonl",
    ".ndjson",
    ".orc",
    ".parquet",
    ".pq",
    ".tsv",
)
_COMPRESSED = re.compile(r"\.(br|bz2|gz|lz4|snappy|xz|zip|zst)$")


def is_table(suffix: str) -> bool:
    """Whether engines read a folder of files of this suffix as one table.

    They go by the name, whatever ``Format`` wrote the file: DuckDB by a glob, pyarrow and Spark
    by the folder. JSON isn't among them, since a value of any shape is no table.
    """
    return _COMPRESSED.sub("", suffix.lower()).endswith(_TABLES)
