"""What scripts/refresh does once its environment is set: it runs luigi, checks, and reports.

It takes nothing but the standard library, so that it can say what is wrong with the rest.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from child import Ending, Stop, run
from log import Log
from refresh_state import RefreshStateFile
from report import after_run, exit_code
from shared import ROOT
from troubles import (
    LEFT_TO_ANOTHER,
    LOCKED,
    TAIL,
    Trouble,
    assets_in,
    failure,
    lateness,
    readable,
    unsent,
)

PYTHON = str(ROOT / ".venv/bin/python")
LUIGI = (PYTHON, "-m", "luigi", "--module", "hn_luigi.watchlist", "Watched")
FRESHNESS = (PYTHON, "-m", "hn_luigi.cli", "freshness", "--json")
ALERT = (PYTHON, "-m", "hn_luigi.cli", "alert")
# Seconds. With the run's limit of 540 and the graces of all three, 10, 1.5 and 2.5, they are less
# than cron's ten minutes, so that a run never meets the next one. `hn-luigi alert` takes up to 20
# for its channels and the heartbeat ([alerts] timeout).
TIME_LIMIT, FRESHNESS_LIMIT, ALERT_LIMIT = 540, 15.0, 25.0
LOG_DAYS = 14  # so that a log still exists after two weeks away


def main() -> int:
    stop = Stop()
    troubles: list[Trouble] = []
    limit = number("HN_LUIGI_TIME_LIMIT", TIME_LIMIT, troubles)
    days = number("HN_LUIGI_LOG_DAYS", LOG_DAYS, troubles)
    try:
        held = lock(ROOT)  # until this process ends: no child has it
    except BlockingIOError:
        say(f"hn_luigi in {ROOT}: another scripts/refresh is running, or something holds its lock")
        return LOCKED
    except OSError as error:
        held = None
        troubles.append(Trouble("lock", f"can't lock {ROOT}: {error.strerror}; ran without a lock"))
    began = datetime.now(UTC)
    log = Log(ROOT / "logs", began, keep=days)
    # By its id the server finds this part of the log, by its process whether it is still under way.
    run_id = secrets.token_hex(6)
    log.note(f"scripts/refresh begins: run {run_id}, process {os.getpid()}")
    ending, met = make_and_check(log, stop, limit, run_id)
    troubles += met
    if stop.number:  # whoever stops it knows; the next run reports how things are
        log.note(f"ended by signal {stop.number}")
        say(f"hn_luigi in {ROOT}: the run was ended by signal {stop.number}")
        return 128 + stop.number
    if log.trouble:
        troubles.append(Trouble("log", f"{log.trouble}; the log is incomplete"))
    code = exit_code(ending, troubles)
    report(troubles, code, began, log)
    if held is not None:
        os.close(held)
    return code


def make_and_check(log: Log, stop: Stop, limit: int, run_id: str) -> tuple[Ending, list[Trouble]]:
    """Make what is watched, check whether it is fresh, send alerts; returns how luigi ended."""
    # As hn_luigi.assets.operations.RUN_VARIABLE and STARTED_BY_VARIABLE.
    told = {"HN_LUIGI_RUN": run_id, "HN_LUIGI_STARTED_BY": "scripts/refresh"}

    def step(
        name: str, command: Sequence[str], limit: float, answer: bytearray | None = None
    ) -> Ending:
        log.begin()
        to = None if answer is None else answer.extend
        ending = run(
            command, folder=ROOT, limit=limit, stop=stop, sink=log.write, answer=to, told=told
        )
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
            found = assets_in(bytes(answer))
            troubles += lateness(late, found, log.tail(TAIL), failed=failed, may_pass=others_run)
    if not stop.number:
        alert = step("hn-luigi alert", (*ALERT, "--no-heartbeat") if failed else ALERT, ALERT_LIMIT)
        if alert.code and not failed:
            troubles.append(unsent(alert, log.tail(TAIL)))
    return ending, troubles


def number(name: str, default: int, troubles: list[Trouble]) -> int:
    """The setting ``name`` of the environment, which is at least 1; else a trouble."""
    text = os.environ.get(name) or str(default)
    if text.isascii() and text.isdigit() and int(text) >= 1:
        return min(int(text), 10**6)
    troubles.append(Trouble(name, f"{name} is {text!r}, not a number from 1: used {default}"))
    return default


def lock(folder: Path) -> int:
    """Lock the folder itself: no file has to be written for it, nor is one left behind.

    A lock file would have to be made on a disk that may be full, and a PID file outlives a process
    that is killed; the kernel releases a flock(2) with the process. ``flock . COMMAND`` in a shell
    takes the same lock, for a backup, say. On NFS Linux makes a byte-range lock of it, which takes
    a file that is open for writing, as a folder can't be: it fails there, and the run goes on
    without one.

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


def report(troubles: Sequence[Trouble], code: int, at: datetime, log: Log) -> None:
    """Print what a person doesn't know yet, and remember that it was reported."""
    file = RefreshStateFile(ROOT)
    state = file.load()
    after, text = after_run(state, troubles, code, at)
    if text:
        if after is not None:
            text += (
                f"\nThe log: {log.path}\nThis is not reported again until it changes or is over."
            )
        say(text)
    if after != state:
        error = file.save(after)
        if error and text:
            say(f"But {error}: the next run will report this again.")


def say(text: str) -> None:
    with suppress(OSError):  # nobody may be there to read it
        print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
