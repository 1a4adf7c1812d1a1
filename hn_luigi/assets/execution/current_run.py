"""Which Luigi run makes something now, and who started it, as records and failures tell.

Luigi (3.8.1) has no name for a run and no hook for its begin. A run has one worker, whose id holds
a random number, and processes that it forks know that id.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from luigi.cmdline_parser import CmdlineParser

from hn_luigi.assets.catalog.record import is_run_id
from hn_luigi.assets.luigi_internals.scheduling import workers_at_work

RUN_VARIABLE = "HN_LUIGI_RUN"
"""The variable by which who starts a run gives it its id, to know it again in records."""
STARTED_BY_VARIABLE = "HN_LUIGI_STARTED_BY"
"""The variable that says who starts a run, in a few words."""
_BYTES = 6
_LONGEST = 60
"""Characters of who started it."""
_of_this_process = secrets.token_hex(_BYTES)
_command: CurrentRun | None = None


@dataclass(frozen=True)
class CurrentRun:
    """A run of Luigi's, or of a task's ``run()`` alone."""

    run: str
    """12 hex digits, one for all that it makes."""
    started_by: str
    """In a few words, such as ``luigi``."""


def new_run_id() -> str:
    """An id for a run that is to be started."""
    return secrets.token_hex(_BYTES)


@contextmanager
def run_of_command(name: str) -> Iterator[None]:
    """Within it, all that is made is one run's, however often Luigi is called; ``name`` says whose.

    It is one of this process and of those it forks.
    """
    global _command
    before, _command = _command, CurrentRun(new_run_id(), name)
    try:
        yield
    finally:
        _command = before


def current_run() -> CurrentRun:
    """The run that calls this: as the environment has it, else a command, else by its worker."""
    command = _command or CurrentRun(_by_worker(), _by_command_line())
    given = os.environ.get(RUN_VARIABLE, "")
    started_by = " ".join(os.environ.get(STARTED_BY_VARIABLE, "").split())[:_LONGEST]
    return CurrentRun(
        given if is_run_id(given) else command.run,
        started_by if started_by and started_by.isprintable() else command.started_by,
    )


def _by_worker() -> str:
    # Several are at work where build() is called within a run or in threads: the outermost can't be
    # told, and the first by name is the same each time.
    worker = min(workers_at_work(), default="")
    # Hashed, since the id holds the machine's name and the user's.
    return hashlib.sha256(worker.encode()).hexdigest()[: 2 * _BYTES] if worker else _of_this_process


def _by_command_line() -> str:
    return "Python" if CmdlineParser.get_instance() is None else "luigi"
