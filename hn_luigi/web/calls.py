"""Luigi's API, where each call is looked at before the scheduler sees it."""

from __future__ import annotations

import inspect
import logging
from typing import TYPE_CHECKING, Any, cast

from luigi.scheduler import RPC_METHODS, Scheduler
from luigi.server import RPCHandler

from hn_luigi.assets.operations import scheduler_token
from hn_luigi.web.call_arguments import CallRefused, arguments_in, checked
from hn_luigi.web.call_ownership import TaskDescriptions, WorkerOwners

if TYPE_CHECKING:
    from hn_luigi.web.connections import Connection

# What a worker asks in its own name. disable_worker and set_worker_processes aren't among them,
# since the visualiser's buttons name workers of others.
_AS_A_WORKER = frozenset(
    {
        *("add_task", "add_task_batcher", "add_worker", "announce_scheduling_failure"),
        *("count_pending", "get_work", "ping"),
    }
)
_logger = logging.getLogger("hn_luigi.web")


class Calls(RPCHandler):
    """The API."""

    def initialize(  # type: ignore[override]
        self, scheduler: Scheduler, owners: WorkerOwners, descriptions: TaskDescriptions
    ) -> None:
        """Take what is shared."""
        self._scheduler, self._owners, self._descriptions = scheduler, owners, descriptions

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
            raise _Unknown("The scheduler has no such method")
        arguments = checked(method, arguments_in(self.get_argument("data", "{}")))
        try:
            inspect.signature(call).bind(**arguments)
        except TypeError as error:
            raise CallRefused(f"invalid arguments for {method}: {error}") from None
        if method in _AS_A_WORKER:
            worker = arguments.get("worker")
            if worker is None:
                raise CallRefused(f"{method} needs a worker")
            self._owners.require(worker, self._proof())
        try:
            if method == "add_task":
                return self._descriptions.add(arguments, by_owner=self._connection.is_the_owners)
            return call(**arguments)
        except Exception as error:
            # Luigi raises whatever comes of arguments that it wasn't made for, TypeError and
            # AttributeError among them. Its own workers send none such.
            _logger.warning("%s failed", method, exc_info=True)
            raise CallRefused(f"{method} failed: {type(error).__name__}") from error

    def _proof(self) -> str:
        if given := self.request.headers.get(scheduler_token.PROOF):
            return f"secret {given}"
        return self._connection.client

    @property
    def _connection(self) -> Connection:
        return cast("Connection", self.request.server_connection)


class _Unknown(CallRefused):
    status = 404
