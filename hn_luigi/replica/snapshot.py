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
from typing import Any

from hn_luigi.replica.errors import SnapshotError
from hn_luigi.replica.front_page import FEEDS, FrontPage, Item

__all__ = ["as_sent", "bundled_front_page", "read_front_page"]

BUNDLED = Path(__file__).with_name("front_page.json")

REMEDY = f"give a front page as .json, such as {BUNDLED}, or the stories of a past run as .parquet"

NEEDED_COLUMNS = ("rank", "id", "title")
SERVED_COLUMNS = ("by", "descendants", "id", "score", "time", "title", "type", "url")


def bundled_front_page() -> FrontPage:
    """The invented front page that comes with the package: no network, no real person."""
    return read_front_page(BUNDLED)


def read_front_page(path: str | Path) -> FrontPage:
    """The front page in a file; lists that it does not give are derived from its items.

    Args:
        path: a ``.json`` file in the format of the bundled one, or a ``.parquet`` file of
            captured stories, whose ranks become the ``top`` list.

    Raises:
        SnapshotError: the file is missing, unreadable, or neither of the two.
    """
    path = Path(path)
    readers = {".json": _from_json, ".parquet": _from_parquet}
    reader = readers.get(path.suffix.lower())
    try:
        if reader is None:
            raise ValueError(f"unknown suffix {path.suffix!r}")
        return reader(path)
    # pyarrow's ArrowInvalid is a ValueError; JSON nested too deeply is a RecursionError.
    except (OSError, RecursionError, ValueError) as error:
        cause = " ".join((getattr(error, "strerror", None) or str(error)).split())
        raise SnapshotError(f"cannot read a front page from {path}: {cause}; {REMEDY}") from error


def as_sent(title: str) -> str:
    """``title`` as the API sends it: quotation marks and ampersands raw, angle brackets not.

    An ampersand becomes one only where it would be read as the beginning of another entity.
    """
    return re.sub("&(?=#?[0-9A-Za-z]+;)", "&amp;", title).replace("<", "&lt;").replace(">", "&gt;")


def _from_json(path: Path) -> FrontPage:
    page = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(page, dict) or not isinstance(page.get("items"), dict):
        raise ValueError('it has no "items" object')
    if not isinstance(page.get("lists", {}), dict):
        raise ValueError('its "lists" is not an object')
    items = {_id(key): _item(key, value) for key, value in page["items"].items()}
    lists = {feed: _ids(feed, ids) for feed, ids in page.get("lists", {}).items()}
    return FrontPage(items, lists)


def _id(key: str) -> int:
    if not key.isdecimal():
        raise ValueError(f"{key!r} is not an item id")
    return int(key)


def _item(key: str, value: object) -> Item:
    if value is not None and not isinstance(value, dict):
        raise ValueError(f"item {key} is neither an object nor null")
    return value


def _ids(feed: str, ids: object) -> tuple[int, ...]:
    if feed not in FEEDS:
        raise ValueError(f"unknown list {feed!r} (known: {', '.join(FEEDS)})")
    if not isinstance(ids, list) or not all(type(id_) is int for id_ in ids):
        raise ValueError(f"{feed!r} is not a list of ids")
    return tuple(ids)


def _from_parquet(path: Path) -> FrontPage:
    import pandas as pd

    table = pd.read_parquet(path)
    missing = [name for name in NEEDED_COLUMNS if name not in table.columns]
    if missing:
        raise ValueError(f"missing columns: {', '.join(missing)}")
    try:
        table = table.sort_values("rank").astype(object)
        rows = table.where(table.notna(), None).to_dict("records")
        items: dict[int, Item] = {int(row["id"]): _served(row) for row in rows}
    except (AttributeError, TypeError) as error:  # an id that is null, a time that is a number
        raise ValueError(f"its columns do not hold stories: {error}") from error
    return FrontPage(items, {"top": tuple(items)})


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
