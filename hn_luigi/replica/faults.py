"""Which request fails, and how: a decision without a clock or a die.

A test of a threaded client is repeatable only if the same requests fail in every run. So the
decision hangs on what the client cannot shuffle, (seed, path, how often the path was asked
before), and on nothing that depends on the order in which different paths arrive.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import blake2b

from hn_luigi.replica.errors import FaultsError

__all__ = ["ALL_KINDS", "Faults"]

ALL_KINDS: tuple[str, ...] = ("5xx", "401", "429", "reset", "stall", "truncated", "html")
"""Everything the real API, or something between it and the client, has been seen to do."""


@dataclass(frozen=True)
class Faults:
    """A share of the requests goes wrong, always the same ones.

    Args:
        rate: share of requests that are faulty, from 0.0 (none) to 1.0 (every one).
        kinds: which faults, out of ``ALL_KINDS``; each is as likely as the others.
        seed: another seed makes other requests fail.
        times: only the first ``times`` requests of a path can be faulty, so that a client
            which tries often enough always succeeds; None sets no bound.
        only: a regular expression searched in the path (``"item/"``); other paths are spared.
        retry_after: seconds that a 429 asks the client to wait.

    Raises:
        FaultsError: a rate outside 0..1, an unknown kind, a bound below zero, an expression
            that does not compile.
    """

    rate: float = 0.0
    kinds: tuple[str, ...] = ALL_KINDS
    seed: int = 0
    times: int | None = None
    only: str | None = None
    retry_after: float = 1

    def __post_init__(self) -> None:
        if not 0.0 <= self.rate <= 1.0:
            raise FaultsError(f"invalid fault rate {self.rate:g}: give a share from 0.0 to 1.0")
        unknown = [repr(kind) for kind in self.kinds if kind not in ALL_KINDS]
        if unknown or not self.kinds:
            cause = f"unknown faults: {', '.join(unknown)}" if unknown else "no fault is given"
            raise FaultsError(f"{cause}; choose from {', '.join(ALL_KINDS)}")
        if self.times is not None and self.times < 0:
            raise FaultsError(f"invalid number of times {self.times}: give 0 or more, or None")
        if not self.retry_after >= 0:
            raise FaultsError(f"invalid retry_after {self.retry_after:g}: give seconds, 0 or more")
        try:
            re.compile(self.only or "")
        except re.error as error:
            raise FaultsError(
                f"invalid regular expression {self.only!r} ({error}): give one to find in paths"
            ) from error

    def kind(self, path: str, before: int) -> str | None:
        """The fault that this request meets, or None when it is answered as it should be.

        Args:
            path: the request's path, without its query.
            before: how often the same path was asked before, 0 for the first request.
        """
        if self.rate == 0.0 or (self.times is not None and before >= self.times):
            return None
        if self.only is not None and re.search(self.only, path) is None:
            return None
        # Not hash(), which is salted anew in each process.
        drawn = blake2b(f"{self.seed} {before} {path}".encode(), digest_size=16).digest()
        # 2**64 is out of reach of eight bytes, so a rate of 1.0 means every request.
        if int.from_bytes(drawn[:8], "big") >= self.rate * 2**64:
            return None
        return self.kinds[int.from_bytes(drawn[8:], "big") % len(self.kinds)]
