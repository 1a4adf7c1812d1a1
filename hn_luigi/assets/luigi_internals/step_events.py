"""What a run tells of its steps: events of Luigi's and the layer's, and the troubles in its log.

``Task.event_handler`` takes the layer's events like Luigi's own. They come in the process that
makes the step.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import luigi
from luigi.configuration import get_config
from luigi.rpc import RPCError

MAKING = "hn_luigi.making"
"""An asset is about to be made: the asset, and the reasons why."""
WAITING = "hn_luigi.waiting"
"""Another process is making it, and this one waits: the asset."""
_LOG = "luigi-interface"


@contextmanager
def event_handlers(handlers: Mapping[str, Callable[..., None]]) -> Iterator[None]:
    """Within it, have each event call its function; of steps in other processes, there."""
    for event, handler in handlers.items():
        luigi.Task.event_handler(event)(handler)
    try:
        yield
    finally:
        for event, handler in handlers.items():
            luigi.Task.remove_event_handler(event, handler)


@contextmanager
def warnings_told(tell: Callable[[str], None]) -> Iterator[None]:
    """Within it, have ``tell`` called with the warnings and errors of Luigi's log, in its place."""
    get_config().set("core", "no_configure_logging", "true")
    handler = _Troubles(tell)
    logging.getLogger(_LOG).addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger(_LOG).removeHandler(handler)


class _Troubles(logging.Handler):
    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        """Tell what Luigi, or the layer, logs as a warning or an error."""
        kind, _, traceback = record.exc_info or (None, None, None)
        if kind and (traceback is None or issubclass(kind, RPCError)):
            return  # expected, or of the scheduler: the error will be the run's last line
        message = record.getMessage()
        if record.levelno >= logging.ERROR or record.name != _LOG:
            message = self.format(record)  # with its traceback; Luigi's warnings do without
        self._tell(f"{record.levelname}: {message}")
