"""What comes next of each line of the watch list, asked of storage in the reader's thread."""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from hn_luigi import deadline
from hn_luigi.assets import AssetError
from hn_luigi.assets.operations import NO_WINDOW, Record
from hn_luigi.formatting import plain
from hn_luigi.refresh import Due, LineFacts, Need, PastRun, due, facts_of, share
from hn_luigi.watchlist import WatchedLine
from hn_luigi.web.runs import Run

# An object store that can't be reached says so within 13 s; a disk that is gone never does.
_PATIENCE = 30
"""Seconds that what is known of a line may take; the others aren't kept waiting for longer."""
_SLOW = f"what is known of it isn't told within {_PATIENCE} s"


@dataclass(frozen=True)
class Plan:
    """What is known of a line of the watch list, and what comes next of it."""

    line: LineFacts
    next: Due
    run: Run | None = None
    """The run that refreshes it now."""
    made_by: str = ""
    """Who else started the run that made its present window; empty if this server's refresh did,
    or it isn't made."""

    @property
    def news(self) -> str:
        """What others do of it, in words."""
        if self.run:
            return ""
        if any(asset.is_being_made for asset in self.line.assets):
            return "another run is making it"
        root = self.line.root
        what = "it" if root.length == NO_WINDOW else root.length.label(root.start)
        return f"{what} was made by {self.made_by}" if self.made_by else ""


class Planner:
    """Tells what comes next of lines, and passes by those that don't answer."""

    def __init__(self) -> None:
        self._share = share()
        self._slow: dict[str, Future[LineFacts]] = {}

    def facts(
        self,
        line: WatchedLine,
        past: Sequence[PastRun],
        own: Container[str],
        paused: Mapping[str, datetime],
        being_made: frozenset[str],
    ) -> tuple[LineFacts, str]:
        """What is known of ``line``, and who else made its present window, as in ``Plan``.

        Args:
            line: of the watch list.
            past: the runs of this server's refresh that are over.
            own: the ids of all of its runs.
            paused: since when lines are paused, as ``facts_of`` takes it.
            being_made: the folders of what runs of this server make now.

        Raises:
            AssetError: storage doesn't answer, or a class of the line fails.
        """
        before = self._slow.get(line.text)
        if before and not before.done():
            raise AssetError(_SLOW)
        # In a thread of its own, which can be left behind: it keeps neither pages nor other lines.
        answer = self._slow[line.text] = deadline.start(partial(facts_of, line, past, paused))
        try:
            facts = _with_runs(answer.result(_PATIENCE), being_made)
        except TimeoutError:
            if answer.done():  # it is what it says
                raise
            raise AssetError(_SLOW) from None
        record = line.root.partition.record()
        is_own = isinstance(record, Record) and record.run in own
        made_by = record.started_by if isinstance(record, Record) and not is_own else ""
        return facts, plain(made_by)

    def plans(self, known: Collection[tuple[LineFacts, str]], now: datetime) -> dict[str, Plan]:
        """What comes next of the lines that ``facts`` told of, by the folders of what they name."""
        lines = [line for line, _ in known]
        return {
            line.root.folder: Plan(line, due(line, now, self._share, lines), made_by=made_by)
            for line, made_by in known
        }


def _with_runs(line: LineFacts, being_made: frozenset[str]) -> LineFacts:
    """``line``, known that runs are making the assets in those folders."""
    assets = [
        replace(asset, is_being_made=True)
        if asset.need is not Need.NOTHING and not folders.isdisjoint(being_made)
        else asset
        for asset, folders in zip(line.assets, line.upstream, strict=True)
    ]
    return replace(line, assets=assets)
