"""Values as JSON that come back as they are, or are refused."""

from __future__ import annotations

import json
from typing import Any

from hn_luigi.assets.formats.exact import difference, unwrapped

_HOLDS = "JSON holds text, finite numbers, true, false, null, and lists and dicts of such"


def to_json(value: Any) -> str:
    """``value`` as JSON; tuples are lists in it, and numpy's scalars numbers.

    Raises:
        ValueError: JSON has no form for it, or would give back something else.
        RecursionError: it is nested too deeply.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=_number)
        text.encode()
    except (TypeError, ValueError) as error:
        raise ValueError(f"{error}; {_HOLDS}") from error
    found = difference(value, json.loads(text))
    if found:
        raise ValueError(found)
    return text


def _number(value: Any) -> int | float:
    plain = unwrapped(value)
    if isinstance(plain, list):
        raise TypeError("an array is to be made a list with tolist()")
    if isinstance(plain, (int, float)):
        return plain
    raise TypeError(f"{type(value).__name__} isn't JSON")
