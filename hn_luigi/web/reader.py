"""The one thread in which pages and refreshing ask storage."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import ParamSpec, TypeVar

_Parameters = ParamSpec("_Parameters")
_Value = TypeVar("_Value")


class Reader(Executor):
    """Answers questions one after the other; none is waited for when Python ends.

    One thread, since Luigi's cache of instances isn't made for several. Not a ThreadPoolExecutor's,
    which is joined at the end: where a question hangs, as on a disk that is gone, the server
    couldn't be stopped.
    """

    def __init__(self) -> None:
        self._asked: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread = Thread(target=self._answer, name="reader", daemon=True)
        self._thread.start()

    def submit(
        self,
        fn: Callable[_Parameters, _Value],
        /,
        *args: _Parameters.args,
        **kwargs: _Parameters.kwargs,
    ) -> Future[_Value]:
        """Have ``fn`` called when its turn comes."""
        answer: Future[_Value] = Future()
        self._asked.put(partial(_settle, answer, partial(fn, *args, **kwargs)))
        return answer

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Answer nothing that is asked from now on."""
        self._asked.put(None)
        if wait:
            self._thread.join()

    def _answer(self) -> None:
        while question := self._asked.get():
            question()
            del question  # and with it what it holds, until the next one comes


def _settle(answer: Future[_Value], question: Callable[[], _Value]) -> None:
    if not answer.set_running_or_notify_cancel():
        return
    try:
        answer.set_result(question())
    except BaseException as error:
        answer.set_exception(error)
