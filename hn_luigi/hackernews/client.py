"""A client of the Hacker News API: lists, and the items they name.

There is no bulk request, and 500 at once time out (davep/oshit issues 2 and 4); so a few dozen
threads share one pooled session. Each item is retried alone, and the whole fetch has a deadline
that holds whatever the server does.
"""

from __future__ import annotations

import math
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from queue import Empty, SimpleQueue
from typing import Any

from hn_luigi.hackernews.errors import NoStories, TooManyLost, TooSlow, Unavailable
from hn_luigi.hackernews.limits import Limits
from hn_luigi.hackernews.stories import Lost

BASE_URL = "https://hacker-news.firebaseio.com/v0"
"""Where the API lives (HackerNews/API README)."""

Progress = Callable[[int, int], None]
"""Called with how many of how many items are done."""


class Client:
    """Reads the API at ``base_url`` within ``limits``; its methods raise Unavailable or TooSlow."""

    def __init__(self, base_url: str = BASE_URL, limits: Limits | None = None) -> None:
        self._address = base_url.rstrip("/")
        self._limits = limits or Limits()

    @property
    def base_url(self) -> str:
        """Address of the API, without the user and password it may hold."""
        # Not urlsplit, to which a host ends at the first slash: of `http://u:pass/word@host` it
        # would show the password, and at `http://[half` it raises.
        return re.sub("//.*@", "//", self._address)

    def list_url(self, feed: str) -> str:
        """The address of a feed's list."""
        return f"{self.base_url}/{feed}stories.json"

    def story_ids(self, feed: str) -> list[int]:
        """Ids of the stories in ``feed``, in rank order, each once.

        ``top``, ``new`` and ``best`` hold up to 500, jobs included, the others up to 200
        (HackerNews/API README).
        """
        url = self.list_url(feed)
        with closing(self._answers([url])) as answers:
            _, answer = next(answers)
        if isinstance(answer, Unavailable):
            raise answer
        if not isinstance(answer, list) or not all(map(_is_id, answer)):
            raise Unavailable(
                f"{url} holds {str(answer)[:80]!r}, which isn't a list of ids; "
                "check [hackernews] base_url, or try again later"
            )
        if not answer:
            raise NoStories(f"{url} is empty; try again later, or choose another --feed")
        return list(dict.fromkeys(answer))

    def items(
        self, ids: Sequence[int], *, min_share: float = 0.95, progress: Progress | None = None
    ) -> list[dict[str, Any] | Lost]:
        """The items called ``ids``, in their order, Lost for one that can't be had.

        An item can be ``null`` with status 200 (cheeaun/node-hnapi issue 16): it is lost, as is
        one that answers with another's id.

        Args:
            ids: item ids.
            min_share: share of ``ids``, 0 to 1, that has to be had; the fetch gives up as soon
                as it can't be reached any more. Below 1, one item may be lost however few they
                are.
            progress: told after each item, in the calling thread.

        Raises:
            TooManyLost: less than ``min_share`` can be had.
            TooSlow: less than that came before the deadline.
        """
        found: list[dict[str, Any] | Lost] = [Lost("too slow")] * len(ids)
        allowed = _allowed_losses(len(ids), min_share)
        done = lost = 0
        with closing(self._answers([f"{self.base_url}/item/{i}.json" for i in ids])) as answers:
            try:
                for done, (index, answer) in enumerate(answers, start=1):
                    found[index] = item = _item(answer, ids[index])
                    lost += isinstance(item, Lost)
                    if lost > allowed:
                        raise TooManyLost(_explain_loss(lost, len(ids), min_share, answer))
                    if progress is not None:
                        progress(done, len(ids))
            except TooSlow:
                if lost + len(ids) - done > allowed:
                    raise
        return found

    def _answers(self, urls: Sequence[str]) -> Generator[tuple[int, Any], None, None]:
        """The index of each of ``urls`` with its JSON value or an Unavailable, as they arrive."""
        from hn_luigi.hackernews.transport import Transport

        # Not ThreadPoolExecutor: its threads are joined when the interpreter ends (Python 3.9 and
        # later), so that a server which never ends its answer would hold up the process.
        transport = Transport(self._address, self._limits)
        todo = deque(enumerate(urls))
        results: SimpleQueue[tuple[int, Any]] = SimpleQueue()

        def work() -> None:
            while not transport.closed:
                try:
                    index, url = todo.popleft()
                except IndexError:
                    return
                try:
                    results.put((index, transport.get(url)))
                except Exception as error:
                    results.put((index, error))

        try:
            for _ in range(min(self._limits.concurrency, len(urls))):
                threading.Thread(target=work, daemon=True).start()
            for done in range(len(urls)):
                try:
                    result = results.get(timeout=max(transport.ends_at - time.monotonic(), 0))
                except Empty:
                    raise TooSlow(self._explain_delay(done, len(urls))) from None
                if isinstance(result[1], Exception) and not isinstance(result[1], Unavailable):
                    raise result[1]
                yield result
        finally:
            transport.close()

    def _explain_delay(self, done: int, total: int) -> str:
        return (
            f"only {done} of {total} answers arrived from {self.base_url} in "
            f"{self._limits.deadline:g} s; try again later, or raise [hackernews] deadline"
        )


def _is_id(value: Any) -> bool:
    # A bool is an int to isinstance; above 63 bits it wouldn't fit the table's column.
    return type(value) is int and 0 < value < 2**63


def _allowed_losses(total: int, min_share: float) -> int:
    # A share such as 0.55 has no exact binary form: the small term keeps 55 of 100 enough.
    return max(math.floor(total * (1 - min_share) + 1e-9), 1 if min_share < 1 else 0)


def _item(answer: Any, wanted: int) -> dict[str, Any] | Lost:
    if isinstance(answer, dict) and answer.get("id") == wanted:
        return answer
    if isinstance(answer, Unavailable):
        return Lost("unreachable")
    return Lost("null" if answer is None else "not the item")


def _explain_loss(lost: int, total: int, min_share: float, last: Any) -> str:
    cause = str(last) if isinstance(last, Unavailable) else f"answered {str(last)[:80]!r}"
    return (
        f"{lost} of {total} items couldn't be read, more than [hackernews] min_share = "
        f"{min_share:g} allows; the last: {cause}"
    )
