"""How a value becomes bytes and back, by suffix.

One registry; a new suffix is one line: ``FORMATS[".csv"] = Format(encode, decode)``. Encoding
the same value gives the same bytes, since their hash is the asset's data version. No pickles:
they break with the code that wrote them, and run what they hold.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hn_luigi.assets.errors import FormatError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Format:
    """A pair of functions; ``decode(encode(value))`` equals ``value``."""

    encode: Callable[[Any], bytes]
    decode: Callable[[bytes], Any]
    binary: bool = False


def _encode_json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _encode_parquet(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, engine="pyarrow", index=False)
    return buffer.getvalue()


def _decode_parquet(data: bytes) -> pd.DataFrame:
    import zoneinfo  # noqa: F401 - pyarrow would, and takes a Ctrl-C meanwhile for its absence

    import pandas as pd

    return pd.read_parquet(io.BytesIO(data), engine="pyarrow")


def _encode_bytes(value: bytes) -> bytes:
    return bytes(memoryview(value))  # which refuses a number, where bytes() makes zeros of it


def _encode_text(value: str) -> bytes:
    if not isinstance(value, str):
        raise TypeError("it must be a str")
    return value.encode()


_TEXT = Format(_encode_text, bytes.decode)
_BYTES = Format(_encode_bytes, bytes, binary=True)

FORMATS: dict[str, Format] = {
    ".html": _TEXT,
    ".json": Format(_encode_json, json.loads),
    ".md": _TEXT,
    ".parquet": Format(_encode_parquet, _decode_parquet, binary=True),
    ".png": _BYTES,
    ".txt": _TEXT,
}


def format_of(suffix: str, *, what: str) -> Format:
    """The format for ``suffix``; raises FormatError, naming ``what``, if there is none."""
    try:
        return FORMATS[suffix]
    except KeyError:
        known = ", ".join(sorted(FORMATS))
        raise FormatError(
            f"{what}: there is no format for the suffix {suffix!r}: use one of {known}, "
            "or add your own to hn_luigi.assets.FORMATS"
        ) from None


def encode(suffix: str, value: Any, *, what: str) -> bytes:
    """``value`` as bytes; raises FormatError, naming ``what``, if it doesn't fit."""
    try:
        return format_of(suffix, what=what).encode(value)
    except (TypeError, ValueError, AttributeError) as error:
        raise FormatError(
            f"{what}: compute() returned a {type(value).__name__} that can't be stored as "
            f"{suffix}: {error}"
        ) from error


def decode(suffix: str, data: bytes, *, what: str) -> Any:
    """The value in ``data``; raises FormatError, naming ``what``, if it is damaged."""
    try:
        return format_of(suffix, what=what).decode(data)
    # pyarrow's errors are ValueErrors and OSErrors; JSON of many brackets is too deep
    except (ValueError, OSError, RecursionError) as error:
        raise FormatError(
            f"{what} is no readable {suffix} file ({error}): remove it and run again; "
            "if its window is over it can't be captured anew, so restore it from a copy"
        ) from error
