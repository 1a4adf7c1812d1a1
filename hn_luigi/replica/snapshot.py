"""Front pages in files: read strictly, so that a wrong file is named and not half served.

The JSON format holds one item a line, so that a change to a page reads well as a diff:

    {
    "about": "…",
    "lists": {
    "top": [900000001, …]
    },
    "items": {
    "900000001": {"by": "…", "id": 900000001, "title": "…", …},
    "900000002": null
    }
    }
"""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

from hn_luigi.replica.errors import SnapshotError
from hn_luigi.replica.front_page import FEEDS, FrontPage, Item

__all__ = ["as_sent", "read", "to_json"]

Contents: TypeAlias = "tuple[dict[int, Item], dict[str, tuple[int, ...]]]"

REMEDY = (
    "give a front page as .json (scripts/sample/generate.py FILE writes one) "
    "or a captured stories .parquet"
)

NEEDED_COLUMNS = ("rank", "id", "title")
SERVED_COLUMNS = ("by", "descendants", "id", "score", "time", "title", "type", "url")


def read(path: Path) -> Contents:
    """The items and the lists in a file; lists that it does not give are left out.

    Raises:
        SnapshotError: the file is missing, unreadable, or not a front page.
    """
    readers = {".json": _from_json, ".parquet": _from_parquet}
    reader = readers.get(path.suffix.lower())
    try:
        if reader is None:
            raise ValueError(f"its name ends in {path.suffix or 'no suffix'!r}")
        return reader(path)
    # KeyError and TypeError stay bugs; pyarrow's ArrowInvalid is a ValueError.
    except (OSError, ValueError) as error:
        cause = " ".join((getattr(error, "strerror", None) or str(error)).split())
        raise SnapshotError(f"{path} is no front page: {cause}; {REMEDY}") from error


def to_json(front_page: FrontPage, *, about: str) -> str:
    """The JSON format that ``read`` takes; the same page gives the same text."""
    lists = (f'"{feed}": {json.dumps(list(ids))}' for feed, ids in front_page.lists.items())
    items = (
        f'"{id_}": {json.dumps(item, ensure_ascii=False)}' for id_, item in front_page.items.items()
    )
    return (
        f'{{\n"about": {json.dumps(about)},\n"lists": {{\n'
        + ",\n".join(lists)
        + '\n},\n"items": {\n'
        + ",\n".join(items)
        + "\n}\n}\n"
    )


def as_sent(title: str) -> str:
    """``title`` as the API sends it: quotation marks and ampersands raw, angle brackets not.

    An ampersand becomes one only where it would be read as the beginning of another entity.
    """
    return re.sub("&(?=#?[0-9A-Za-z]+;)", "&amp;", title).replace("<", "&lt;").replace(">", "&gt;")


def _from_json(path: Path) -> Contents:
    page = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(page, dict) or not isinstance(page.get("items"), dict):
        raise ValueError('it holds no "items" by id')
    if not isinstance(page.get("lists", {}), dict):
        raise ValueError('its "lists" are not keyed by feed')
    items = {_id(key): _item(key, value) for key, value in page["items"].items()}
    lists = {feed: _ids(feed, ids) for feed, ids in page.get("lists", {}).items()}
    return items, lists


def _id(key: str) -> int:
    if not key.isdecimal():
        raise ValueError(f"{key!r} among its items is no id")
    return int(key)


def _item(key: str, value: object) -> Item:
    if value is not None and not isinstance(value, dict):
        raise ValueError(f"its item {key} is neither an object nor null")
    return value


def _ids(feed: str, ids: object) -> tuple[int, ...]:
    if feed not in FEEDS:
        raise ValueError(f"there is no feed {feed!r}, only {', '.join(FEEDS)}")
    if not isinstance(ids, list) or not all(type(id_) is int for id_ in ids):
        raise ValueError(f"its {feed!r} is no list of ids")
    return tuple(ids)


def _from_parquet(path: Path) -> Contents:
    import pandas as pd

    table = pd.read_parquet(path)
    missing = [name for name in NEEDED_COLUMNS if name not in table.columns]
    if missing:
        raise ValueError(f"it has no column {', '.join(missing)}")
    table = table.sort_values("rank").astype(object)
    rows = table.where(table.notna(), None).to_dict("records")
    items: dict[int, Item] = {int(row["id"]): _served(row) for row in rows}
    return items, {"top": tuple(items)}


def _served(row: Mapping[Hashable, Any]) -> dict[str, Any]:
    """The item that a client would have made this row from."""
    item = {name: row[name] for name in SERVED_COLUMNS if row.get(name) is not None}
    for name in item.keys() & {"descendants", "id", "score"}:
        item[name] = int(item[name])
    if "time" in item:
        item["time"] = _unix_seconds(item["time"])
    if "title" in item:
        item["title"] = as_sent(item["title"])
    return item


def _unix_seconds(moment: datetime) -> int:
    """A column without a zone is UTC, as every time in this project."""
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
