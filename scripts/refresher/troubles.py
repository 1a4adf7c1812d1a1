"""What can be wrong with a run of ``scripts/refresh``, and the words to report it in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from child import Ending
from shared import incidents

TAIL = 20  # lines of the log in a report: a screen, where a mail or a terminal shows it

FAILED, LATE_DATA = str(incidents.Kind.FAILED), str(incidents.Kind.LATE)
UNSURE, UNTOLD = "unsure", "alert"
MAY_PASS = frozenset({FAILED, UNSURE, UNTOLD})
"""The troubles that are reported when the second run in a row meets them; the others don't pass."""

# What to exit with. timeout(1) has 124; 75 is EX_TEMPFAIL of sysexits.h, "try again later". 50 and
# 60 are this script's own: between Luigi's, which luigi.cfg sets from 10 to 40, and 64, where
# sysexits.h begins.
LATE, HAMPERED, LOCKED, TIMED_OUT = 50, 60, 75, 124
WARNED, UNKNOWN = 1, 3  # what freshness exits with for WARN, and where it has nothing to judge
LEFT_TO_ANOTHER = (10, 25)  # no failure by themselves: freshness says whether the other made it
MEANINGS = {
    1: "Python can't run it; is .venv up to date? scripts/run sees to that",
    2: "a bad value in the configuration, or a storage root that can't be used",
    20: "an input is missing",
    30: "a step failed",
    35: "scheduling failed",
    40: "an error of Luigi's own",
    126: "it can't be started",
    137: "killed by SIGKILL; was the machine out of memory?",
}
"""The codes in scripts/README.md; whoever changes ``[retcode]`` in luigi.cfg changes them."""


@dataclass(frozen=True)
class Trouble:
    """Something to report, once for each ``kind`` until all is well again."""

    kind: str
    text: str
    detail: Sequence[str] = ()
    may_pass: bool = False
    """Whether what is under way may fix it, though others of its kind don't pass."""

    def __str__(self) -> str:
        return "\n".join([self.text, *(f"    {line}" for line in self.detail)])


@dataclass(frozen=True)
class AssetFreshness:
    """What ``hn-luigi freshness`` says of one asset."""

    freshness: str
    line: str


def assets_in(answer: bytes) -> list[AssetFreshness]:
    """What ``hn-luigi freshness --json`` printed, the worst first; empty if it isn't an answer.

    Its exit code doesn't tell: 2 means FAIL, as for monitoring plugins, and also a question that
    can't be answered, as for other commands.
    """
    try:
        return [
            AssetFreshness(str(told["freshness"]), str(told["line"])) for told in json.loads(answer)
        ]
    except (ValueError, TypeError, LookupError):
        return []


def readable(answer: bytes) -> bytes:
    """The answer of ``hn-luigi freshness --json`` as it stands in the log."""
    lines = "".join(f"{asset.line}\n" for asset in assets_in(answer))
    return lines.encode(errors="replace") or answer


def failure(ending: Ending, limit: float, tail: Sequence[str]) -> Trouble:
    """A run that failed, or was ended for taking too long."""
    if ending.overdue:
        how = "SIGTERM" if not ending.killed else "SIGTERM, then SIGKILL"
        text = f"luigi was ended ({how}) after its time limit of {limit} s"
        return Trouble(FAILED, f"{text} ({TIMED_OUT}). Its last lines:", tail)
    meaning = MEANINGS.get(ending.code, "")
    if not meaning and ending.code > 128:
        meaning = f"killed by signal {ending.code - 128}"
    text = f"luigi exited with {ending.code}{meaning and f', {meaning}'}. Its last lines:"
    return Trouble(FAILED, text, tail)


def lateness(
    ending: Ending,
    found: Sequence[AssetFreshness],
    tail: Sequence[str],
    *,
    failed: bool,
    may_pass: bool,
) -> list[Trouble]:
    """Data that is late, or may be; a warning is not reported.

    Args:
        ending: Of ``hn-luigi freshness``.
        found: What it says of each asset.
        tail: What it printed.
        failed: Whether the run did, which explains why freshness can't be evaluated.
        may_pass: Whether another run may be fixing it, such as one that cron began beside this one.
    """
    lines = [asset.line for asset in found if asset.freshness != "PASS"][:TAIL]
    if any(asset.freshness == "FAIL" for asset in found):
        return [Trouble(LATE_DATA, "what is stored is not fresh:", lines, may_pass)]
    has_no_policies = ending.code == UNKNOWN and not found  # what isn't to be fresh can't be late
    if failed or has_no_policies or (ending.code == WARNED and lines):
        return []
    text = "it is unknown whether what is stored is fresh: `hn-luigi freshness` exited with "
    return [Trouble(UNSURE, f"{text}{ending.code}. Its last lines:", lines or tail)]


def unsent(ending: Ending, tail: Sequence[str]) -> Trouble:
    """``hn-luigi alert`` failed."""
    text = f"alerts may not arrive: `hn-luigi alert` exited with {ending.code}. Its last lines:"
    return Trouble(UNTOLD, text, tail)
