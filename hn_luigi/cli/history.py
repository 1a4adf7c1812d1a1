"""``hn-luigi history``: what was made of an asset, and what failed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import click
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from hn_luigi.assets.operations import (
    Dataset,
    Event,
    Failure,
    Record,
    SettingError,
    assets_under,
    cached_requests,
    events_of,
    is_called,
    root_store,
    stored_in,
)
from hn_luigi.cli.command import Command
from hn_luigi.cli.options import asset_argument, json_option
from hn_luigi.cli.output import show, show_json, styled
from hn_luigi.formatting import (
    age,
    duration,
    facts,
    listed,
    moment,
    plain,
    seconds,
    since,
    size,
    window_name,
)
from hn_luigi.watchlist import asset_of

# As git abbreviates: 40 bits tell apart all versions that a code will ever have. JSON has all.
_CODE_DIGITS = 10


@click.command(cls=Command)
@asset_argument
@click.option(
    "-n",
    "--limit",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    help="How many to show; no more are read.",
)
@json_option
def history(asset: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Show when ASSET was made, and what failed.

    The newest window comes first, and within a window the last event. Each time it was made is
    shown with the age of its data, what the step reported, what its checks found, the version of
    its code, and whether its output is still stored. Failed attempts are listed among them.

    \b
    Examples:
      hn-luigi history top/wordcloud
      hn-luigi history DiskReport --city Paris -n 5 --json
    """
    with cached_requests():
        dataset = _dataset(asset)
        events = events_of(dataset, limit=limit)
    if as_json:
        show_json([to_json(event) for event in events])
    else:
        show(text(dataset, events))


def _dataset(words: Sequence[str]) -> Dataset:
    """What is stored of the asset that ``words`` name; its class is loaded only where need be."""
    folders: list[str] = []
    if len(words) == 1:
        store, name = root_store(), words[0]
        found = stored_in(store, name)
        if not found:
            found = [asset for asset in assets_under(store) if is_called(asset, name)]
        folders = list(dict.fromkeys(asset.folder for asset in found))
        if len(folders) == 1:
            return found[0].dataset
    try:
        return asset_of(words).dataset
    except SettingError as error:
        if not folders:
            raise
        told = f"{words[0]!r} may be any of {plain(listed(folders))}: name one"
        raise SettingError(told) from error


def text(dataset: Dataset, events: Sequence[Event]) -> RenderableType:
    """A paragraph for each event."""
    if not events:
        root = plain(dataset.store.root)
        return Text(f"{dataset.folder} was never made under {root}.")
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for event in events:
        first, *more = _lines(event)
        grid.add_row(window_name(event.window, dataset.length), first)
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
        "age_seconds": seconds(since(found.data_time)),
        "duration_seconds": found.duration,
        "attempts": found.attempts,
        "size_bytes": found.size,
        "metadata": found.metadata,
        "warnings": found.warnings,
        "settings": found.settings,
        "code_version": found.code_version,
        "data_version": found.data_version,
        "invalidated_at": found.invalidated_at,
        "run": found.run,
        "started_by": found.started_by,
    }


def failure_json(failure: Failure) -> dict[str, Any]:
    """A failed attempt."""
    return {
        "window": failure.window,
        "failed_at": failure.failed_at,
        "error": failure.error,
        "attempt": failure.attempt,
        "retried": failure.retried,
        "duration_seconds": failure.duration,
        "code_version": failure.code_version,
        "check": failure.check,
        "run": failure.run,
        "started_by": failure.started_by,
    }


def _lines(event: Event) -> Iterator[Text]:
    found = event.found
    if isinstance(found, Failure):
        yield styled("failed", f" {', '.join(_of_failure(found))}")
        yield Text(plain(found.error))
    elif isinstance(found, Record):
        yield styled("made", f" {', '.join(_of_record(found))}")
        if not event.stored:
            yield styled("gone", ": its output is not stored")
        if found.metadata:
            yield Text(facts(found.metadata))
        for check, problem in found.warnings.items():
            yield styled("warning", f": {plain(check)}: {plain(problem)}")
    else:
        what = " failed attempt" if event.failed else ""
        yield styled("unreadable", f"{what}: {plain(found.reason)}")


def _of_record(record: Record) -> Iterator[str]:
    yield moment(record.created_at)
    yield f"data {age(since(record.data_time))} old"
    yield f"took {duration(record.duration)}"
    if record.attempts != 1:
        yield f"{record.attempts} attempts"
    yield size(record.size)
    if record.code_version:
        yield f"code {plain(record.code_version[:_CODE_DIGITS])}"
    if record.invalidated_at is not None:
        yield f"invalidated {moment(record.invalidated_at)}"


def _of_failure(failure: Failure) -> Iterator[str]:
    yield moment(failure.failed_at)
    yield f"attempt {failure.attempt}" + (", to be retried" if failure.retried else "")
    yield f"after {duration(failure.duration)}"
    if failure.code_version:
        yield f"code {plain(failure.code_version[:_CODE_DIGITS])}"
