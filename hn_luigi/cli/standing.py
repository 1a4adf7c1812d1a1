"""How the assets of the graph stand, as ``hn-luigi status`` shows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from hn_luigi.assets import Asset, Freshness, window
from hn_luigi.assets.asset_class import captured_windows, starts_of
from hn_luigi.assets.failures import Failure
from hn_luigi.assets.parameters import LATEST
from hn_luigi.assets.provenance import State
from hn_luigi.assets.records import Record
from hn_luigi.assets.storage import storage
from hn_luigi.assets.survey import Survey
from hn_luigi.cli import lateness, show
from hn_luigi.cli.graph import GRAPH, asset_named, watched_feeds

_ROOMY = 100


def watched(as_of: datetime | None) -> list[Asset]:
    """The assets of the watched feeds, all of a feed for one window, upstream first.

    ``latest`` is the window whose captures are stored; the present one for a feed that has none.
    """
    found: list[Asset] = []
    for feed in watched_feeds():
        last = _at(GRAPH[-1], feed, None if as_of == LATEST else as_of)
        if as_of == LATEST and starts_of(captured_windows(last)):
            last = _at(GRAPH[-1], feed, LATEST)
        shared = {"as_of": last.as_of, "stored_only": last.stored_only}
        found.extend(_at(kind, feed, last.as_of).clone(**shared) for kind in GRAPH)
    return found


def table(found: Sequence[Survey], console: Console) -> RenderableType:
    """A row for each of ``found``, and below it what there is to say in words."""
    grid = Table(
        box=None,
        pad_edge=False,
        padding=(0, 2 if console.width >= _ROOMY else 1, 0, 0),
        header_style="bold",
    )
    for name in ("Asset", "Window", "State", "Newest"):
        grid.add_column(name, overflow="fold")
    for name in ("Age", "Rows", "Took", "Size"):
        grid.add_column(name, overflow="fold", justify="right")
    for name in ("Lag", "Limit"):
        grid.add_column(name, overflow="fold")
    for each in found:
        grid.add_row(*_row(each))
    now = f"{window.now():%Y-%m-%d %H:%M} UTC"
    head = Text(f"{now}, stored under {show.plain(str(storage().root))}")
    notes = [note for each in found for note in _notes(each)]
    return Group(head, Text(), grid, *([Text(), *notes] if notes else []))


def to_json(found: Survey) -> dict[str, Any]:
    """The facts of a row: times in ISO 8601, lengths in seconds, sizes in bytes."""
    asset, verdict, newest = found.asset, found.verdict, found.newest
    return {
        **lateness.to_json(asset, found.lag),
        "name": type(asset).__name__,
        "window": window.name(asset.as_of),
        "state": verdict.state.value,
        "reasons": list(verdict.reasons),
        "lost": verdict.lost,
        "newest": newest and _newest_json(newest),
        "failure": found.failure and failure_json(found.failure),
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
    }


def _newest_json(record: Record) -> dict[str, Any]:
    return {
        "window": record.window,
        "created_at": record.created_at,
        "data_time": record.data_time,
        "age_seconds": show.seconds(show.since(record.data_time)),
        "rows": record.metadata.get("rows"),
        "duration_seconds": record.duration,
        "size_bytes": record.size,
    }


def _at(kind: type[Asset], feed: str, as_of: datetime | None) -> Asset:
    return asset_named(kind.__name__, feed=feed, as_of=as_of)


def _row(found: Survey) -> Iterator[str | Text]:
    newest, policy = found.newest, found.asset.freshness
    yield found.asset.folder
    yield show.clock(found.asset.as_of)
    yield show.styled(found.verdict.state.value)
    yield show.window_name(newest.window) if newest else show.NOTHING
    yield show.age(found.lag.lag)
    yield show.fact(newest.metadata.get("rows", show.NOTHING)) if newest else show.NOTHING
    yield show.duration(newest.duration) if newest else show.NOTHING
    yield show.size(newest.size) if newest else show.NOTHING
    yield show.styled(found.lag.freshness.name) if policy else show.NOTHING
    yield show.age(policy.maximum_lag) if policy else show.NOTHING


def _notes(found: Survey) -> Iterator[Text]:
    asset, verdict, failure = found.asset, found.verdict, found.failure
    said = [] if verdict.state is State.MISSING else [show.plain("; ".join(verdict.reasons))]
    if verdict.lost:
        said.append("it can't be made any more")
    if not verdict.current and said:
        yield show.styled(verdict.state.value, f" {asset.folder}: {', and '.join(said)}")
    if found.lag.freshness in (Freshness.WARN, Freshness.FAIL):
        yield lateness.line(asset, found.lag)
    if failure:
        when = show.moment(failure.failed_at)
        again = ", to be tried again" if failure.retried else ""
        yield show.styled(
            "failed",
            f" {asset.folder} of {show.plain(failure.window)} at {when} "
            f"(attempt {failure.attempt}{again}): {show.plain(failure.error)}",
        )
