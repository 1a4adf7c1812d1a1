"""A call that can be left behind when it takes too long.

Some calls take no time limit, or one that doesn't reach all they do: an SDK that looks for
credentials asks the cloud's metadata service with retries of its own, and an alert service may
resolve names for minutes. Python can't end a thread, so one that hangs is left to itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

_Value = TypeVar("_Value")


def start(call: Callable[[], _Value]) -> Future[_Value]:
    """Begin ``call``; ``result(seconds)`` of the answer raises TimeoutError if it takes longer.

    Not by a ThreadPoolExecutor: its threads are joined when the interpreter ends, so that one that
    hangs would keep the process for ever.
    """
    done: Future[_Value] = Future()

    def run() -> None:
        try:
            done.set_result(call())
        except BaseException as error:
            done.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return done
