"""A run as ``luigi`` makes one, in this process, and without a configuration file as with ours.

Luigi by itself, where no ``luigi.cfg`` is read (3.8.1), waits a minute for a scheduler on
localhost, logs each question that it asks, keeps runs of one command line apart by a lock of its
own, and exits with 0 after a failure.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import luigi
from luigi.cmdline_parser import CmdlineParser
from luigi.configuration import get_config
from luigi.execution_summary import _root_task, _summary_dict
from luigi.retcodes import retcode
from luigi.rpc import RPCError
from luigi.task_register import Register
from luigi.worker import Worker

from hn_luigi.assets.luigi_internals.assistant import refuse_as_assistant
from hn_luigi.assets.luigi_internals.command_line import Line
from hn_luigi.assets.luigi_internals.task_flags import FlagParser, value_of

# What the shipped luigi.cfg says in sections of Luigi's own, with its reasons.
DEFAULTS: Mapping[str, Mapping[str, str]] = {
    "core": {"no_lock": "true"},
    "retcode": {
        "already_running": "10",
        "missing_data": "20",
        "not_run": "25",
        "task_failed": "30",
        "scheduling_error": "35",
        "unhandled_exception": "40",
    },
    "email": {"format": "none"},
    "scheduler": {"stable_done_cooldown_secs": "0"},
}
_OF_ANOTHER_LINE = ("help", "help_all", "module")
"""Parameters of ``[core]`` that say what a line of ``luigi`` is to do instead."""
_OF_A_SCHEDULER = ("scheduler_host", "scheduler_port", "scheduler_url")
_TRACEBACK = "Traceback (most recent call last):"
_ENDS = {
    "task_failed": "failed",
    "scheduling_error": "scheduling_error",
    "missing_data": "still_pending_ext",
    "already_running": "run_by_other_worker",
    "not_run": "not_run",
}
"""What Luigi's summary calls the tasks for which there is an exit code, by its name."""


@dataclass(frozen=True)
class RunOutcome:
    """How a run ended."""

    code: int
    """What ``luigi`` exits with after such a run."""
    tasks: Mapping[str, Mapping[luigi.Task, str]]
    """Those that weren't made, by the name of their exit code, and what Luigi knows of the cause.

    A root that was not made for no reason that Luigi has is ``not_run``.
    """


@contextmanager
def luigi_flags(words: Sequence[str]) -> Iterator[list[str]]:
    """Have the flags in ``words`` that ``luigi`` takes hold within it, as on its command line.

    Those are its own, such as ``--workers``, and each setting's of a section that is imported, such
    as ``--cloud-width``.

    Yields:
        The other words.

    Raises:
        SettingError: a flag lacks its value, or one of Luigi's own has a bad one; a setting's is
            checked with all settings. Or an assistant is asked for, by a flag or a configuration.
    """
    parser = FlagParser()
    luigis: dict[str, luigi.Parameter[Any]] = {}
    # Not those of tasks (--Stories-feed): the flags of one stand behind its name.
    for name, is_bare, parameter_name, parameter in Register.get_all_params():
        is_taken = not (is_bare and parameter_name in _OF_ANOTHER_LINE)
        if is_taken and issubclass(Register.get_task_cls(name), luigi.Config):
            flag = parameter_name if is_bare else f"{name}_{parameter_name}"
            flag = f"--{flag.replace('_', '-')}"
            action = parser.add_argument(flag, **parameter._parser_kwargs(parameter_name, name))
            if is_bare:
                luigis[action.dest] = parameter
    given, others = parser.parse_known_args(list(words))
    for name, text in vars(given).items():
        if name in luigis:
            value_of(f"--{name.partition('_')[2].replace('_', '-')}", luigis[name], text)
    before = CmdlineParser._instance
    CmdlineParser._instance = Line(given)
    try:
        refuse_as_assistant()
        yield others
    finally:
        CmdlineParser._instance = before


def is_given(name: str) -> bool:
    """Whether the command line has the flag of Luigi's ``[core]`` that is called ``name``."""
    line = CmdlineParser.get_instance()
    return line is not None and hasattr(line.known_args, f"core_{name}")


def set_defaults() -> None:
    """Have Luigi's settings be what the shipped ``luigi.cfg`` says, where no configuration does."""
    config = get_config()
    is_central = any(
        is_given(name) or config.has_option("core", name)
        for name in (*_OF_A_SCHEDULER, *(f"default_{name}" for name in _OF_A_SCHEDULER))
    )
    local = {"core": {"local_scheduler": str(not is_central)}}
    for defaults in (DEFAULTS, local):
        for section, values in defaults.items():
            for name, value in values.items():
                if not config.has_option(section, name):
                    config.set(section, name, value)


def run_task(task: luigi.Task) -> RunOutcome:
    """Make ``task`` and what it requires, as ``luigi`` does; raises RPCError."""
    # A scheduler that the line names is meant, whatever the configuration says of a local one;
    # `luigi` itself would ignore it.
    is_named = any(map(is_given, _OF_A_SCHEDULER)) and not is_given("local_scheduler")
    options = {"local_scheduler": False} if is_named else {}
    result = luigi.build([task], detailed_summary=True, **options)
    return _outcome(result.worker)


def exit_code(name: str) -> int:
    """The one of ``[retcode]`` that has this name."""
    return int(getattr(retcode(), name))


def _outcome(worker: Worker) -> RunOutcome:
    # luigi.retcodes.run_with_retcodes (3.8.1) has this between its parsing and its sys.exit().
    found = _summary_dict(worker)
    tasks = {
        name: {task: _error_of(worker, task) for task in found[key]}
        for name, key in _ENDS.items()
        if found[key]
    }
    code = max((exit_code(name) for name in tasks), default=0)
    root = _root_task(worker)
    if not code and root not in found["completed"] | found["already_done"]:
        tasks.setdefault("not_run", {root: ""})
        code = exit_code("not_run")
    return RunOutcome(code, tasks)


def _error_of(worker: Worker, task: luigi.Task) -> str:
    """What ``task`` failed with, in a line."""
    # Asked of the scheduler: with several workers, the task's process alone has seen the error.
    # Luigi 3.8.1 hands it over as JSON (Worker._handle_next_task), or as it is.
    try:
        told = worker._scheduler.fetch_error(task.task_id).get("error") or ""
    except RPCError:
        return ""
    with suppress(ValueError):
        told = str(json.loads(told))
    lines = told.split("\n")
    # Task.on_failure, where a class has none of its own, gives the traceback, which ends in the
    # error.
    is_traceback = _TRACEBACK in lines
    return next(filter(str.strip, reversed(lines)), "") if is_traceback else " ".join(lines)
