"""How an asset's name and parameters become its folder, and what engines take its files for."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from itertools import islice, permutations
from urllib.parse import quote

_LONGEST_PART = 255
"""Bytes in one part of a path, on all file systems in use (NAME_MAX)."""
_MOST_ORDERS = 120
"""Orders of five parameters: who has more had them as they are declared now, or nearly so."""
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


def folder_of(name: str, parameters: Mapping[str, str]) -> str:
    """The folder of the asset called ``name``: its parameters, then its name.

    One parameter is there by its value. Of several, each is ``name=value``, in the order of their
    names, so that neither their order in the class nor two values in the wrong places lead to
    what another task has stored; engines read such folders as columns.

    What is no letter, digit or plain sign is percent-encoded, so that none leaves the root.
    """
    if len(parameters) < 2:
        return "/".join([*map(_part, parameters.values()), name])
    return "/".join([*(_part(f"{key}={parameters[key]}") for key in sorted(parameters)), name])


def former_folders(name: str, parameters: Mapping[str, str]) -> Iterator[str]:
    """Where earlier versions may have stored what has several parameters.

    That was by their values alone, in the order of declaration, which may have changed since; the
    present one is first.
    """
    if len(parameters) > 1:
        for values in islice(permutations(parameters.values()), _MOST_ORDERS):
            yield "/".join([*map(_part, values), name])


def snake_case(class_name: str) -> str:
    """``StoryIds`` as ``story_ids``: what an asset class is called in storage."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", class_name).lower()


def is_name(text: object) -> bool:
    """Whether ``text`` can be an asset's name in storage as it is."""
    if not isinstance(text, str) or len(text.encode(errors="replace")) > _LONGEST_PART:
        return False
    return bool(re.fullmatch(r"(?!_)[\w+,;=@~-][\w +,;=@~.-]*", text))


def is_suffix(text: str) -> bool:
    """Whether an output's name may end in ``text``."""
    return bool(text) and not {"/", "\0"} & set(text)


def is_table(suffix: str) -> bool:
    """Whether engines read a folder of files of this suffix as one table.

    They go by the name, whatever ``Format`` wrote the file: DuckDB by a glob, pyarrow and Spark
    by the folder. JSON isn't among them, since a value of any shape is no table.
    """
    return _COMPRESSED.sub("", suffix.lower()).endswith(_TABLES)


def _part(text: str) -> str:
    """``text`` as one part of a path that no reserved name can collide with."""
    part = quote(text, safe=" +,;=@")
    part = f"%{ord(part[0]):02X}{part[1:]}" if part[:1] in ("_", ".") else part or "%"
    if len(part) <= _LONGEST_PART:
        return part
    digest = hashlib.sha256(part.encode()).hexdigest()[:32]
    begun = re.sub(r"%.?$", "", part[: _LONGEST_PART - len(digest) - 1])
    return f"{begun}~{digest}"
