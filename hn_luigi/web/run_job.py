"""A Luigi run that somebody pressed a button for, as a process of its own: its arguments are JSON.

It asks for assets to be made again, and makes what it is to make through a central scheduler.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import luigi
from luigi.execution_summary import LuigiStatusCode

from hn_luigi.assets import Asset, AssetError
from hn_luigi.assets.operations import (
    WindowClosed,
    WindowName,
    inherit_overrides,
    last_failure_since,
    mask_secrets,
    remake_asset,
    window,
)
from hn_luigi.watchlist import Graph, for_window, watched_or_broken

DONE, FAILED, NOTHING_TO_DO = 0, 1, 3
SCHEDULER = "HN_LUIGI_SCHEDULER_URL"
"""The variable that holds the scheduler's address."""


SCOPES = ("needed", "one", "upstream", "all")
"""What a button is about: what is missing or stale of assets and what they are made from; or else
made again though current: them alone, with what they are made from, everything of their graph."""


@dataclass(frozen=True)
class RunRequest:
    """What a run is to make, by the folders of assets."""

    make: tuple[str, ...]
    """The assets to make, and so what they are made from."""
    remake: tuple[str, ...] = ()
    """Those to make again though nothing about them has changed."""
    window: WindowName | None = None
    """Which window of them, by its name; None for the present one of each."""

    @classmethod
    def of(
        cls, graph: Graph, folders: Sequence[str], scope: str, window: WindowName | None = None
    ) -> RunRequest:
        """What a button for the assets in ``folders`` of ``graph`` asks for; one of ``SCOPES``."""
        make = [asset for asset in graph.assets if asset.folder in folders]
        remake: Sequence[Asset] = []
        if scope == "one":
            remake = make
        elif scope == "upstream":
            remake = [a for a in graph.assets if any(a in graph.upstream_of(m) for m in make)]
        elif scope == "all":
            make, remake = graph.roots, graph.assets
        return cls(tuple(a.folder for a in make), tuple(a.folder for a in remake), window)

    def command(self) -> list[str]:
        """What starts it; -P keeps the present folder from standing in for libraries."""
        return [sys.executable, "-P", "-m", "hn_luigi.web.run_job", json.dumps(asdict(self))]


def carry_out(request: RunRequest, scheduler: str) -> int:
    """Make it, through the scheduler at that address; prints what became of it."""
    began = window.timestamp(window.now())
    wanted = {*request.make, *request.remake}
    as_of = None if request.window is None else window.parse(request.window)
    # A line that names nothing keeps no other graph from being made, as it hides none.
    found, broken = watched_or_broken()
    assets = {a.folder: for_window(a, as_of) for a in found if a.folder in wanted}
    for folder in request.remake:
        try:
            if folder in assets:
                remake_asset(assets[folder])
        except WindowClosed as error:
            _say(f"Not remade: {error}")
            wanted -= {folder} - {*request.make}
    for folder in sorted(wanted - assets.keys()):
        _say(f"Not remade: nothing that is watched is called {folder} any more")
    if not assets.keys() & request.make:
        gone = f"nothing that is watched is called {' or '.join(request.make)} any more"
        _say(f"Failed: {'; '.join(line.error for line in broken) or gone}")
        return FAILED
    # Each by itself, upstream first: Luigi doesn't look behind a plain task that is complete.
    tasks = [asset for folder, asset in assets.items() if folder in wanted]
    # Asked here, as Luigi will: whether a run did anything its result tells in words only.
    if all(task.complete() for task in tasks):
        _say("Nothing to do: all that is stored is current.")
        return NOTHING_TO_DO
    result = luigi.build(
        tasks, local_scheduler=False, scheduler_url=scheduler, detailed_summary=True
    )
    if result.status is not LuigiStatusCode.SUCCESS:
        failures = (last_failure_since(task, began) for task in tasks)
        failure = next(filter(None, failures), None)
        _say(f"Failed: {failure.error if failure else result.one_line_summary}")
        return FAILED
    _say("Done.")
    return DONE


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    """Carry out the request in the arguments; the exit code says how it ended."""
    inherit_overrides()
    mask_secrets()
    try:
        return carry_out(RunRequest(**json.loads(sys.argv[1])), os.environ[SCHEDULER])
    except AssetError as error:
        _say(f"Failed: {error}")
        return FAILED


if __name__ == "__main__":
    sys.exit(main())
