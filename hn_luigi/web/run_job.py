"""A Luigi run that somebody pressed a button for, as a process of its own: its arguments are JSON.

It asks for assets to be made again, and makes what it is to make through a central scheduler.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from dataclasses import asdict, dataclass

import luigi
from luigi.execution_summary import LuigiRunResult, LuigiStatusCode

from hn_luigi.assets import AssetError
from hn_luigi.assets.operations import (
    WindowClosed,
    failures_of,
    invalidate_asset,
    mask_secrets,
    window,
)
from hn_luigi.watchlist import asset_named

DONE, FAILED, NOTHING_TO_DO = 0, 1, 3
_PR_SET_PDEATHSIG = 1  # prctl(2)
SCHEDULER = "HN_LUIGI_SCHEDULER_URL"
"""The variable that holds the scheduler's address."""


@dataclass(frozen=True)
class Order:
    """What is to be made."""

    feed: str
    make: str
    """The name of the asset to make, and so of what it is made from."""
    again: tuple[str, ...] = ()
    """Names of the assets to make again though nothing about them has changed."""

    def command(self) -> list[str]:
        """What starts it."""
        return [sys.executable, "-m", "hn_luigi.web.run_job", json.dumps(asdict(self))]


def carry_out(order: Order, scheduler: str) -> int:
    """Make it, through the scheduler at that address; prints what became of it."""
    began = window.timestamp(window.now())
    for name in order.again:
        try:
            invalidate_asset(asset_named(name, feed=order.feed, as_of=None))
        except WindowClosed as error:
            print(f"Not made again: {error}", file=sys.stderr)
    task = asset_named(order.make, feed=order.feed, as_of=None)
    result = luigi.build(
        [task], local_scheduler=False, scheduler_url=scheduler, detailed_summary=True
    )
    if result.status is not LuigiStatusCode.SUCCESS:
        _say(f"Failed: {_why(task, began) or result.one_line_summary}")
        return FAILED
    if not _made_anything(result):
        _say("Nothing to do: all that is stored is current.")
        return NOTHING_TO_DO
    _say("Done.")
    return DONE


def _made_anything(result: LuigiRunResult) -> bool:
    return "Did not run any tasks" not in result.summary_text


def _why(task: luigi.Task, began: str) -> str:
    """The error of an attempt that failed since then, of ``task`` or of what it is made from."""
    for each in (task, *luigi.task.flatten(task.requires())):
        last = next(failures_of(each.dataset), None)
        if last and last.failed_at >= began:
            return last.error
        if each is not task and (further := _why(each, began)):
            return further
    return ""


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    """Carry out the order in the arguments; the exit code says how it ended."""
    mask_secrets()
    if sys.platform == "linux":  # the server's end is its end, were it by SIGKILL
        server = os.getppid()
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != server:
            return FAILED
    try:
        return carry_out(Order(**json.loads(sys.argv[1])), os.environ[SCHEDULER])
    except AssetError as error:
        _say(f"Failed: {error}")
        return FAILED


if __name__ == "__main__":
    sys.exit(main())
