"""Whether what was stored is what comes back: where a value and its copy differ first.

Frames are alike by ``pandas.testing.assert_frame_equal``. In their cells, what Parquet can only
give back as arrays or padded structs counts as lists and dicts; anywhere, tuples count as lists
and numpy's scalars as numbers.
"""

# Not assert_frame_equal itself: it says neither what helps nor anything of attrs, and in a column
# of objects takes 1 for True and a list for a tuple (pandas 3.1). Not value == back: 1 == True, a
# NaN differs from itself, and a frame's == is a frame.

from __future__ import annotations

import datetime as dt
import decimal
import uuid
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

# Python's recursion limit is 1,000 frames, of which a level takes one here. Deeper values may be
# read here and end as RecursionError elsewhere: under another Python, or where more functions are
# under way.
DEEPEST = 500
"""Lists within lists."""

_RENAME = "name its columns by distinct strings"
_RESET = "make columns of it with reset_index()"
_CONVERT = "convert it to something that comes back as it was"


def difference(value: Any, back: Any) -> str | None:
    """Where ``back`` first differs from ``value`` and what helps, None where they are alike.

    What isn't a frame, text, bytes, or a list, dict or set of such and of numbers and times has
    no equality that can be relied on, and counts as alike; so does a value that comes back as
    something of another kind altogether, as a figure does that is stored as its picture.

    Raises:
        RecursionError: it is nested too deeply.
    """
    kind = _kind(value)
    if kind is None and not (_is(value, "DataFrame") or _is(value, "Series")):
        return None
    return _of_values(value, back) if _kind(back) == kind else None


def _of_values(value: Any, back: Any, *, in_frame: bool = False, depth: int = 0) -> str | None:
    """As ``difference``; in a frame all has to be alike, but for arrays and padding."""
    if depth > DEEPEST:
        raise RecursionError(f"it is nested more than {DEEPEST} deep")
    if value is back:
        return None
    value, back = unwrapped(value), unwrapped(back)
    kind = _kind(value)
    if kind not in ("dict", "list") or _kind(back) != kind:
        return _of_leaves(value, back, in_frame=in_frame)
    if where := (_of_keys if kind == "dict" else _of_lengths)(value, back, in_frame):
        return where
    # Here, since a call more for each level would overflow the stack before DEEPEST is reached.
    for key, inner in value.items() if kind == "dict" else enumerate(value):
        if type(inner) in _SIMPLE and _is_same(inner, back[key]):
            continue
        if where := _of_values(inner, back[key], in_frame=in_frame, depth=depth + 1):
            return f"[{_shown(key)}]{where if where[0] == '[' else ': ' + where}"
    return None


def _of_keys(value: Mapping[Any, Any], back: Mapping[Any, Any], in_frame: bool) -> str | None:
    for key in value:
        if key not in back:
            why = "doesn't come back" if _kind(key) == "str" else "isn't a string"
            return f"the key {_shown(key)} {why}: use strings, or a list of pairs"
    for key in back.keys() - value.keys():
        if not in_frame or back[key] is not None:  # Parquet pads structs
            return f"the key {_shown(key)} was not in it: {_CONVERT}"
    return None


def _of_lengths(value: Sequence[Any], back: Sequence[Any], _in_frame: bool) -> str | None:
    if len(value) == len(back):
        return None
    return f"{len(value)} items come back as {len(back)}: {_CONVERT}"


def _of_leaves(value: Any, back: Any, *, in_frame: bool) -> str | None:
    """As ``_of_values``, of what is no dict and no list, or comes back as something else."""
    if _is(value, "DataFrame") and _is(back, "DataFrame"):
        return _of_frames(value, back)
    if _is(value, "Series") and _is(back, "Series"):
        return _of_frames(value.to_frame(), back.to_frame())
    kind = _kind(value)
    if kind is None and not in_frame:
        return None
    if kind == _kind(back) and (kind is not None or type(value) is type(back)):
        both_are_nan = kind == "number" and value != value and back != back
        if both_are_nan or (value == back and _offset(value) == _offset(back)):
            return None
    return f"{_shown(value)} comes back as {_shown(back)}: {_CONVERT}"


def _is_same(value: Any, back: Any) -> bool:
    """Whether two simple values are the same; most are, and so are told quickly."""
    return type(value) is type(back) and value == back


def unwrapped(value: Any) -> Any:
    """Python's own value for numpy's scalar, a list for its array; others as they are.

    So are times and durations in nanoseconds.
    """
    # Of which tolist() makes a mere number: np.datetime64(5, "ns").tolist() is 5.
    kind = type(value)
    if kind.__module__ != "numpy" or not hasattr(kind, "tolist"):
        return value
    plain = value.tolist()
    return value if type(plain) is int and value.dtype.kind in "mM" else plain


_SIMPLE = frozenset({bool, int, float, str})

_KINDS: tuple[tuple[str, tuple[type, ...]], ...] = (
    ("none", (type(None),)),
    ("bool", (bool,)),
    ("str", (str,)),
    ("number", (int, float)),
    ("list", (list, tuple)),
    ("dict", (Mapping,)),
    ("bytes", (bytes, bytearray, memoryview)),
    ("set", (set, frozenset)),
    ("datetime", (dt.datetime,)),
    ("date", (dt.date,)),
    ("time", (dt.time,)),
    ("timedelta", (dt.timedelta,)),
    ("decimal", (decimal.Decimal,)),
    ("complex", (complex,)),
    ("uuid", (uuid.UUID,)),
)


def _kind(value: Any) -> str | None:
    """What ``value`` is among those that can be compared, None if it is nothing of that."""
    for kind, types in _KINDS:
        if isinstance(value, types):
            return kind
    return None


def _offset(value: Any) -> Any:
    """Of a time of day: 12:00 in Berlin is 11:00 UTC to ``==``."""
    return value.utcoffset() if isinstance(value, (dt.datetime, dt.time)) else None


def _shown(value: Any) -> str:
    text = ascii(value)
    return text if len(text) <= 60 else f"{text[:59]}..."


def _is(value: Any, name: str) -> bool:
    """Whether it is pandas' class of that name: without an import, which what is one has made."""
    kinds = type(value).__mro__
    return any(k.__name__ == name and k.__module__.split(".")[0] == "pandas" for k in kinds)


def _of_frames(frame: pd.DataFrame, back: pd.DataFrame) -> str | None:
    if type(frame) is not type(back):
        return f"it comes back as a {type(back).__name__}: return that, as with pd.DataFrame(...)"
    if frame.shape != back.shape:
        return f"its shape {frame.shape} comes back as {back.shape}: {_RESET}, or give it columns"
    if where := _of_indexes(frame.columns, back.columns):
        return f"its columns' names don't come back as they are ({where}): {_RENAME}"
    if where := _of_indexes(frame.index, back.index):
        return f"its index doesn't come back as it is ({where}): {_RESET}"
    for i, name in enumerate(frame.columns):
        if where := _of_columns(frame.iloc[:, i], back.iloc[:, i]):
            return f"the column {_shown(name)} {where}"
    if frame.flags != back.flags:
        return "its flags don't come back: set_flags(allows_duplicate_labels=True)"
    where = _of_values(dict(frame.attrs), dict(back.attrs))
    return f"its attrs don't come back as they are ({where}): empty them" if where else None


def _of_indexes(index: pd.Index[Any], back: pd.Index[Any]) -> str | None:
    names, names_back = list(index.names), list(back.names)
    if names != names_back or index.nlevels != back.nlevels:
        return f"its names {_shown(names)} come back as {_shown(names_back)}"
    for part, part_back in zip(levels_of(index), levels_of(back), strict=True):
        freq, freq_back = getattr(part, "freq", None), getattr(part_back, "freq", None)
        if freq != freq_back:
            return f"its freq {freq} comes back as {freq_back}"
    for level in range(index.nlevels):
        values, values_back = index.get_level_values(level), back.get_level_values(level)
        if where := _of_columns(values.to_series(), values_back.to_series()):
            return where
    return None


def levels_of(index: pd.Index[Any]) -> list[pd.Index[Any]]:
    """The levels of a MultiIndex, else ``index`` itself."""
    return list(getattr(index, "levels", [index]))


def _of_columns(column: pd.Series[Any], back: pd.Series[Any]) -> str | None:
    """Both of the same length; their names and indexes are passed over."""
    dtype: Any = column.dtype
    dtype_back: Any = back.dtype
    if dtype != dtype_back or str(dtype) != str(dtype_back):
        was, comes = str(dtype), str(dtype_back)
        was, comes = (was, comes) if was != comes else (repr(dtype), repr(dtype_back))
        return f"is {was} and comes back as {comes}: {_CONVERT}, as with astype()"
    if str(dtype) == "object":
        return _of_cells(column, back)
    if hasattr(dtype, "categories"):
        if where := _of_indexes(dtype.categories, dtype_back.categories):
            return f"has categories that don't come back as they are ({where}): {_CONVERT}"
        column, back = column.cat.codes, back.cat.codes
    if column.array.equals(back.array) or (dtype.kind == "f" and _nearly(column, back)):
        return None
    return f"doesn't come back as it is: {_CONVERT}"


def _nearly(column: pd.Series[Any], back: pd.Series[Any]) -> bool:
    """Within what assert_frame_equal allows: CSV as pandas reads it is off by the last digit."""
    import numpy as np

    return bool(np.isclose(back, column, equal_nan=True).all())


def _of_cells(column: pd.Series[Any], back: pd.Series[Any]) -> str | None:
    for value, value_back in zip(column.array, back.array, strict=True):
        if type(value) in _SIMPLE and _is_same(value, value_back):
            continue
        if where := _of_values(value, value_back, in_frame=True):
            return f"holds {_shown(value)}, where {where}"
    return None
