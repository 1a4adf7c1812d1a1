"""Values as JSON that come back as they are, or are refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hn_luigi.assets.errors import FormatError
from hn_luigi.assets.formats.exact import difference, unwrapped

_HOLDS = "JSON holds text, finite numbers, true, false, null, and lists and dicts of such"


def to_json(value: Any) -> str:
    """``value`` as JSON; tuples are lists in it, and numpy's scalars numbers.

    Raises:
        ValueError: JSON has no form for it, or would give back something else.
        RecursionError: it is nested too deeply.
    """
    # allow_nan=False: json.dumps writes NaN, which is no JSON, and only Python reads. In the order
    # that the value has: sort_keys would give a dict back in another, and its bytes with it.
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=_number)
        text.encode()
    except (TypeError, ValueError) as error:
        raise ValueError(f"{error}; {_HOLDS}") from error
    # json.dumps makes "1" of the key 1, and a string of an enum that is one, without a word.
    if where := difference(value, json.loads(text)):
        raise ValueError(where)
    return text


def _number(value: Any) -> int | float:
    plain = unwrapped(value)
    if isinstance(plain, list):
        raise TypeError("convert the array to a list with tolist()")
    if isinstance(plain, (int, float)):
        return plain
    raise TypeError(f"{type(value).__name__} isn't JSON")


def loads(data: bytes) -> Any:
    """The JSON value in ``data``; raises ValueError for numbers that nothing can be counted by."""
    # json.loads makes inf of 1e999 and takes NaN; a record that holds one, by another's hand or a
    # fault, would end pages and sums in a traceback.
    return json.loads(data, parse_constant=_countable, parse_float=_countable, parse_int=_countable)


def _countable(text: str) -> float:
    if len(text) <= _LONGEST_NUMBER:
        number = float(text) if set(text) & set(".eENI") else int(text)
        if abs(number) < _TOO_LARGE:  # which NaN isn't either
            return number
    raise ValueError(f"{text[:40]} isn't a usable number")


_LONGEST_NUMBER = 100  # characters; a float has 24 at most
_TOO_LARGE = 1e100
"""A sum or product of such numbers is still one that can be drawn."""


def json_values(values: Mapping[str, Any], *, what: str) -> dict[str, Any]:
    """``values`` as they come back from a record, sets as sorted lists.

    Raises:
        FormatError: JSON has no form for one of them, or would give back another, or it is a
            number for which the record would be unreadable; ``what`` is named.
    """
    if not isinstance(values, Mapping):
        raise FormatError(f"{what} must be JSON values by name, and are {values!r}")
    try:
        text = to_json(_with_lists(dict(values)))
    except (TypeError, ValueError, RecursionError) as error:
        raise FormatError(f"{what} must be JSON values: {error}") from error
    try:
        return dict(loads(text.encode()))
    except ValueError as error:
        raise FormatError(f"{what} can't be kept in a record: {error}; make it text") from error


def _with_lists(value: Any) -> Any:
    """``value``, with a sorted list for each set."""
    if isinstance(value, dict):
        return {name: _with_lists(item) for name, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return _with_lists(sorted(value))
    return [_with_lists(item) for item in value] if isinstance(value, (list, tuple)) else value
