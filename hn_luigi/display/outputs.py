"""Outputs as people would look at them, by what their names end in, whoever wrote them.

All of it is strangers' text, which is escaped, and isolated from what stands beside it.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import IO, Any

from tornado.escape import xhtml_escape
from tornado.template import Loader

from hn_luigi import formatting
from hn_luigi.assets.operations import Dataset, StorageError, WindowName, in_words, masked
from hn_luigi.display.json_html import tree
from hn_luigi.display.markdown_html import PICTURE, size_of_png, to_html
from hn_luigi.display.tables import (
    FIRST_ROWS,
    MOST_ROWS,
    Table,
    csv_table,
    parquet_table,
    records_table,
)

LARGEST = 32_000_000
"""Bytes of an output that is read as a whole."""
_MOST_TEXT = 200_000
"""Characters that are shown: Markdown of that length takes 0.7 s, and its reader longer."""
_TEMPLATES = Loader(os.fspath(Path(__file__).parent))
_MAGIC = {
    ".gif": b"GIF8",
    ".jpeg": b"\xff\xd8\xff",
    ".jpg": b"\xff\xd8\xff",
    ".png": b"\x89PNG\r\n\x1a\n",
    ".webp": b"RIFF",
}
"""Pictures, by how they begin. An SVG isn't among them: it can hold scripts."""


@dataclass(frozen=True)
class Shown:
    """What is to be seen of an output."""

    body: str = ""
    """HTML; empty if there is nothing but to download it."""
    title: str = ""
    cut: str = ""
    """How much there is beside what is shown, empty if that is all."""
    notice: str = ""
    """Why it isn't shown as it is meant to be."""


@dataclass(frozen=True)
class Output:
    """An output that is stored."""

    dataset: Dataset
    window: WindowName
    size: int
    """Bytes."""
    sort: str | None = None
    """What to sort a table by, see ``tables.shown``."""
    all_rows: bool = True
    """Whether to show the rows of a table that come after the first ``FIRST_ROWS``."""
    table_url: Callable[[str | None, bool], str | None] = lambda sort, all_rows: None
    """The address of what is shown so; None where there is only one file."""
    url: str | None = None
    """Where it can be downloaded; None where all that is shown has to be in one file."""

    def open(self) -> IO[bytes]:
        """A file that can be sought in, to be closed; raises StorageError."""
        key = self.dataset.partition(self.window).output_key
        file: IO[bytes] = self.dataset.store.target(key, binary=True).open("r")
        return file

    def open_small(self) -> IO[bytes]:
        """As ``open``; raises ValueError if it is too much to be read as a whole."""
        if self.size > LARGEST:
            raise _TooLarge
        return self.open()

    def read(self) -> bytes:
        """All of it; raises ValueError if that is too much."""
        with closing(self.open_small()) as file:
            return file.read()


class _TooLarge(ValueError):
    """It isn't read."""


def rendered(template: str, **values: Any) -> str:
    """The HTML of a template of this room."""
    html: bytes = _TEMPLATES.load(template).generate(**values)
    return html.decode()


def shown_by_suffix(output: Output) -> Shown:
    """What is to be seen of ``output`` where its class says nothing; raises StorageError."""
    suffix = output.dataset.suffix.lower()
    show = _BY_SUFFIX.get(suffix, _text)
    try:
        return show(output)
    except _TooLarge:
        return too_large(output)
    except StorageError:
        raise
    # Of damaged bytes a decoder raises what it likes, as zlib.error, EOFError or KeyError.
    except Exception as error:
        said = formatting.plain(masked(in_words(error)), 300)
        return replace(_plain(output), notice=f"It isn't a readable {suffix} file: {said}")


def too_large(output: Output) -> Shown:
    """What is said in place of ``output``."""
    return Shown(cut=f"{formatting.size(output.size)}, which is too much to be shown here")


def _plain(output: Output) -> Shown:
    try:
        return _text(output)
    except Exception:  # it was removed meanwhile, or is too large
        return Shown()


def _text(output: Output) -> Shown:
    try:
        text = output.read().decode()
    except UnicodeDecodeError:
        return Shown(cut=_of_no_text(output))
    if "\0" in text:
        return Shown(cut=_of_no_text(output))
    some = text[:_MOST_TEXT]
    return Shown(f'<pre class="text" tabindex="0">{xhtml_escape(some)}</pre>', cut=_of(some, text))


def _of_no_text(output: Output) -> str:
    return f"{formatting.size(output.size)} that aren't text"


def _of(some: str, text: str) -> str:
    if len(some) == len(text):
        return ""
    return f"The first {len(some):,} of {formatting.counted(len(text), 'character')}"


def markdown_shown(text: str, link: Any = lambda detail: None, areas: Any = None) -> Shown:
    """Markdown of an output, a view or a detail; its pictures aren't counted for its length."""
    text = text.encode(errors="replace").decode()
    if len(text) > _MOST_TEXT and len(_without_pictures(text)) > _MOST_TEXT:
        some = text[:_MOST_TEXT]
        return Shown(f'<pre class="text">{xhtml_escape(some)}</pre>', cut=_of(some, text))
    html = to_html(text, link, areas)
    return Shown(html.body, html.title)


def _without_pictures(text: str) -> str:
    """``text`` without the data of its pictures, wherever in it that is."""
    return PICTURE.sub("", text)


def markdown_of(output: Output) -> str:
    """The text of an output that is Markdown; raises ValueError if it is none, or too much."""
    return output.read().decode()


def _markdown(output: Output) -> Shown:
    return markdown_shown(markdown_of(output))


def _table(output: Output, read: Callable[..., Table], *, in_part: bool = False) -> Shown:
    # An object is brought to this machine whole, whatever of it is read.
    is_any_size = in_part and "://" not in output.dataset.store.root
    with closing(output.open() if is_any_size else output.open_small()) as file:
        return _table_html(read(file, output.sort, _rows(output)), output)


def _rows(output: Output) -> int:
    return MOST_ROWS if output.all_rows else FIRST_ROWS


def _table_html(table: Table, output: Output) -> Shown:
    return Shown(rendered("table.html", table=table, output=output), cut=table.cut)


def _json(output: Output) -> Shown:
    return _value(json.loads(output.read()), output)


def _json_lines(output: Output) -> Shown:
    # Not by pyarrow.json (26.0), whose reader ends the process at a line that is null.
    lines = output.read().splitlines()
    return _value([json.loads(line) for line in lines if line.strip()], output)


def _value(value: Any, output: Output) -> Shown:
    if _is_records(value):
        import pyarrow as pa

        try:
            return _table_html(records_table(value, output.sort, _rows(output)), output)
        except pa.ArrowException:
            pass  # columns of several kinds
    body, some = tree(value)
    return Shown(body, cut=some)


def _is_records(value: Any) -> bool:
    """Whether it is a list of objects none of which holds more of such."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(
            isinstance(row, dict) and not any(isinstance(v, (dict, list)) for v in row.values())
            for row in value
        )
    )


def _picture(output: Output) -> Shown:
    suffix = output.dataset.suffix.lower()
    with closing(output.open_small()) as file:
        begin = file.read(24)
        rest = file.read() if output.url is None else b""
    if not begin.startswith(_MAGIC[suffix]):
        raise ValueError(f"it begins with {begin[:8]!r}")
    data = base64.b64encode(begin + rest).decode()
    source = f"data:{kind_of(suffix)};base64,{data}" if output.url is None else output.url
    width, height = size_of_png(begin) if suffix == ".png" else (0, 0)
    size = f' width="{width}" height="{height}"' if width and height else ""
    return Shown(
        f'<figure class="picture"><img src="{xhtml_escape(source)}" alt="The output, a picture"'
        f"{size}></figure>"
    )


def kind_of(suffix: str) -> str:
    """The media type of an output that may be shown as it is, else that of mere bytes."""
    if suffix.lower() not in _MAGIC:
        return "application/octet-stream"
    return f"image/{suffix.lower()[1:].replace('jpg', 'jpeg')}"


_BY_SUFFIX: dict[str, Callable[[Output], Shown]] = {
    ".csv": partial(_table, read=partial(csv_table, delimiter=",")),
    ".json": _json,
    ".jsonl": _json_lines,
    ".md": _markdown,
    ".ndjson": _json_lines,
    ".parquet": partial(_table, read=parquet_table, in_part=True),
    ".tsv": partial(_table, read=partial(csv_table, delimiter="\t")),
    **dict.fromkeys(_MAGIC, _picture),
}
