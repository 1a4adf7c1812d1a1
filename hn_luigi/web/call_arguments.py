"""The arguments of a call of Luigi's API, as its scheduler can bear them, by method.

``luigi.server`` hands on whatever it is sent: text that the visualiser puts on its page as HTML,
and numbers that aren't. What is refused and what is escaped here is by what each of Luigi 3.8.1's
methods does with it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

_STATUSES = frozenset(
    {
        *("BATCH_RUNNING", "DISABLED", "DONE", "FAILED", "PENDING", "RUNNING", "SUSPENDED"),
        "UNKNOWN",
    }
)
# Names are compared with what a worker knows, so that they can't be escaped as messages are, and
# are refused instead; no name that Luigi makes has any of these characters. Its visualiser puts
# names on its page as HTML: a task's family in the list of tasks, its id within single quotes in
# the D3 graph, a worker's and a resource's in that graph's tips.
_NOT_OF_A_TASK = re.compile(r"[<>\"'`\x00-\x1f]")
_NOT_OF_A_WORKER = re.compile(r"[<>\x00-\x1f]")
_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt);)")
# What worker_list tells of a worker, beside what that told of itself: one name in both hides the
# scheduler's.
_TAKEN_BY_WORKER_LIST = frozenset(
    {
        *("name", "last_active", "started", "state", "first_task_display_name"),
        *("num_unread_rpc_messages", "num_running", "num_pending", "num_uniques", "running"),
    }
)
_LARGEST = 2**53
"""What counts as infinite, which is the default of a task's max_batch_size. JSON has no infinity in
a browser: one in the scheduler left the visualiser empty, for whoever looked. JavaScript counts no
further, and Luigi adds integers to floats, which may overflow."""


class CallRefused(Exception):
    """A call isn't carried out, for the reason that it holds."""

    status = 400


def arguments_in(text: str) -> dict[str, Any]:
    """The arguments that ``text`` is, as JSON; raises CallRefused."""
    try:
        arguments = json.loads(text, parse_constant=_finite, parse_float=_finite)
    except (ValueError, RecursionError):
        raise CallRefused("data isn't JSON") from None
    if not isinstance(arguments, dict):
        raise CallRefused("data isn't a JSON object")
    return arguments


def _finite(text: str) -> float:
    """A number that a browser can read, too: Python alone has others in JSON."""
    number = float(text)
    if math.isnan(number):
        raise ValueError(f"{text} isn't a number")
    return math.copysign(_LARGEST, number) if math.isinf(number) else number


def as_text(value: str) -> str:
    """``value`` as HTML that shows it as it is.

    What already is such HTML, as our own workers send it for schedulers that don't look, stays.
    """
    # The visualiser shows status messages by jQuery's .html(). Our own workers escape what they say
    # themselves, for a plain luigid: to escape that again would show the entities.
    value = _AMPERSAND.sub("&amp;", value).replace("<", "&lt;").replace(">", "&gt;")
    return value.encode(errors="backslashreplace").decode()


def checked(method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a call as the scheduler may have them; raises CallRefused."""
    given = dict(arguments)
    if method == "update_resources":  # whose arguments are the resources themselves
        given = {"resources": given}
    for name, check in {**_ANYWHERE, **_BY_METHOD.get(method, {})}.items():
        if given.get(name) is not None:
            try:
                given[name] = check(given[name])
            except (TypeError, ValueError) as error:
                raise CallRefused(f"invalid {name}: {error}") from None
    # Luigi 3.8.1 takes it without a complaint, and keeps a task whose name is None.
    if method == "add_task" and given.get("task_id") is None:
        raise CallRefused("add_task needs a task_id")
    return given["resources"] if method == "update_resources" else given


def _task_name(value: Any) -> str:
    return _name(value, _NOT_OF_A_TASK)


def _worker_name(value: Any) -> str:
    return _name(value, _NOT_OF_A_WORKER)


def _name(value: Any, unfit: re.Pattern[str]) -> str:
    name = _string(value)
    if wrong := unfit.search(name):
        raise ValueError(f"a name may not contain {wrong[0]!a}")
    name.encode()  # raises UnicodeEncodeError, a ValueError
    return name


def _task_names(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise TypeError("not a list")
    return [_task_name(name) for name in value]


def _number(value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("not a number")
    return max(-_LARGEST, min(value, _LARGEST))


def _message(value: Any) -> str:
    return as_text(value if isinstance(value, str) else json.dumps(value))


def _url(value: Any) -> str | None:
    """An address of the web; others, which a browser might run, are left out."""
    parts = urlsplit(value if isinstance(value, str) else "")
    return value if parts.scheme in ("http", "https") and parts.netloc else None


def _status(value: Any) -> str:
    if value not in _STATUSES:
        raise ValueError("not a task's status")
    return str(value)


def _amounts(value: Any) -> dict[str, int | float]:
    return {_worker_name(name): _number(amount) for name, amount in _dict(value).items()}


def _numbers(value: Any) -> dict[str, int | float | None]:
    """As the retry policy of a task is, of which None leaves the scheduler's own."""
    pairs = _dict(value).items()
    return {name: None if number is None else _number(number) for name, number in pairs}


def _dict(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("not an object")
    return value


def _params(value: Any) -> dict[str, str]:
    """As text, since the visualiser stops at one that isn't."""
    return {
        name: text if isinstance(text, str) else json.dumps(text)
        for name, text in _dict(value).items()
    }


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not text")
    return value


def _info(value: Any) -> list[Any]:
    pairs = list(value.items()) if isinstance(value, dict) else value
    if not isinstance(pairs, list):
        raise TypeError("not a list")
    for name, fact in pairs:
        if not isinstance(name, str) or name in _TAKEN_BY_WORKER_LIST:
            raise ValueError("it may not hold what the scheduler itself tells of workers")
        if not isinstance(fact, str | int | float | None):
            raise TypeError("values must be text or numbers")
        # How many processes it has, which the scheduler counts down: a text would fail the calls
        # of other workers.
        if name == "workers":
            _number(fact)
    return pairs


_ANYWHERE: dict[str, Callable[[Any], Any]] = {"worker": _worker_name}
_BY_METHOD: dict[str, dict[str, Callable[[Any], Any]]] = {
    "add_task": {
        "task_id": _task_name,
        "status": _status,
        "deps": _task_names,
        "new_deps": _task_names,
        "resources": _amounts,
        "priority": _number,
        "family": _task_name,
        "module": _task_name,
        "params": _params,
        "param_visibilities": _dict,
        "retry_policy_dict": _numbers,
        "tracking_url": _url,
        "expl": _string,
    },
    "add_task_batcher": {
        "task_family": _task_name,
        "batched_args": _task_names,
        "max_batch_size": _number,
    },
    "add_worker": {"info": _info},
    "decrease_running_task_resources": {"decrease_resources": _amounts},
    "add_scheduler_message_response": {"response": _message},
    "set_task_status_message": {"status_message": _message},
    "set_task_progress_percentage": {"progress_percentage": _number},
    "set_worker_processes": {"n": _number},
    "update_resource": {"resource": _worker_name, "amount": _number},
    "update_resources": {"resources": _amounts},
}
