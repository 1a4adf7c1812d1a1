"""When a step that failed is tried again, and after how long; the arithmetic is Dagster's.

Luigi's own retries behave differently under each scheduler, know neither backoff nor jitter,
and leave a plain ``luigi`` run at one attempt; so an asset's attempts are made within one run.
"""

# With luigi 3.8.1, retry_count=3 runs a task once unless the worker is kept alive; a central
# scheduler ignores it where the worker's side sets it, waits 900 s (retry_delay), and disables the
# task for a day after the last try.
#
# Why not tenacity, which Luigi depends on: its exponential wait is 2 ** (n - 1) and not Dagster's
# 2 ** n - 1, and no jitter of its gives or takes, so the arithmetic would be ours all the same;
# and it tells of the failures that it tries again after (before_sleep), not of the last, which is
# the one that counts.

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

_Value = TypeVar("_Value")


class Backoff(Enum):
    """How the delay grows with the number of the retry."""

    LINEAR = "linear"
    """``n * delay``"""
    EXPONENTIAL = "exponential"
    """``(2 ** n - 1) * delay``"""


class Jitter(Enum):
    """How the delay is spread at random, after it has grown."""

    FULL = "full"
    """Evenly between 0 and the grown delay."""
    PLUS_MINUS = "plus or minus"
    """The grown delay, give or take up to the base delay."""


@dataclass(frozen=True)
class RetryPolicy:
    """Try a failed ``compute`` again, ``max_retries`` times at most.

    Names, defaults and arithmetic are those of Dagster's ``RetryPolicy``
    (``dagster/_core/definitions/policy.py``).

    Raises:
        ValueError: a number is negative, or there is backoff or jitter without a delay.
    """

    max_retries: int = 1
    delay: float | None = None
    """Seconds before the first retry."""
    backoff: Backoff | None = None
    jitter: Jitter | None = None

    def __post_init__(self) -> None:
        if self.max_retries < 0 or (self.delay or 0) < 0:
            raise ValueError(f"{self}: max_retries and delay must not be negative")
        if self.delay is None and (self.backoff or self.jitter):
            raise ValueError(f"{self}: backoff and jitter need a delay")

    def delay_before(self, retry: int, *, rng: Callable[[], float] = random.random) -> float:
        """Seconds to wait before retry number ``retry``, from 1; ``rng`` is even in [0, 1)."""
        base = grown = self.delay or 0.0
        if self.backoff is Backoff.LINEAR:
            grown = retry * base
        elif self.backoff is Backoff.EXPONENTIAL:
            grown = (2**retry - 1) * base
        if self.jitter is Jitter.FULL:
            return rng() * grown
        if self.jitter is Jitter.PLUS_MINUS:
            return grown + (2 * rng() - 1) * base
        return grown


NO_RETRIES = RetryPolicy(max_retries=0)


def is_final(error: BaseException) -> bool:
    """Whether trying again is no use: the error says ``final``, as most of the layer's own do."""
    return bool(getattr(error, "final", False))


def call_with_retries(
    step: Callable[[int], _Value],
    policy: RetryPolicy,
    *,
    may_wait: Callable[[float], bool] = lambda seconds: True,
    on_failed: Callable[[int, BaseException, float | None], None],
    sleep: Callable[[float], None],
) -> _Value:
    """What ``step`` returns; raises its last error where no attempt succeeds.

    Whatever it raises is a failure, but KeyboardInterrupt, alone or in a group, as trio raises
    it: that ends the attempts untold.

    Args:
        step: called with the number of the attempt, from 1, until it succeeds, its error is
            final, or there are no retries left.
        policy: how often, and after how long.
        may_wait: whether another attempt after that many seconds is worth it.
        on_failed: told of each failed attempt before the wait: its number, its error, and the
            seconds until the next one, None if there is none. What it raises ends the attempts.
        sleep: waits that many seconds.
    """
    attempt = 1
    while True:
        try:
            return step(attempt)
        except KeyboardInterrupt:  # Ctrl-C, or SIGTERM
            raise
        except BaseException as error:  # sys.exit() in a library, a panic in Rust code (pyo3)
            if isinstance(error, BaseExceptionGroup) and error.subgroup(KeyboardInterrupt):
                raise KeyboardInterrupt(str(error)) from error
            again = attempt <= policy.max_retries and not is_final(error)
            wait = policy.delay_before(attempt) if again else None
            if wait is not None and not may_wait(wait):
                wait = None
            on_failed(attempt, error, wait)
            if wait is None:
                raise
        sleep(wait)
        attempt += 1
