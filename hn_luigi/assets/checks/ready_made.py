"""Checks that most tables need.

The rows are those of a pandas frame, or the items of a list; a dict is one row.
"""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeGuard

from hn_luigi.assets.checks.check import Check, Severity

if TYPE_CHECKING:
    import pandas as pd

_SHOWN = 3
"""How many of what is wrong a message names."""


def row_count_between(low: int, high: int | None = None) -> Check:
    """At least ``low`` rows, and at most ``high``, if that is given."""

    def find(value: Any) -> str | None:
        count = _row_count(value)
        if count < low:
            return f"{_rows(count)}, fewer than {low:,}"
        return f"{_rows(count)}, more than {high:,}" if high is not None and count > high else None

    return Check(find, name=_named("row_count_between", low, *([] if high is None else [high])))


def columns(dtypes: Mapping[str, Any]) -> Check:
    """A frame has these columns, and they are of these dtypes; it may have others.

    Args:
        dtypes: by the name of the column, what pandas takes for a dtype, such as ``"int64"``.
    """

    def find(value: Any) -> str | None:
        if not _is_frame(value):
            raise TypeError(f"a {_kind(value)} has no columns with dtypes; give a frame of pandas")
        from pandas.api.types import pandas_dtype

        found = dict(zip(value.columns, value.dtypes, strict=True))
        wrong = [f"{name} is missing" for name in dtypes if name not in found]
        wrong += [
            f"{name} is {found[name]}, not {dtype}"
            for name, dtype in dtypes.items()
            if name in found and found[name] != pandas_dtype(dtype)
        ]
        return "; ".join(wrong) or None

    return Check(find, name=_named("columns", *dtypes))


def unique(*names: str) -> Check:
    """No two rows are alike in the columns ``names``; in all of them, if none is named."""

    def find(value: Any) -> str | None:
        if _is_frame(value):
            repeats = value[value.duplicated(list(names) or None)]
            shown = repeats[list(names)].itertuples(index=False, name=None) if names else ()
            return _repeated(len(repeats), shown)
        rows = [_hashable(_picked(row, names)) for row in _items(value)]
        counts = Counter(rows)
        return _repeated(len(rows) - len(counts), (r for r, count in counts.items() if count > 1))

    return Check(find, name=_named("unique", *names))


def not_null(*names: str) -> Check:
    """Nothing is missing in the columns ``names``; in any column, if none is named."""

    def find(value: Any) -> str | None:
        if _is_frame(value):
            nulls = value[list(names)] if names else value
            counts = {str(name): int(count) for name, count in nulls.isna().sum().items()}
        else:
            counts = Counter[str]()
            for row in _items(value):
                cells = row if isinstance(row, Mapping) else {"a value": row}
                wanted: Iterable[Any] = names or cells
                counts.update(str(name) for name in wanted if _is_null(cells.get(name)))
        wrong = [f"{_rows(n)} without {name}" for name, n in counts.items() if n]
        return "; ".join(wrong) or None

    return Check(find, name=_named("not_null", *names))


def row_count_change(*, at_most: float) -> Check:
    """The number of rows differs by this share at most from that of the last good output.

    It warns. The record's metadata holds the number as ``rows``.

    Args:
        at_most: 0.5 for half as many rows more or fewer.
    """

    def find(value: Any, last: Mapping[str, Any]) -> str | None:
        before, now = last.get("rows"), _row_count(value)
        if type(before) is not int or before <= 0 or abs(now - before) <= at_most * before:
            return None
        return f"{_rows(now)}, and {before:,} last time: a change of more than {at_most:.0%}"

    return Check(
        find,
        Severity.WARN,
        _named("row_count_change", at_most),
        reports=lambda value: {"rows": _row_count(value)},
    )


def _named(name: str, *arguments: object) -> str:
    return f"{name}({', '.join(map(str, arguments))})"


def _rows(count: int) -> str:
    return f"{count:,} row" if count == 1 else f"{count:,} rows"


def _repeated(count: int, rows: Iterable[Any]) -> str | None:
    """What is wrong if ``count`` rows repeat others, of which some of ``rows`` are shown."""
    if not count:
        return None
    told = [", ".join(map(str, r)) if isinstance(r, tuple) else str(r) for r in dict.fromkeys(rows)]
    such = f", such as {'; '.join(told[:_SHOWN])}" if told else ""
    return f"{_rows(count)} {'repeats' if count == 1 else 'repeat'} another{such}"


def _is_frame(value: object) -> TypeGuard[pd.DataFrame]:
    # Whoever has a frame has pandas; to import it for a list would take 0.4 s. A thread may be at
    # that just now (``preload``), and a module that is half imported lacks names.
    frame = getattr(sys.modules.get("pandas"), "DataFrame", None)
    return frame is not None and isinstance(value, frame)


def _row_count(value: Any) -> int:
    return len(value) if _is_frame(value) else len(_items(value))


def _items(value: Any) -> Sequence[Any]:
    """The rows of what is no frame."""
    if isinstance(value, Mapping):
        return [value]
    if isinstance(value, (list, tuple)):
        return value
    raise TypeError(f"a {_kind(value)} has no rows to check; write a function for it")


def _kind(value: object) -> str:
    kind = type(value)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"


def _picked(row: Any, names: Sequence[str]) -> Any:
    return tuple(row[name] for name in names) if names else row


def _hashable(value: Any) -> Hashable:
    if isinstance(value, Mapping):
        return tuple(sorted((str(name), _hashable(inner)) for name, inner in value.items()))
    if isinstance(value, (list, tuple)):
        return tuple(map(_hashable, value))
    return value  # type: ignore[no-any-return]


def _is_null(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))
