"""Expected errors in Luigi's log: their message alone, without the frames that led to it.

An error leaves ``message_only`` with a traceback that ends in this module, and whatever Luigi then
writes of such a traceback loses all of it.
"""

# Luigi itself adds the frames from its worker to the task, and logs with logger.exception, or as
# text that it has formatted (3.8.1, worker.py: _handle_run_exception, check_complete, _add); so
# nothing that a task does to its error keeps a log to one line, and a filter has to. Rejected:
# no_configure_logging with handlers of ours, which takes users' own [logging] from them.

from __future__ import annotations

import logging
import re
from types import TracebackType

from hn_luigi.assets.errors import in_words

logger = logging.getLogger("luigi-interface.assets")  # Luigi shows what is below luigi-interface

_FINEST = 1
"""Below DEBUG, which is what ``luigi`` logs from where there is no luigi.cfg; it takes NOTSET."""


class message_only:  # noqa: N801 - used as a context manager, like contextlib.suppress
    """Within it, errors of the kinds ``expected`` lose what led to them.

    Args:
        expected: the errors whose message says all that there is to say.
        what: what failed, for the log of level NOTSET, which keeps the traceback.
        asks: it is a question of Luigi's. What is no Exception becomes a RuntimeError, interrupts
            excepted: it would end Luigi's process, on ``sys.exit()`` with code 0.
    """

    # No contextlib.contextmanager: since Python 3.11 that puts back the traceback that an exception
    # has lost within it (contextlib.py, exc.__traceback__ = traceback).

    def __init__(
        self, expected: tuple[type[BaseException], ...], what: object, *, asks: bool = False
    ) -> None:
        self._expected, self._what, self._asks = expected, what, asks

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._asks and not isinstance(error, (Exception, KeyboardInterrupt, type(None))):
            raise RuntimeError(
                f"{self._what} can't tell whether it is complete: {in_words(error)}"
            ) from error
        if isinstance(error, self._expected):
            logger.log(_FINEST, "%s failed", self._what, exc_info=(type(error), error, traceback))
            raise error.with_traceback(None) from None


def shorten_luigis_log() -> None:
    """Have Luigi's log leave out what ``message_only`` did; to be called in the worker itself.

    Its scheduling may go on in forked processes, whose errors the worker logs.
    """
    logging.getLogger("luigi-interface").addFilter(_without_frames)  # which adds it once


def _without_frames(record: logging.LogRecord) -> bool:
    """Let ``record`` through, without a traceback that ends in this module."""
    if isinstance(record.exc_info, tuple):
        kind, error, traceback = record.exc_info
        if kind is not None and error is not None and _ends_here(traceback):
            record.exc_info = (kind, error, None)
    elif record.exc_text:  # which log_masking has formatted, since there was a secret in it
        record.exc_text = _FRAMES.sub("", f"{record.exc_text}\n").rstrip("\n")
    elif isinstance(record.msg, str) and not record.args:  # which Luigi has formatted
        text, count = _FRAMES.subn("", record.msg)
        record.msg = text.rstrip("\n") if count else record.msg
    return True


def _ends_here(traceback: TracebackType | None) -> bool:
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    return traceback is not None and traceback.tb_frame.f_code is message_only.__exit__.__code__


_FRAMES = re.compile(
    r"Traceback \(most recent call last\):\n(?: .*\n)*"
    rf'  File "{re.escape(message_only.__exit__.__code__.co_filename)}", .*\n(?:    .*\n)*(?! )'
)
