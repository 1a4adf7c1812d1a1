"""How a value becomes bytes and back, exactly: one format a suffix."""

from hn_luigi.assets.formats.format import (
    FORMATS,
    PARQUET_ZSTD,
    Format,
    counted_format,
    decode,
    encode,
    format_of,
    versions_of,
)

__all__ = [
    "FORMATS",
    "PARQUET_ZSTD",
    "Format",
    "counted_format",
    "decode",
    "encode",
    "format_of",
    "versions_of",
]
