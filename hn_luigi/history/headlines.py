"""The headlines of a month: of all items in a file, the titles of stories that readers saw.

Of the 16 columns of open-index's archive four are read, some 0.3 of 12 GB: ``type``, an int8, 1 for
a story, 2 a comment, 3 a poll, 4 a part of a poll, 5 a job; ``deleted`` and ``dead``, 1 or 0 as
uint8; ``title``, a string, empty and not null where there is none, with HTML entities as the API
has them. (From the data set's card, and from others who have compared its items with the API's:
its types are told nowhere else.)
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import IO, TYPE_CHECKING, Any

from hn_luigi.hackernews import headline_of
from hn_luigi.history.errors import UnknownColumns
from hn_luigi.history.months import MonthFile

if TYPE_CHECKING:
    import pyarrow as pa

Opener = Callable[[MonthFile], AbstractContextManager[IO[bytes]]]
"""Opens a month to be read in parts, and raises MonthChanged at the end unless it is as listed."""

_STORY = 1


def headlines_of(file: MonthFile, open_file: Opener) -> list[str]:
    """The titles of the stories of a month, dead and deleted ones left out, in the file's order.

    Polls and jobs are no stories; an Ask HN and a Show HN are.

    Raises:
        UnknownColumns: it has other columns than the archive has, or is no Parquet.
        MonthChanged: it was replaced since it was listed.
    """
    import pyarrow as pa

    with open_file(file) as source:
        try:
            titles = _titles(source, file)
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise  # of the disk; what pyarrow can't decode has no number
            said = " ".join(str(error).split())
            raise UnknownColumns(
                f"{file.path} can't be read as Parquet ({said}): fetch it again"
            ) from error
    return [text for title in titles if (text := headline_of(title))]


def _titles(source: IO[bytes], file: MonthFile) -> list[str | None]:
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    # Ranges that are near each other are read by one request of an object store. By one thread,
    # since other processes read other months.
    parquet = pq.ParquetFile(source, pre_buffer=True)
    _require_columns(parquet.schema_arrow, file)
    items = parquet.read(["type", "deleted", "dead", "title"], use_threads=False)
    is_shown = pc.and_(
        pc.equal(items["type"], _STORY),
        pc.invert(pc.or_(_is_set(items["deleted"]), _is_set(items["dead"]))),
    )
    titles: list[str | None] = items["title"].filter(is_shown).to_pylist()
    return titles


def _is_set(flags: pa.ChunkedArray) -> pa.ChunkedArray:
    """Whether each is 1, or true; an item without the mark may have a null."""
    import pyarrow.compute as pc

    return pc.fill_null(flags.cast("bool"), False)


def _require_columns(schema: pa.Schema, file: MonthFile) -> None:
    """Refuse other columns than the archive's, as those of a data set that calls a type ``story``.

    Which integers and strings they are, and what other columns there are, doesn't matter.
    """
    from pyarrow import types

    def is_flag(kind: Any) -> bool:
        return bool(types.is_integer(kind) or types.is_boolean(kind))

    def is_text(kind: Any) -> bool:
        return bool(types.is_string(kind) or types.is_large_string(kind))

    wanted: dict[str, tuple[Callable[[Any], bool], str]] = {
        "type": (types.is_integer, "integers, 1 for a story"),
        "deleted": (is_flag, "1 or 0"),
        "dead": (is_flag, "1 or 0"),
        "title": (is_text, "strings"),
    }
    for name, (fits, what) in wanted.items():
        place = schema.get_field_index(name)
        found = "isn't there" if place < 0 else f"holds {schema.field(place).type}"
        if place < 0 or not fits(schema.field(place).type):
            raise UnknownColumns(
                f"{file.path}: its column {name} {found}; it has to hold {what}, as in "
                "open-index's archive: set [history] source to one that is laid out like it"
            )
