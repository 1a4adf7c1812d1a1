"""What scripts/refresh does once its environment is set: it runs, looks, and tells if need be.

It takes nothing but the standard library, so that it can say what is wrong with the rest.
"""

from __future__ import annotations

import fcntl
import json
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from child import Ending, Stop, run
from incident import Incident, Memory
from log import Log
from shared import ROOT, incidents

PYTHON = str(ROOT / ".venv/bin/python")
LUIGI = (PYTHON, "-m", "luigi", "--module", "hn_luigi", "Wordcloud")
FRESHNESS = (PYTHON, "-m", "hn_luigi.cli", "freshness", "--json")
ALERT = (PYTHON, "-m", "hn_luigi.cli", "alert")
# Seconds; with the run's limit and all graces, less than cron's ten minutes.
FRESHNESS_LIMIT = 15.0
ALERT_LIMIT = 25.0
TAIL = 20  # lines of the log in a complaint

FAILED, LATE_DATA = str(incidents.Kind.FAILED), str(incidents.Kind.LATE)
UNSURE, UNTOLD = "unsure", "alert"
MAY_PASS = frozenset({FAILED, UNSURE, UNTOLD})
"""The troubles that are said when the second run in a row meets them; the others don't pass."""

LATE, HAMPERED, LOCKED, TIMED_OUT = 50, 60, 75, 124
WARNED = 1  # what freshness exits with for WARN
LEFT_TO_ANOTHER = (10, 25)  # no failure by themselves: freshness tells whether the other made it
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
"""Of the codes in scripts/README.md; whoever changes ``[retcode]`` in luigi.cfg changes them."""


@dataclass(frozen=True)
class Trouble:
    """Something to tell a person, once for each ``kind`` until all is fine again."""

    kind: str
    text: str
    detail: Sequence[str] = ()
    may_pass: bool = False
    """Whether what is under way may mend it, though others of its kind don't pass."""

    def __str__(self) -> str:
        return "\n".join([self.text, *(f"    {line}" for line in self.detail)])


def main() -> int:
    stop = Stop()
    troubles: list[Trouble] = []
    limit = number("HN_LUIGI_TIME_LIMIT", 540, troubles)
    days = number("HN_LUIGI_LOG_DAYS", 14, troubles)
    try:
        held = lock(ROOT)  # until this process ends: no child has it
    except BlockingIOError:
        say(f"hn_luigi in {ROOT}: another scripts/refresh is at work, or else its lock is held")
        return LOCKED
    except OSError as error:
        held = None
        troubles.append(Trouble("lock", f"can't lock {ROOT}: {error.strerror}; ran without"))
    began = datetime.now(UTC)
    log = Log(ROOT / "logs", began, keep=days)
    log.note("scripts/refresh begins")
    ending, met = make_and_look(log, stop, limit)
    troubles += met
    if stop.number:  # whoever stops it knows; the next run tells how things are
        log.note(f"ended by signal {stop.number}")
        say(f"hn_luigi in {ROOT}: the run was ended by signal {stop.number}")
        return 128 + stop.number
    if log.trouble:
        troubles.append(Trouble("log", f"{log.trouble}; what should be there is lost"))
    code = exit_code(ending, troubles)
    tell(troubles, code, began, log)
    if held is not None:
        os.close(held)
    return code


def make_and_look(log: Log, stop: Stop, limit: int) -> tuple[Ending, list[Trouble]]:
    """Make the page, look whether it is fresh, and have people told; how the first of it ended."""

    def step(
        name: str, command: Sequence[str], limit: float, answer: bytearray | None = None
    ) -> Ending:
        log.begin()
        to = None if answer is None else answer.extend
        ending = run(command, folder=ROOT, limit=limit, stop=stop, sink=log.write, answer=to)
        if answer:
            log.write(readable(bytes(answer)))
        log.note(f"{name} exited with {ending.code} after {ending.seconds:.1f} s")
        return ending

    troubles = []
    ending = step("luigi", LUIGI, limit)
    failed = bool(ending.code) and ending.code not in LEFT_TO_ANOTHER
    if failed:
        troubles.append(failure(ending, limit, log.tail(TAIL)))
    if not stop.number:
        answer = bytearray()
        late = step("hn-luigi freshness", FRESHNESS, FRESHNESS_LIMIT, answer)
        if late.code:
            others_run = ending.code in LEFT_TO_ANOTHER or (log.after_a_night and not failed)
            found = verdicts(bytes(answer))
            troubles += lateness(late, found, log.tail(TAIL), failed=failed, may_pass=others_run)
    if not stop.number:
        alert = step("hn-luigi alert", (*ALERT, "--no-heartbeat") if failed else ALERT, ALERT_LIMIT)
        if alert.code and not failed:
            text = f"alerts may not arrive, `hn-luigi alert` exited with {alert.code}"
            troubles.append(Trouble(UNTOLD, f"{text}. Its last words:", log.tail(TAIL)))
    return ending, troubles


def number(name: str, default: int, troubles: list[Trouble]) -> int:
    """The setting ``name`` of the environment, which is at least 1; else a trouble."""
    text = os.environ.get(name) or str(default)
    if text.isascii() and text.isdigit() and int(text) >= 1:
        return min(int(text), 10**6)
    troubles.append(Trouble(name, f"{name} is {text!r}, not a number from 1: took {default}"))
    return default


def lock(folder: Path) -> int:
    """Lock the folder itself: no file has to be written for it, nor is one left behind.

    Raises:
        BlockingIOError: another process holds it.
        OSError: this file system can't.
    """
    fd = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(fd)
        raise
    return fd


def failure(ending: Ending, limit: float, tail: Sequence[str]) -> Trouble:
    """What is told of a run that failed, or was ended for taking too long."""
    if ending.overdue:
        how = "SIGTERM" if not ending.killed else "SIGTERM, then SIGKILL"
        text = f"luigi was ended ({how}), being over the time limit of {limit} s"
        return Trouble(FAILED, f"{text} ({TIMED_OUT}). Its last words:", tail)
    meaning = MEANINGS.get(ending.code, "")
    if not meaning and ending.code > 128:
        meaning = f"killed by signal {ending.code - 128}"
    text = f"luigi exited with {ending.code}{meaning and f', {meaning}'}. Its last words:"
    return Trouble(FAILED, text, tail)


@dataclass(frozen=True)
class Verdict:
    """What ``hn-luigi freshness`` says of one asset."""

    freshness: str
    line: str


def verdicts(answer: bytes) -> list[Verdict]:
    """What ``hn-luigi freshness --json`` printed, the worst first; empty if it is no answer.

    Its exit code doesn't tell: 2 is that of FAIL, as monitoring has it, and that of a question
    that can't be answered, as command lines have it.
    """
    try:
        return [Verdict(str(each["freshness"]), str(each["line"])) for each in json.loads(answer)]
    except (ValueError, TypeError, LookupError):
        return []


def readable(answer: bytes) -> bytes:
    """The answer of ``hn-luigi freshness --json`` as it stands in the log."""
    lines = "".join(f"{verdict.line}\n" for verdict in verdicts(answer))
    return lines.encode(errors="replace") or answer


def lateness(
    ending: Ending,
    found: Sequence[Verdict],
    tail: Sequence[str],
    *,
    failed: bool,
    may_pass: bool,
) -> list[Trouble]:
    """What is told of data that is late, or may be; a warning is not told of.

    Args:
        ending: Of ``hn-luigi freshness``.
        found: What it says of each asset.
        tail: What it printed.
        failed: Whether the run did, which is why it can't be told then.
        may_pass: Whether another run may be mending it, such as that of another feed after a night.
    """
    lines = [verdict.line for verdict in found if verdict.freshness != "PASS"][:TAIL]
    if any(verdict.freshness == "FAIL" for verdict in found):
        return [Trouble(LATE_DATA, "what is stored is not fresh:", lines, may_pass)]
    if failed or (ending.code == WARNED and lines):
        return []
    text = "whether what is stored is fresh can't be told, `hn-luigi freshness` exited with "
    return [Trouble(UNSURE, f"{text}{ending.code}. Its last words:", lines or tail)]


def exit_code(ending: Ending, troubles: Sequence[Trouble]) -> int:
    """Luigi's, unless that is 0 and something else is wrong."""
    if ending.code:
        return ending.code
    if any(trouble.kind in (LATE_DATA, UNSURE) for trouble in troubles):
        return LATE
    return HAMPERED if troubles else 0


def tell(troubles: Sequence[Trouble], code: int, at: datetime, log: Log) -> None:
    """Say what a person doesn't know yet, and remember that it is said."""
    memory = Memory(ROOT)
    incident = memory.load()
    after, said = judge(incident, troubles, code, at)
    if said:
        if after is not None:
            said += f"\nThe log: {log.path}\nNo more is said of this until it changes or is over."
        say(said)
    if after != incident:
        forgotten = memory.save(after)
        if forgotten and said:
            say(f"But {forgotten}: what is said here is said again with the next run.")


def judge(
    incident: Incident | None, troubles: Sequence[Trouble], code: int, at: datetime
) -> tuple[Incident | None, str]:
    """What the incident becomes after a run, and what there is to say of it, if anything."""
    place, now = f"hn_luigi in {ROOT}", f"{at:%Y-%m-%dT%H:%M}"
    is_fine = not troubles and not code  # a run that was left to another proves nothing
    if is_fine and incident is None:
        return None, ""
    after = incident or Incident(since=now)
    if troubles:
        kinds = {trouble.kind for trouble in troubles}
        after = after.with_run(worst(troubles), kinds, proves=code not in LEFT_TO_ANOTHER)
    conditions = [condition(trouble, after, now) for trouble in troubles]
    met = {trouble.kind for trouble in troubles}
    conditions += [
        incidents.Condition(kind, wrong=False if is_fine else None) for kind in after.said - met
    ]
    news = [each for each in incidents.follow(after.going_on, conditions, now) if each.is_news]
    begun = [each for each in news if each.over_at is None]
    if begun:
        after = replace(after, said=after.said | {each.kind for each in begun})
        said = "\n\n".join(each.cause for each in begun)
        return after, f"{place}, {at:%Y-%m-%d %H:%M} UTC: {said}"
    if not is_fine:
        return (after if incident or troubles else None), ""
    since = after.since.replace("T", " ")
    is_over = f"{place} is fine again after {counted(after.counts)}, since {since} UTC"
    return None, is_over if news else ""


def condition(trouble: Trouble, after: Incident, now: str) -> incidents.Condition:
    """How things are in the respect of ``trouble``, ``after`` the run that met it."""
    by_tries = trouble.kind in MAY_PASS or trouble.may_pass
    tries = after.tries.get(trouble.kind, 1) if by_tries else incidents.TRIES
    return incidents.Condition(trouble.kind, wrong=True, since=now, cause=str(trouble), tries=tries)


def worst(troubles: Sequence[Trouble]) -> str:
    """What a run with ``troubles`` is counted as."""
    kinds = {trouble.kind for trouble in troubles}
    if FAILED in kinds:
        return "failed"
    return "late" if kinds & {LATE_DATA, UNSURE} else "hampered"


def counted(counts: Mapping[str, int]) -> str:
    """``3 failed runs and 1 late run``."""
    parts = [f"{n} {kind} run{'' if n == 1 else 's'}" for kind, n in counts.items() if n]
    return " and ".join(parts) or "trouble"


def say(text: str) -> None:
    with suppress(OSError):  # nobody may be there to read it
        print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
