"""Luigi's API, as its scheduler can bear it: a call is looked at before it gets there.

``luigi.server`` hands on whatever it is sent: text that the visualiser puts on its page as HTML,
numbers that aren't, and tasks for a worker that another client adds, which the worker then loads
and runs. All of that is settled here, by what each of Luigi 3.8.1's methods does with it.
"""

from __future__ import annotations

import inspect
import json
import logging
import math
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from luigi.scheduler import RPC_METHODS, Scheduler
from luigi.server import RPCHandler

from hn_luigi.assets.operations import scheduler_token

if TYPE_CHECKING:
    from hn_luigi.web.connections import Connection

_STATUSES = frozenset(
    {
        *("BATCH_RUNNING", "DISABLED", "DONE", "FAILED", "PENDING", "RUNNING", "SUSPENDED"),
        "UNKNOWN",
    }
)
# What a worker asks in its own name; the visualiser's buttons name workers of others, too.
_AS_A_WORKER = frozenset(
    {
        *("add_task", "add_task_batcher", "add_worker", "announce_scheduling_failure"),
        *("count_pending", "get_work", "ping"),
    }
)
# Names are compared with what a worker knows, so that they can't be escaped; none that Luigi makes
# has any of these. The visualiser puts them on its page as HTML: a task's family in the list of
# tasks, its id within single quotes in the D3 graph, a worker's in that graph's tips, resources'.
_NOT_OF_A_TASK = re.compile(r"[<>\"'`\x00-\x1f]")
_NOT_OF_A_WORKER = re.compile(r"[<>\x00-\x1f]")
_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt);)")
_TAKEN_BY_WORKER_LIST = frozenset(
    {
        *("name", "last_active", "started", "state", "first_task_display_name"),
        *("num_unread_rpc_messages", "num_running", "num_pending", "num_uniques", "running"),
    }
)
_LARGEST = 2**53
"""What counts as infinite, which tasks say of priorities, retries and batches: JSON has no
infinity in a browser, JavaScript counts no further, and Luigi adds integers to floats, which may
overflow."""
_BY_OWNER = "_hn_luigi_by_owner"
_logger = logging.getLogger("hn_luigi.web")


class CallRefused(Exception):
    """A call isn't carried out, for the reason that it holds."""

    status = 400


class NotItsWorker(CallRefused):
    """A call names a worker of another client's."""

    status = 403


def as_text(value: str) -> str:
    """``value`` as HTML that shows it as it is.

    What already is such HTML, as our own workers send it for schedulers that don't look, stays.
    """
    value = _AMPERSAND.sub("&amp;", value).replace("<", "&lt;").replace(">", "&gt;")
    return value.encode(errors="backslashreplace").decode()


def safe(method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a call as the scheduler may have them; raises CallRefused."""
    found = dict(arguments)
    if method == "update_resources":  # whose arguments are the resources themselves
        found = {"resources": found}
    for name, mend in {**_ANYWHERE, **_BY_METHOD.get(method, {})}.items():
        if found.get(name) is not None:
            try:
                found[name] = mend(found[name])
            except (TypeError, ValueError) as error:
                raise CallRefused(f"{name} can't be used: {error}") from None
    if method == "add_task" and found.get("task_id") is None:  # Luigi takes that for a task
        raise CallRefused("a task is added by its task_id, and none is given")
    return found["resources"] if method == "update_resources" else found


def _task_name(value: Any) -> str:
    return _name(value, _NOT_OF_A_TASK)


def _worker_name(value: Any) -> str:
    return _name(value, _NOT_OF_A_WORKER)


def _name(value: Any, unfit: re.Pattern[str]) -> str:
    name = _string(value)
    if wrong := unfit.search(name):
        raise ValueError(f"a name can't hold {wrong[0]!a}")
    name.encode()  # raises UnicodeEncodeError, a ValueError
    return name


def _task_names(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise TypeError("it isn't a list")
    return [_task_name(each) for each in value]


def _number(value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("it isn't a number")
    return max(-_LARGEST, min(value, _LARGEST))


def _message(value: Any) -> str:
    return as_text(value if isinstance(value, str) else json.dumps(value))


def _url(value: Any) -> str | None:
    """An address of the web; others, which a browser might run, are left out."""
    parts = urlsplit(value if isinstance(value, str) else "")
    return value if parts.scheme in ("http", "https") and parts.netloc else None


def _status(value: Any) -> str:
    if value not in _STATUSES:
        raise ValueError("it isn't a task's status")
    return str(value)


def _amounts(value: Any) -> dict[str, int | float]:
    return {_worker_name(name): _number(amount) for name, amount in _dict(value).items()}


def _numbers(value: Any) -> dict[str, int | float | None]:
    """As the retry policy of a task is, of which None leaves the scheduler's own."""
    pairs = _dict(value).items()
    return {name: None if each is None else _number(each) for name, each in pairs}


def _dict(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("it isn't an object")
    return value


def _params(value: Any) -> dict[str, str]:
    """As text, since the visualiser stops at one that isn't."""
    return {
        name: each if isinstance(each, str) else json.dumps(each)
        for name, each in _dict(value).items()
    }


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("it isn't text")
    return value


def _info(value: Any) -> list[Any]:
    pairs = list(value.items()) if isinstance(value, dict) else value
    if not isinstance(pairs, list):
        raise TypeError("it isn't a list")
    for name, each in pairs:
        if not isinstance(name, str) or name in _TAKEN_BY_WORKER_LIST:
            raise ValueError("it names what a worker doesn't tell of itself")
        if not isinstance(each, str | int | float | None):
            raise TypeError("it holds more than texts and numbers")
        if name == "workers":  # of how many processes, which the scheduler counts down
            _number(each)
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


@dataclass
class _Owner:
    proof: str
    seen: float


class Workers:
    """Whose each worker is: the client's that named it first, until it is silent for too long.

    A worker proves that it is the same by a secret of its process, if that has imported hn_luigi;
    of others it is known which user, or which machine, they are of.

    Args:
        seconds: after which a worker that says nothing counts as dead.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._owners: dict[str, _Owner] = {}

    def require(self, worker: str, proof: str) -> None:
        """Raise NotItsWorker if ``worker`` is another's than who gives that ``proof``."""
        now = self._clock()
        owner = self._owners.get(worker)
        if owner is None:
            alive = {w: o for w, o in self._owners.items() if now - o.seen <= self._seconds}
            self._owners = {**alive, worker: _Owner(proof, now)}
        elif owner.proof != proof and now - owner.seen <= self._seconds:
            raise NotItsWorker(
                "That worker is another's: its calls have to come from the process, user and "
                f"machine of its first, until it has been silent for {self._seconds:g} s"
            )
        else:
            self._owners[worker] = _Owner(proof, now)


class Described:
    """Whose words tasks stand in: of this server's own user, or of others who have the token.

    A worker that is handed a task of its own knows the class. Of tasks that make a batch it is
    handed a family, a module, which it imports, and parameters, as whoever named them first said;
    and any pending ones of the family are in it. So those of the one side and of the other make
    no batch: each is run by itself.
    """

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        tasks = scheduler._state.get_active_tasks()
        self._families: dict[str, bool | None] = {
            task.family: _is_the_owners(task) for task in tasks
        }

    def add(self, arguments: dict[str, Any], *, by_owner: bool) -> None:
        """Add a task as ``add_task`` is to have it."""
        name, family = arguments["task_id"], arguments.get("family") or ""
        known = self._scheduler._state.get_task(name)
        is_new = known is None or not known.family
        whose = {self._families.setdefault(family, by_owner) if family else by_owner}
        if not is_new:
            whose |= {_is_the_owners(known), self._families.get(known.family, by_owner)}
        is_mixed = whose != {by_owner}
        if is_mixed:
            arguments = {**arguments, "batchable": False}
        self._scheduler.add_task(**arguments)
        task = self._scheduler._state.get_task(name)
        if task is not None and (is_new or is_mixed):
            setattr(task, _BY_OWNER, None if is_mixed else by_owner)


def _is_the_owners(task: Any) -> bool | None:
    """Whether it is this server's user's, as all are of a state that doesn't tell; None of both."""
    return cast("bool | None", getattr(task, _BY_OWNER, True))


class Calls(RPCHandler):
    """The API."""

    def initialize(  # type: ignore[override]
        self, scheduler: Scheduler, workers: Workers, described: Described
    ) -> None:
        """Take what is shared."""
        self._scheduler, self._workers, self._described = scheduler, workers, described

    def get(self, method: str) -> None:
        """Carry out a call."""
        try:
            answer = self._carry_out(method)
        except CallRefused as error:
            self.set_status(error.status)
            self.set_header("Content-Type", "text/plain; charset=utf-8")
            self.finish(f"{error}.\n")
            return
        if self._cors_config.enabled:
            self._handle_cors()
        self.write({"response": answer})

    post = get

    def _carry_out(self, method: str) -> Any:
        call = getattr(self._scheduler, method, None) if method in RPC_METHODS else None
        if call is None:
            raise _Unknown("There is no call of that name")
        arguments = safe(method, self._arguments())
        try:
            inspect.signature(call).bind(**arguments)
        except TypeError as error:
            raise CallRefused(f"{method} can't be called like that: {error}") from None
        if method in _AS_A_WORKER:
            worker = arguments.get("worker")
            if worker is None:
                raise CallRefused(f"{method} is for a worker, and none is named")
            self._workers.require(worker, self._proof())
        try:
            if method == "add_task":
                return self._described.add(arguments, by_owner=self._connection.is_the_owners)
            return call(**arguments)
        except Exception as error:
            # Luigi raises whatever comes of what it wasn't made for; its workers send no such.
            _logger.warning("%s failed", method, exc_info=True)
            raise CallRefused(f"{method} failed: {type(error).__name__}") from error

    def _arguments(self) -> dict[str, Any]:
        try:
            text = self.get_argument("data", "{}")
            arguments = json.loads(text, parse_constant=_finite, parse_float=_finite)
        except (ValueError, RecursionError):
            raise CallRefused("data isn't JSON") from None
        if not isinstance(arguments, dict):
            raise CallRefused("data isn't a JSON object")
        return arguments

    def _proof(self) -> str:
        if given := self.request.headers.get(scheduler_token.PROOF):
            return f"secret {given}"
        return self._connection.client

    @property
    def _connection(self) -> Connection:
        return cast("Connection", self.request.server_connection)


def _finite(text: str) -> float:
    """A number that a browser can read, too: Python alone has others in JSON."""
    found = float(text)
    if math.isnan(found):
        raise ValueError(f"{text} isn't a number")
    return math.copysign(_LARGEST, found) if math.isinf(found) else found


class _Unknown(CallRefused):
    status = 404
