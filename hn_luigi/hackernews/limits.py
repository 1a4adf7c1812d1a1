"""How hard the client tries."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bounds on what one fetch may do. Times are in seconds."""

    concurrency: int = 64
    """Threads, and so requests under way at once."""
    connect_timeout: float = 5.0
    read_timeout: float = 10.0
    """The longest silence while a server answers."""
    attempts: int = 4
    """Requests for one address, the first included."""
    backoff: float = 0.5
    """Mean wait before the second attempt; it doubles with each."""
    deadline: float = 300.0
    """The whole of one fetch, a list or its items."""
