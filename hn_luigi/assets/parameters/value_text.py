"""The text of a value that names something, the same in every process."""

from __future__ import annotations

import datetime as dt
import decimal
import uuid
from enum import Enum
from pathlib import PurePath
from typing import Any

from luigi.date_interval import DateInterval

from hn_luigi.assets.formats.exact import unwrapped

_BY_STR: tuple[tuple[str, tuple[type, ...]], ...] = (
    ("timedelta", (dt.timedelta,)),
    ("decimal", (decimal.Decimal,)),
    ("uuid", (uuid.UUID,)),
    ("path", (PurePath,)),
    ("interval", (DateInterval,)),
)
_BY_ISO: tuple[tuple[str, type[Any]], ...] = (  # a datetime is a date, too
    ("datetime", dt.datetime),
    ("date", dt.date),
    ("time", dt.time),
)


def text_of(value: Any) -> str | None:
    """``date 2026-11-22``: kind and value; other values of those kinds have other texts.

    None for what has no such text, as an object that says where it lies in memory.
    """
    # Not repr(): numpy 2 says np.int64(1) where numpy 1 said 1, an object of a class of one's own
    # says where it lies in memory, and a set's order differs in every process.
    value = unwrapped(value)
    if isinstance(value, Enum):
        return f"{type(value).__qualname__}.{value.name}"
    if value is None or isinstance(value, (bool, int, float, str, bytes)):
        kind = next(k for k in _PLAIN if isinstance(value, k))
        return f"{kind.__name__} {kind(value) if value is not None else None!a}"
    for name, kind in _BY_ISO:
        if isinstance(value, kind):
            return f"{name} {value.isoformat()}"
    for name, kinds in _BY_STR:
        if isinstance(value, kinds):
            return f"{name} {str(value)!a}"
    if isinstance(value, (tuple, frozenset)):
        texts = [text_of(item) for item in value]
        known = [text for text in texts if text is not None]
        if len(known) < len(texts):
            return None
        return f"({', '.join(known if isinstance(value, tuple) else sorted(known))})"
    return None


_PLAIN: tuple[type[Any], ...] = (type(None), bool, int, float, str, bytes)
