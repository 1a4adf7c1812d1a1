"""What a request's query makes of a document, as Firebase does it.

A list is keyed by its places, and whatever is asked of it is ordered by them: Hacker News has no
index of its values. The texts of errors are Firebase's (firebase.google.com/docs/database/rest,
"Retrieving Data" and "Error Conditions", and what users quote of its answers).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["QueryError", "pretty", "select"]

BOUNDS: Mapping[str, Callable[[tuple[bool, int, str], tuple[bool, int, str]], bool]] = {
    "startAt": lambda key, bound: key >= bound,
    "endAt": lambda key, bound: key <= bound,
    "equalTo": lambda key, bound: key == bound,
}
LIMITS = ("limitToFirst", "limitToLast")


class QueryError(ValueError):
    """The query can't be answered; the message is Firebase's."""


def select(document: Any, path: str, asked: Mapping[str, str]) -> Any:
    """The children of ``document`` that are asked for.

    Args:
        document: a JSON value; one that has no children is given whole.
        path: where it lies, without ``.json``.
        asked: the parameters of the query, others than Firebase's among them.

    Raises:
        QueryError: the parameters contradict themselves, or need an index.
    """
    given = [name for name in (*BOUNDS, *LIMITS) if name in asked]
    if "orderBy" not in asked:
        if given:
            raise QueryError("orderBy must be defined when other query parameters are defined")
        return document
    _require_order_by_key(asked["orderBy"], path)
    bounds = [(BOUNDS[name], _bound(asked[name])) for name in given if name in BOUNDS]
    limits = {name: _limit(name, asked[name]) for name in given if name in LIMITS}
    if len(limits) > 1:
        raise QueryError("Only one of limitToFirst and limitToLast may be specified")
    if not isinstance(document, (dict, list)):
        return document
    children = dict(enumerate(document)) if isinstance(document, list) else document
    keys = sorted((str(key) for key in children), key=_in_order)
    keys = [key for key in keys if all(fits(_in_order(key), bound) for fits, bound in bounds)]
    keys = keys[: limits.get("limitToFirst")][-limits.get("limitToLast", len(keys)) :]
    named = {str(key): child for key, child in children.items()}
    return _as_list({key: named[key] for key in keys})


def pretty(value: Any, indent: str = "") -> str:
    """``value`` as ``print=pretty`` writes it: an object a name a line, a list on one."""
    if isinstance(value, dict) and value:
        deeper = indent + "  "
        lines = (f"{json.dumps(k)} : {pretty(v, deeper)}" for k, v in value.items())
        return "{\n" + ",\n".join(deeper + line for line in lines) + f"\n{indent}}}"
    if isinstance(value, list) and value:
        return f"[ {', '.join(pretty(child, indent) for child in value)} ]"
    return json.dumps(value, ensure_ascii=False)


def _require_order_by_key(text: str, path: str) -> None:
    name = _json(text)
    if not isinstance(name, str) or not name:
        raise QueryError("orderBy must be a valid JSON encoded path")
    if name not in ("$key", "$priority"):  # there are no priorities, so that keys decide
        index = ".value" if name == "$value" else name
        raise QueryError(
            f'Index not defined, add ".indexOn": "{index}", for path "{path}", to the rules'
        )


def _bound(text: str) -> tuple[bool, int, str]:
    bound = _json(text)
    if not isinstance(bound, str):
        raise QueryError("Provided key index type is invalid, must be string")
    return _in_order(bound)


def _json(text: str) -> Any:
    """The value written, None for one that can't be read."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _limit(name: str, text: str) -> int:
    if not text.removeprefix("-").isdecimal() or len(text) > 10:
        raise QueryError(f"{name} must be an integer")
    if int(text) <= 0:
        raise QueryError(f"{name} must be positive")
    return int(text)


def _in_order(key: str) -> tuple[bool, int, str]:
    """Numbers before all else, by their value ("How data is ordered").

    A number is what fits into 32 bits there: ten digits at most.
    """
    is_number = key.isascii() and key.isdecimal() and len(key) <= 10
    return not is_number, int(key) if is_number else 0, key


def _as_list(children: dict[str, Any]) -> Any:
    """A list, where more than half of the places up to the last are there, as they were stored."""
    if not children or not all(key.isascii() and key.isdecimal() for key in children):
        return children
    length = max(map(int, children)) + 1
    if 2 * len(children) <= length:
        return children
    return [children.get(str(place)) for place in range(length)]
