"""What was made of an asset and what failed, as ``hn-luigi history`` tells it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from hn_luigi.assets.failures import Failure
from hn_luigi.assets.history import Event
from hn_luigi.assets.records import Record
from hn_luigi.assets.series import Series
from hn_luigi.cli import show
from hn_luigi.cli.standing import failure_json

_CODE_DIGITS = 10


def text(series: Series, events: Sequence[Event]) -> RenderableType:
    """A paragraph for each event."""
    if not events:
        root = show.plain(series.store.root)
        return Text(f"{series.folder} was never made under {root}.")
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for event in events:
        first, *more = _lines(event)
        grid.add_row(event.window, first)
        for line in more:
            grid.add_row("", line)
    return grid


def to_json(event: Event) -> dict[str, Any]:
    """The facts of one event; ``kind`` is made, failed or unreadable."""
    found, place = event.found, {"window": event.window, "stored": event.stored}
    if isinstance(found, Failure):
        return {"kind": "failed", **failure_json(found), **place}
    if not isinstance(found, Record):
        what = "failed" if event.failed else "made"
        return {"kind": "unreadable", **place, "of": what, "reason": found.reason}
    return {
        "kind": "made",
        **place,
        "created_at": found.created_at,
        "data_time": found.data_time,
        "age_seconds": show.seconds(show.since(found.data_time)),
        "duration_seconds": found.duration,
        "attempts": found.attempts,
        "size_bytes": found.size,
        "metadata": found.metadata,
        "settings": found.settings,
        "code_version": found.code_version,
        "data_version": found.data_version,
        "invalidated_at": found.invalidated_at,
    }


def _lines(event: Event) -> Iterator[Text]:
    found = event.found
    if isinstance(found, Failure):
        yield show.styled("failed", f" {', '.join(_of_failure(found))}")
        yield Text(show.plain(found.error))
    elif isinstance(found, Record):
        yield show.styled("made", f" {', '.join(_of_record(found))}")
        if not event.stored:
            yield show.styled("gone", ": its output is not stored")
        if found.metadata:
            yield Text(show.facts(found.metadata))
    else:
        what = " failed attempt" if event.failed else ""
        yield show.styled("unreadable", f"{what}: {show.plain(found.reason)}")


def _of_record(record: Record) -> Iterator[str]:
    yield show.moment(record.created_at)
    yield f"data {show.age(show.since(record.data_time))} old"
    yield f"took {show.duration(record.duration)}"
    if record.attempts != 1:
        yield f"{record.attempts} attempts"
    yield show.size(record.size)
    if record.code_version:
        yield f"code {show.plain(record.code_version[:_CODE_DIGITS])}"
    if record.invalidated_at is not None:
        yield f"invalidated {show.moment(record.invalidated_at)}"


def _of_failure(failure: Failure) -> Iterator[str]:
    yield show.moment(failure.failed_at)
    yield f"attempt {failure.attempt}" + (", to be tried again" if failure.retried else "")
    yield f"after {show.duration(failure.duration)}"
    if failure.code_version:
        yield f"code {show.plain(failure.code_version[:_CODE_DIGITS])}"
