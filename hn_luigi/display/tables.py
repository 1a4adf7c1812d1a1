"""Outputs that are tables: what is shown of them, in what order, and as what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from hn_luigi.formatting import NOTHING, counted, cut_off
from hn_luigi.strangers import one_line, web_address

if TYPE_CHECKING:
    import pyarrow as pa

FIRST_ROWS, MOST_ROWS, MOST_COLUMNS, MOST_CELLS = 50, 1_000, 100, 20_000
LONGEST_CELL = 2_000
"""Characters."""
_MOST_SORTED = 2_000_000
"""Cells of a table that is read as a whole to sort it, which takes half a second where a fifth
of them are texts; of a larger one the first rows are read. Parquet can hold a thousand million
equal rows in a kilobyte."""
_BUFFER = 1 << 20


@dataclass(frozen=True)
class Column:
    """A column of a table."""

    name: str
    kind: str
    """The type of its values, as Arrow calls it."""
    css_class: str
    """``number`` or ``time`` if its values are such."""
    order: str = ""
    """``ascending`` or ``descending`` if the table is sorted by it."""

    @property
    def other_order(self) -> str:
        """What the page is asked for to sort by it, or once sorted the other way round."""
        return f"-{self.name}" if self.order == "ascending" else self.name


@dataclass(frozen=True)
class Table:
    """What is shown of a table."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[tuple[str, str | None]]]
    """Cells: a text, and where it leads."""
    is_sortable: bool
    cut: str
    """How much there is beside that, empty if that is all."""
    more: str = ""
    """The rows that can be shown, in words, if not all of those are."""


def parquet_table(file: IO[bytes], sort: str | None, rows: int = MOST_ROWS) -> Table:
    """The rows of a Parquet file, of which no more is read than is shown if it is large."""
    import pyarrow.parquet as pq

    parquet = pq.ParquetFile(file, buffer_size=_BUFFER)
    count, width = parquet.metadata.num_rows, len(parquet.schema_arrow)
    if count * width <= _MOST_SORTED:
        return shown(parquet.read(), sort, rows)
    first = next(parquet.iter_batches(batch_size=MOST_ROWS))
    return shown(_table_of(first), sort, rows, count=count)


def csv_table(file: IO[bytes], sort: str | None, rows: int = MOST_ROWS, *, delimiter: str) -> Table:
    """The rows of a file of values with a header line."""
    import pyarrow.csv

    options = pyarrow.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True)
    return shown(pyarrow.csv.read_csv(file, parse_options=options), sort, rows)


def records_table(
    records: Sequence[dict[str, Any]], sort: str | None, rows: int = MOST_ROWS
) -> Table:
    """A row for each of the JSON objects; raises ArrowException where a column is of many kinds."""
    import pyarrow as pa

    names = dict.fromkeys(name for record in records for name in record)
    columns = {name: [record.get(name) for record in records] for name in names}
    return shown(pa.table(columns), sort, rows)


def shown(
    table: pa.Table, sort: str | None, rows: int = MOST_ROWS, *, count: int | None = None
) -> Table:
    """What is shown of ``table``.

    Args:
        table: of any columns.
        sort: the name of a column to sort by, with a minus before it the largest first; what is no
            such name, or None, leaves the order as it is.
        rows: how many to show at most.
        count: how many rows there are, if ``table`` is the first of more than can be sorted.
    """
    total, names = table.num_rows if count is None else count, table.column_names
    column, order = sort or "", "ascending"
    if column not in names and column.startswith("-"):
        column, order = column[1:], "descending"
    is_sorted = sort is not None and count is None and column in names
    if is_sorted:
        table, is_sorted = _sorted(table, names.index(column), order)
    width = min(len(names), MOST_COLUMNS)
    most = min(total, MOST_ROWS, MOST_CELLS // max(width, 1))
    part = table.slice(0, min(most, rows))
    columns = [
        _column(name, kind, order if is_sorted and name == column else "")
        for name, kind in zip(names[:width], part.schema.types, strict=False)
    ]
    cells = [[_cell(value) for value in _values(part.column(n))] for n in range(width)]
    cuts = [(part.num_rows, total, "row"), (width, len(names), "column")]
    cut = [f"{some:,} of {counted(all_, noun)}" for some, all_, noun in cuts if some < all_]
    said = counted(most, "row")
    return Table(
        columns,
        list(zip(*cells, strict=True)),
        is_sortable=count is None,
        cut=f"The first {' and '.join(cut)}" if cut else "",
        more="" if part.num_rows == most else f"{'all' if most == total else 'the first'} {said}",
    )


def _table_of(batch: pa.RecordBatch) -> pa.Table:
    import pyarrow as pa

    return pa.Table.from_batches([batch])


def _sorted(table: pa.Table, number: int, order: str) -> tuple[pa.Table, bool]:
    """``table`` by that column, what has no value last; whether it can be."""
    import pyarrow as pa
    import pyarrow.compute as pc

    keys = table.column(number)
    try:
        if pa.types.is_dictionary(keys.type):
            keys = keys.cast(keys.type.value_type)
        if pa.types.is_string(keys.type) or pa.types.is_large_string(keys.type):
            keys = pc.utf8_lower(keys)
        by = pc.sort_indices(pa.table({"key": keys}), sort_keys=[("key", order)])
        return table.take(by.slice(0, MOST_ROWS)), True
    except (pa.ArrowException, TypeError):  # lists and the like have no order
        return table, False


def _column(name: str, kind: pa.DataType, order: str) -> Column:
    import pyarrow as pa

    numbers = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)
    is_number, is_time = any(is_one(kind) for is_one in numbers), pa.types.is_temporal(kind)
    told = str(kind).replace("large_", "")  # that its offsets have 64 bits concerns no reader
    css_class = "number" if is_number else "time" if is_time else ""
    return Column(name, cut_off(told, 60), css_class, order)


def _values(column: pa.ChunkedArray) -> list[Any]:
    try:
        return list(column.to_pylist())
    except Exception:  # of text that isn't UTF-8, or a time that Python has none for
        return [_value(scalar.as_py) for scalar in column]


def _value(value_of: Callable[[], Any]) -> Any:
    try:
        return value_of()
    except Exception:
        return "(unreadable)"


def _cell(value: Any) -> tuple[str, str | None]:
    if value is None:
        return NOTHING, None
    if isinstance(value, bytes):
        return counted(len(value), "byte"), None
    if isinstance(value, str):
        return cut_off(one_line(value), LONGEST_CELL), web_address(value)
    return cut_off(one_line(str(value).removesuffix("+00:00")), LONGEST_CELL), None
