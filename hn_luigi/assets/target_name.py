"""What identifies a Luigi target that is no file: a name that stays, and holds no secret."""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Mapping
from enum import Enum
from typing import Any

_ADDRESS = re.compile(r"\bat 0x[0-9a-f]+", re.IGNORECASE)
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
_VALUES = (str, int, float, bytes, datetime.date, datetime.time, datetime.timedelta, Enum)


def name_of(target: Any) -> str:
    """What tells ``target`` from others: its path, or what it says of itself, or its attributes.

    An address in memory differs from run to run, and who logs in, and how, is no part of what a
    table is: so of attributes, those that are values count, unless they may be a secret.
    """
    path = getattr(target, "path", None)
    if path:
        return repr(path)
    attributes: dict[str, Any] = getattr(target, "__dict__", {})
    told = repr(target)
    shows_secrets = (
        any(map(_SECRET_NAME.search, [told, *attributes])) or _without_secrets(told) != told
    )
    if not _ADDRESS.search(told) and not shows_secrets:
        return told
    public = {k: v for k, v in attributes.items() if not k.startswith("_")}
    text = _text(public) if any(map(_text, public.values())) else _text(attributes)
    return f"{type(target).__name__}{text}"


def _text(value: Any) -> str | None:
    """``value`` as text without secrets; None for an object, and for what isn't set (yet)."""
    if isinstance(value, os.PathLike):
        return repr(os.fspath(value))
    if isinstance(value, str):
        return repr(_without_secrets(value))
    if isinstance(value, _VALUES):
        return repr(value)
    if isinstance(value, Mapping):
        texts = {str(k): _text(v) for k, v in value.items() if not _SECRET_NAME.search(str(k))}
        return f"({', '.join(f'{k}={text}' for k, text in sorted(texts.items()) if text)})"
    if isinstance(value, (list, tuple, set, frozenset)):
        texts_of = [text for each in value if (text := _text(each))]
        return str(sorted(texts_of) if isinstance(value, (set, frozenset)) else texts_of)
    return None


def _without_secrets(text: str) -> str:
    for pattern, rest in _SECRET_PARTS:
        text = pattern.sub(rest, text)
    return text
