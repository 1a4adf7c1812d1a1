"""A brake on who guesses at the token: wrong answers come later and later, then no answer at all.

One who gives the right token isn't kept waiting by those who guess, unless they come from the
same client and ask in parallel.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

SECONDS = 60
"""For how long a wrong token counts."""
FREE = 3
"""Wrong tokens that are answered at once: slips."""
_FIRST = 0.25
"""Seconds that the first answer is kept back after those; each next one is twice as long."""
LONGEST = 2.0
"""Seconds that an answer is kept back at most."""
MOST = 40
"""Wrong tokens within ``SECONDS`` after which no more are looked at; one after the other, with
the answers kept back, there can be no more than 36."""
_CLIENTS = 10_000
"""Clients that are remembered, in 25 MB at most; who guessed first is forgotten first."""


class Guesses:
    """Wrong tokens, by client."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._at: dict[str, deque[float]] = {}

    def are_too_many(self, client: str) -> bool:
        """Whether no more tokens of ``client`` are to be looked at for now."""
        return len(self._of(client)) >= MOST

    def note(self, client: str) -> float:
        """Note a wrong token of ``client``; for how many seconds to keep the answer back."""
        moments = self._of(client)
        moments.append(self._clock())
        # Full memory lets the oldest client guess afresh. To refuse new clients instead would let
        # whoever has 10,000 addresses lock everybody else out.
        if client not in self._at:
            while len(self._at) >= _CLIENTS:
                del self._at[next(iter(self._at))]
            self._at[client] = moments
        over = len(moments) - FREE
        return min(LONGEST, _FIRST * 2.0 ** (over - 1)) if over > 0 else 0.0

    def _of(self, client: str) -> deque[float]:
        moments = self._at.get(client, deque(maxlen=MOST))
        while moments and moments[0] <= self._clock() - SECONDS:
            moments.popleft()
        return moments
