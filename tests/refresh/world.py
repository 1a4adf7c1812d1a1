"""What happens to a machine in a month: to its clock, its power, the API, and by its operator."""

from __future__ import annotations

import random
from bisect import bisect
from dataclasses import dataclass, field
from datetime import datetime, timedelta

ATTEMPTS = 4
"""At one address, as the client makes them (``hackernews/limits.py``)."""
LARGEST_SHARE_LOST = 0.05
SECONDS_OF_A_HANG = 44
"""That ATTEMPTS at a server take which says nothing, as measured there."""
NEVER = datetime.max


@dataclass(frozen=True)
class Spell:
    """A time in which something isn't as usual."""

    what: str
    """``down``, ``slow``, ``failing``, of the API; ``off``, ``asleep``, of the machine;
    ``paused``."""
    begin: datetime
    end: datetime
    share: float = 0.0
    """Of the requests that fail."""


@dataclass(frozen=True)
class World:
    """What is to happen."""

    begin: datetime
    end: datetime
    spells: tuple[Spell, ...] = ()
    steps: tuple[tuple[datetime, timedelta], ...] = ()
    """When the clock is set, in true time, and by how much."""
    changes: tuple[datetime, ...] = ()
    """When what makes the last asset but one is changed."""
    prunes: tuple[datetime, ...] = ()
    """When all but the last two days are pruned."""
    seed: int = 1

    def spell(self, at: datetime, *whats: str) -> Spell | None:
        """The one of these that is on."""
        on = (s for s in self.spells if s.what in whats and s.begin <= at < s.end)
        return next(on, None)

    def clock(self, at: datetime) -> datetime:
        """What the machine's clock shows."""
        return at + sum((by for since, by in self.steps if since <= at), timedelta(0))


class Time:
    """The true time, which passes as something is waited for; observers see each minute of it."""

    def __init__(self, world: World) -> None:
        self.world, self.at = world, world.begin
        self.observers = []
        moments = [m for s in world.spells for m in (s.begin, s.end)]
        moments += [at for at, _ in world.steps] + [*world.changes, *world.prunes, world.end]
        self._moments = sorted(set(moments))

    def now(self) -> datetime:
        """What the machine's clock shows; ``window.now`` of what is asked."""
        return self.world.clock(self.at)

    @property
    def next_change(self) -> datetime:
        """When something next begins or ends."""
        found = bisect(self._moments, self.at)
        return self._moments[found] if found < len(self._moments) else NEVER

    def pass_until(self, at: datetime) -> None:
        while self.at < at:
            self.at = min(at, self.at + timedelta(minutes=1), self.next_change)
            for observe in self.observers:
                observe()


@dataclass
class Api:
    """Hacker News' API: whether it answers, and how long that takes."""

    time: Time
    drawn: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.drawn = random.Random(self.time.world.seed)

    def ask(self, requests: int) -> tuple[float, bool]:
        """How many seconds so many requests take at once, and whether enough are answered."""
        on = self.time.world.spell(self.time.at, "down", "failing", "slow")
        if on is None or not requests:
            return requests / 100, True
        if on.what == "down":
            return SECONDS_OF_A_HANG, False
        if on.what == "slow":
            return min(requests, 240), True
        lost = sum(self.drawn.random() < on.share**ATTEMPTS for _ in range(requests))
        return 10.0, lost <= requests * LARGEST_SHARE_LOST
