"""Frames as Parquet: those that it doesn't give back as they are, with notes that put them right.

A frame whose index is that of its rows is written without one. Only one that would come back
different is written with its index, its columns' names as they are, and what pandas doesn't tell
Parquet, noted in the file.
"""

# Not always with notes: what has none keeps the bytes, and so the data version, that it has had
# since the first version of the layer, and stored assets stay current. Others' readers (DuckDB,
# pandas) pass notes over.

from __future__ import annotations

import io
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from hn_luigi.assets.formats.exact import difference, levels_of
from hn_luigi.assets.formats.json_format import to_json

if TYPE_CHECKING:
    import pandas as pd

Compression: TypeAlias = Literal["snappy", "zstd"]
_CONVERT = "Columns need distinct strings as names and one kind of value each, that Parquet has"
_NOTES = b"hn_luigi"
"""The key of the notes among the file's metadata: JSON, see ``_notes``."""


def encode(frame: pd.DataFrame, *, compression: Compression = "snappy") -> bytes:
    """The bytes of ``frame``.

    Args:
        frame: of any index and columns.
        compression: of its columns; the file tells its readers.

    Raises:
        ValueError: it can't be stored, or would come back different.
        TypeError: it is no frame, or holds what can't be stored.
    """
    import pandas as pd
    import pyarrow as pa

    if not isinstance(frame, pd.DataFrame):
        remedy = ": use to_frame()" if isinstance(frame, pd.Series) else ""
        raise TypeError(f"it must be a pandas DataFrame{remedy}")
    try:
        to_json(frame.attrs)
    except ValueError as error:
        raise ValueError(f"its attrs can't be stored ({error}): empty them") from error
    try:
        data = _plain(frame, compression)
        back = decode(data)
        where = difference(frame, back)
        if where or _has_dicts(data):
            data = _noted(frame, back, compression)
            where = difference(frame, decode(data))
    # pyarrow's own, and what it and pandas raise of Python's for what they can't convert
    except (pa.ArrowException, ValueError, TypeError, OverflowError) as error:
        said = " ".join(str(error).split()).rstrip(".")
        raise ValueError(f"{said}. {_CONVERT}") from error
    if where:
        raise ValueError(where)
    return data


def decode(data: bytes) -> pd.DataFrame:
    """The frame in ``data``; raises ValueError or OSError if it is damaged."""
    import zoneinfo  # noqa: F401 - pyarrow would, and takes a Ctrl-C meanwhile for its absence

    import pandas as pd
    import pyarrow.parquet as pq

    frame = pd.read_parquet(io.BytesIO(data), engine="pyarrow")
    metadata = pq.read_schema(io.BytesIO(data)).metadata or {}
    return _put_right(frame, json.loads(metadata[_NOTES]), data) if _NOTES in metadata else frame


def _has_dicts(data: bytes) -> bool:
    """Whether cells hold dicts."""
    # Of which pandas makes [{"x": 1.0, "y": None}, {"x": None, "y": 2.0}] for [{"x": 1}, {"y": 2}];
    # pyarrow's to_pylist leaves whole numbers whole, and notes say which columns need it.
    import pyarrow.parquet as pq

    return any("struct<" in str(kind) for kind in pq.read_schema(io.BytesIO(data)).types)


def _plain(frame: pd.DataFrame, compression: Compression) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, engine="pyarrow", index=False, compression=compression)
    return buffer.getvalue()


def _noted(frame: pd.DataFrame, back: pd.DataFrame, compression: Compression) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(frame)
    more = {_NOTES: json.dumps(_notes(frame, back))}
    if frame.attrs:
        more[b"PANDAS_ATTRS"] = json.dumps(frame.attrs)  # as to_parquet does
    buffer = io.BytesIO()
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), **more})
    pq.write_table(table, buffer, compression=compression)
    return buffer.getvalue()


def _notes(frame: pd.DataFrame, back: pd.DataFrame) -> dict[str, Any]:
    """What puts a frame right: the dtypes of columns, by position, and the frequency of its index.

    Columns of objects are read as such. Categories are noted with their dtype and order.
    """
    dtypes: dict[int, Any] = {}
    for i, dtype in enumerate(frame.dtypes):
        if str(dtype) == "object":
            dtypes[i] = "object"
        elif i >= len(back.columns) or str(dtype) != str(back.dtypes.iloc[i]):
            dtypes[i] = str(dtype)
        if hasattr(dtype, "categories") and i in dtypes:
            categories = dtype.categories
            if all(isinstance(name, (str, int, float)) for name in categories.tolist()):
                dtypes[i] = [categories.tolist(), str(categories.dtype), bool(dtype.ordered)]
    freqs = [getattr(level, "freqstr", None) for level in levels_of(frame.index)]
    return {"dtypes": dtypes, "freq": freqs[0] if len(freqs) == 1 else None, "freqs": freqs}


def _put_right(frame: pd.DataFrame, notes: dict[str, Any], data: bytes) -> pd.DataFrame:
    import pandas as pd
    import pyarrow.parquet as pq

    columns = [frame.iloc[:, i] for i in range(len(frame.columns))]
    for position, dtype in notes["dtypes"].items():
        i = int(position)
        if dtype == "object":
            cells = pq.read_table(io.BytesIO(data)).column(i).to_pylist()
            columns[i] = pd.Series(cells, index=frame.index, dtype=object)
        elif isinstance(dtype, list):
            values, kind, ordered = dtype
            categories = pd.Index(values, dtype=kind)
            columns[i] = columns[i].astype(pd.CategoricalDtype(categories, ordered=ordered))
        else:
            columns[i] = columns[i].astype(dtype)
    right = pd.DataFrame(dict(enumerate(columns)), index=frame.index)
    right.columns, right.attrs = frame.columns, frame.attrs
    for level, freq in zip(
        levels_of(right.index), notes.get("freqs", [notes["freq"]]), strict=True
    ):
        if freq and isinstance(level, (pd.DatetimeIndex, pd.TimedeltaIndex)):
            kept: Any = level
            with suppress(ValueError):  # of a level that is used in part, which is then refused
                kept.freq = freq
    return right
