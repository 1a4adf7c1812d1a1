"""A Luigi run that somebody pressed a button for, as a process of its own: its arguments are JSON.

It asks for assets to be made again, and makes what it is to make through a central scheduler.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import asdict, dataclass

import luigi
from luigi.execution_summary import LuigiStatusCode

from hn_luigi.assets import AssetError
from hn_luigi.assets.operations import (
    WindowClosed,
    inherit_overrides,
    invalidate_asset,
    last_failure_since,
    mask_secrets,
    window,
)
from hn_luigi.parent_death import die_with
from hn_luigi.watchlist import asset_named

DONE, FAILED, NOTHING_TO_DO = 0, 1, 3
SCHEDULER = "HN_LUIGI_SCHEDULER_URL"
"""The variable that holds the scheduler's address."""


@dataclass(frozen=True)
class RunRequest:
    """What a run is to make."""

    feed: str
    asset: str
    """The name of the asset to make, and so of what it is made from."""
    invalidate: tuple[str, ...] = ()
    """Names of the assets to make again though nothing about them has changed."""

    def command(self) -> list[str]:
        """What starts it."""
        return [sys.executable, "-m", "hn_luigi.web.run_job", json.dumps(asdict(self))]


def carry_out(request: RunRequest, scheduler: str) -> int:
    """Make it, through the scheduler at that address; prints what became of it."""
    began = window.timestamp(window.now())
    for name in request.invalidate:
        try:
            invalidate_asset(asset_named(name, feed=request.feed, as_of=None))
        except WindowClosed as error:
            print(f"Not remade: {error}", file=sys.stderr)
    task = asset_named(request.asset, feed=request.feed, as_of=None)
    # Asked here, as Luigi will: whether a run did anything its result tells in words only.
    if task.complete():
        _say("Nothing to do: all that is stored is current.")
        return NOTHING_TO_DO
    result = luigi.build(
        [task], local_scheduler=False, scheduler_url=scheduler, detailed_summary=True
    )
    if result.status is not LuigiStatusCode.SUCCESS:
        failure = last_failure_since(task, began)
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
    # SIGTERM, so that Luigi's worker takes its leave of the scheduler and steps unwind.
    if not die_with(os.getppid(), signal.SIGTERM):
        return FAILED
    try:
        return carry_out(RunRequest(**json.loads(sys.argv[1])), os.environ[SCHEDULER])
    except AssetError as error:
        _say(f"Failed: {error}")
        return FAILED


if __name__ == "__main__":
    sys.exit(main())
