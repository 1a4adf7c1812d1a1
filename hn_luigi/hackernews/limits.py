"""How hard the client tries."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bounds on what one fetch may do. Times are in seconds."""

    # 500 items at 50 ms each took 0.86 s by 32 threads, 0.46 by 64, 0.32 by 128 and 0.30 by 200
    # (replica, requests 2.34): more would double the load on a free API to save 0.14 s.
    concurrency: int = 64
    """Threads, and so requests under way at once."""
    # With these, four attempts at a server that says nothing take about 44 s (10 s each, and waits
    # of 0.5, 1 and 2 s on average): an item that hangs costs itself, and not the deadline.
    connect_timeout: float = 5.0
    read_timeout: float = 10.0
    """The longest silence while a server answers."""
    # Where one answer in ten fails, one address in 10,000 does so four times in a row; the items
    # that are lost then are counted, and min_share decides.
    attempts: int = 4
    """Requests for one address, including the first."""
    backoff: float = 0.5
    """Mean wait before the second attempt; it doubles with each."""
    # Half of the default window of ten minutes: a list and its items, however slow and however late
    # in the window they begin, end before its grace does, after which a capture is refused.
    deadline: float = 300.0
    """The whole of one fetch, a list or its items."""
