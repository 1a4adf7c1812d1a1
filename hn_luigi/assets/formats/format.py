"""How a value becomes bytes and back, by suffix.

One registry; a new suffix is one line: ``FORMATS[".csv"] = Format(encode, decode)``. Encoding
the same value gives the same bytes, since their hash is the asset's data version.

What doesn't come back as it was is refused before it is published: the layer's own formats do
it themselves, others are held to it wherever two values can be compared.
"""

# No pickles: they break with the code that wrote them, and run what they hold, as the layer would
# for everybody who can write to a bucket. No luigi.format: it wraps streams, may be set on any
# target, and has no value to hold against what comes back.

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from hn_luigi.assets.code.functions import Functions, functions
from hn_luigi.assets.errors import FormatError, in_words
from hn_luigi.assets.formats import parquet
from hn_luigi.assets.formats.exact import difference
from hn_luigi.assets.formats.json_format import to_json


@dataclass(frozen=True)
class Format:
    """A pair of functions; ``decode(encode(value))`` equals ``value``.

    Their code, and what they close over or are called with, is part of the code of what is
    stored by them, and of what is made from it.
    """

    encode: Callable[[Any], bytes]
    decode: Callable[[bytes], Any]
    binary: bool = False
    version: str = ""
    """To raise where the functions' text doesn't show a change."""
    encoder: Functions = field(init=False, repr=False, compare=False)
    decoder: Functions = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # At once, since what a function holds may change, and its text on disk: after an edit,
        # inspect.getsource returns the new text while the loaded code is the old.
        object.__setattr__(self, "encoder", functions(self.version, self.encode))
        object.__setattr__(self, "decoder", functions(self.version, self.decode))


def _encode_json(value: Any) -> bytes:
    return (to_json(value) + "\n").encode()


def _encode_bytes(value: bytes) -> bytes:
    if not isinstance(value, (bytes, bytearray, memoryview)):
        raise TypeError("it must be bytes")  # of a number, bytes() would make zeros
    data = bytes(value)
    _require_alike(value, data)
    return data


def _encode_text(value: str) -> bytes:
    if not isinstance(value, str):
        raise TypeError("it must be a str")
    return value.encode()


def _require_alike(value: Any, back: Any, *, otherwise: str = "") -> None:
    if where := difference(value, back):
        raise ValueError(where + otherwise)


_TEXT = Format(_encode_text, bytes.decode)
_BYTES = Format(_encode_bytes, bytes, binary=True)

FORMATS: dict[str, Format] = {
    ".html": _TEXT,
    ".json": Format(_encode_json, json.loads),
    ".md": _TEXT,
    ".parquet": Format(parquet.encode, parquet.decode, binary=True),
    ".png": _BYTES,
    ".txt": _TEXT,
}
PARQUET_ZSTD = Format(
    partial(parquet.encode, compression="zstd"), FORMATS[".parquet"].decode, binary=True
)
"""``.parquet``, smaller: as ``own_format`` of what is kept for long. Each reads the other's."""
_BUILT_IN = [*FORMATS.items(), (".parquet", PARQUET_ZSTD)]


def format_of(suffix: str, *, what: str, own: Format | None = None) -> Format:
    """The format for ``suffix``, unless a class has its ``own``.

    Raises:
        FormatError: there is none; ``what`` is named.
    """
    form = FORMATS.get(suffix) if own is None or not suffix else own
    if form is None:
        known = ", ".join(sorted(FORMATS))
        raise FormatError(
            f"{what}: there is no format for the suffix {suffix!r}: use one of {known}, "
            "or add your own to hn_luigi.assets.FORMATS"
        )
    if not isinstance(form, Format):
        raise FormatError(f"FORMATS[{suffix!r}] is {ascii(form)[:80]}; make it a Format")
    return form


def counted_format(suffix: str, own: Format | None = None) -> Format | None:
    """The format for ``suffix`` if its functions count as code of what uses them, else None.

    The layer's own under their own suffixes don't, while they have no version.
    """
    form = FORMATS.get(suffix) if own is None else own
    if not isinstance(form, Format):  # of what isn't one, a run tells
        return None
    return form if form.version or not _is_built_in(suffix, form) else None


def versions_of(suffix: str, own: Format | None = None) -> dict[str, str]:
    """The versions of the functions that ``encode`` and ``decode``, as a record holds them."""
    # None of the layer's own, whose every version reads what an earlier one has stored: with them,
    # each release of hn_luigi would make a year of assets stale.
    form = counted_format(suffix, own)
    if form is None or _is_built_in(suffix, form):
        return {}
    return {"encode": form.encoder.version, "decode": form.decoder.version}


def _is_built_in(suffix: str, form: Format) -> bool:
    its = (suffix, form.encode, form.decode)
    return its in [(name, ours.encode, ours.decode) for name, ours in _BUILT_IN]


def encode(suffix: str, value: Any, *, what: str, own: Format | None = None) -> bytes:
    """``value`` as bytes.

    Raises:
        FormatError: it doesn't fit, or would come back different; ``what`` is named.
    """
    form = format_of(suffix, what=what, own=own)
    if value is None:
        raise FormatError(
            f"{what}: compute() returned None; does it lack a return? Return what is to be "
            "stored, or something empty if that is nothing"
        )
    try:
        data = form.encode(value)
        if isinstance(data, (bytearray, memoryview)):
            data = bytes(data)
        if not isinstance(data, bytes):
            raise TypeError(f"its encode() gives a {type(data).__name__} and must give bytes")
        if all(form != ours for _, ours in _BUILT_IN):  # which have looked by themselves
            otherwise = ", or let its Format's decode give it back as it was"
            _require_alike(value, _read_back(form, data), otherwise=otherwise)
    except _MISFITS as error:
        raise FormatError(
            f"{what}: compute() returned a {type(value).__name__} that can't be stored as "
            f"{suffix}: {error}"
        ) from error
    return data


def _read_back(form: Format, data: bytes) -> Any:
    try:
        return form.decode(data)
    except Exception as error:
        raise ValueError(
            f"its Format's decode can't read it back ({in_words(error)}); if nothing is to read "
            "it, give bytes as decode"
        ) from error


def decode(suffix: str, data: bytes, *, what: str, own: Format | None = None) -> Any:
    """The value in ``data``; raises FormatError, naming ``what``, if it is damaged."""
    try:
        return format_of(suffix, what=what, own=own).decode(data)
    # Of damaged bytes a decoder raises what it likes, as zlib.error, EOFError or KeyError; this one
    # could read them when they were stored.
    except Exception as error:
        raise FormatError(
            f"{what} isn't a readable {suffix} file ({error}): delete it and run again; if its "
            "window is over, hn-luigi rebuild makes it again where all is stored that it is made "
            "from, and what was captured has to be restored from a backup"
        ) from error


_MISFITS = (
    TypeError,
    ValueError,
    AttributeError,
    ArithmeticError,
    NotImplementedError,
    RecursionError,
)
"""What functions raise for a value that is not for them."""
