"""What identifies a Luigi target that is no file: a name that stays, and holds no secret."""

from __future__ import annotations

import copyreg
import dataclasses
import datetime
import os
import re
from collections.abc import Mapping
from enum import Enum
from types import BuiltinFunctionType, FunctionType
from typing import Any
from urllib.parse import SplitResult

from hn_luigi.assets.parameters.value_text import text_of

_ADDRESS = re.compile(r"\bat 0x[0-9a-f]+", re.IGNORECASE)
# Of attributes, parameters and keys. An author is no secret; a user's name is, as half of a login
# that changes with who runs it.
_SECRET_NAME = re.compile(
    r"pass|pwd|secret|token|credential|auth(?!or)|(api|access|account|private)_?key|(^|_)user(name)?$",
    re.IGNORECASE,
)
# In an address, the user and password, and the query, which may hold a token; in a connection
# string of ODBC or libpq, the pair that is a secret.
_SECRET_PARTS = (
    (re.compile(r"(?<=://)[^/\s]*@"), ""),
    (re.compile(r"(://[^\s?]*)\?\S*"), r"\1"),
    (re.compile(r"\b\w*(?:pass|pwd|secret|token)\w*\s*=\s*[^\s;&]+", re.IGNORECASE), ""),
)
_VALUES = (int, float, bytes, datetime.date, datetime.time, datetime.timedelta, Enum)
_BY_NAME = (type, FunctionType, BuiltinFunctionType)


def name_of(target: Any) -> str:
    """What tells ``target`` from others: its path, or what it says of itself, or its attributes.

    An address in memory differs from run to run, and who logs in, and how, is no part of what a
    table is: so of attributes, those that are values count, unless they may be a secret.
    """
    if path := path_of(target):
        return repr(path)
    attributes = _attributes_of(target)
    told = repr(target)
    shows_secrets = (
        any(map(_SECRET_NAME.search, [told, *attributes])) or _without_secrets(told) != told
    )
    if not _ADDRESS.search(told) and not shows_secrets:
        return told
    public = {k: v for k, v in attributes.items() if not k.startswith("_")}
    text = _text(public) if any(map(_text, public.values())) else _text(attributes)
    return f"{type(target).__name__}{text}"


def path_of(target: Any) -> str | os.PathLike[str] | None:
    """Where ``target`` is, if it tells; one that has a method ``path()`` doesn't."""
    try:
        path = getattr(target, "path", None)
    except Exception:  # of a property that asks a server, as Luigi's of a Hive partition does
        return None
    return path if path and isinstance(path, (str, os.PathLike)) else None


def _attributes_of(target: Any) -> dict[str, Any]:
    slots = copyreg._slotnames(type(target))  # type: ignore[attr-defined]  # as pickle finds them
    in_slots = {name: getattr(target, name) for name in slots if hasattr(target, name)}
    return {**in_slots, **getattr(target, "__dict__", {})}


def _text(value: Any) -> str | None:
    """``value`` as text without secrets; None for an object, and for what isn't set (yet)."""
    if value is None:
        return None
    if isinstance(value, SplitResult):
        value = value.geturl()
    if isinstance(value, os.PathLike):
        return repr(os.fspath(value))
    if isinstance(value, str):
        return repr(_without_secrets(value))
    if isinstance(value, bytearray):
        return repr(bytes(value))
    if isinstance(value, _BY_NAME):  # such as a model class of an ORM
        return f"{value.__module__}.{value.__qualname__}"
    if dataclasses.is_dataclass(value):
        fields = {f.name: getattr(value, f.name, None) for f in dataclasses.fields(value)}
        return f"{type(value).__name__}{_text(fields)}"
    if isinstance(value, Mapping):
        texts = {str(k): _text(v) for k, v in value.items() if not _SECRET_NAME.search(str(k))}
        return f"({', '.join(f'{k}={text}' for k, text in sorted(texts.items()) if text)})"
    if isinstance(value, (list, tuple, set, frozenset)):
        texts_of = [text for part in value if (text := _text(part))]
        return str(sorted(texts_of) if isinstance(value, (set, frozenset)) else texts_of)
    return _plain_text(value)


def _plain_text(value: Any) -> str | None:
    # As records have had it since they name targets; of other kinds, as the layer names values.
    return repr(value) if isinstance(value, _VALUES) else text_of(value)


def _without_secrets(text: str) -> str:
    for pattern, rest in _SECRET_PARTS:
        text = pattern.sub(rest, text)
    return text
