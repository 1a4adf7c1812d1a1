"""Whether the newest materialization of an asset is young enough: fresh, or late.

Age is counted from data time, when the oldest data in the asset was read from its source. What
is stored may well match its definition and be late; that is another question.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from hn_luigi.assets.window import CLOCKS_DIFFER


class Freshness(Enum):
    """What a freshness policy says of an asset; the value is the exit code for monitoring.

    The codes are those of Nagios' plugins, which most monitoring takes: OK, WARNING, CRITICAL and
    UNKNOWN.
    """

    PASS = 0
    WARN = 1
    FAIL = 2
    UNKNOWN = 3


@dataclass(frozen=True)
class FreshnessPolicy:
    """The newest data must never be older than ``maximum_lag``.

    Raises:
        ValueError: a lag isn't positive, or the warning would come after the failure.
    """

    maximum_lag: timedelta
    warn_after: timedelta | None = None
    """Lag at which to warn, below ``maximum_lag``; None for no warning."""

    def __post_init__(self) -> None:
        if self.maximum_lag <= timedelta(0):
            raise ValueError(f"{self}: maximum_lag must be positive")
        if self.warn_after is not None and not timedelta(0) < self.warn_after < self.maximum_lag:
            raise ValueError(f"{self}: warn_after must be between 0 and maximum_lag")


@dataclass(frozen=True)
class Lag:
    """How far an asset lags behind its source, and what its policy says of that."""

    freshness: Freshness
    lag: timedelta | None = None
    """None if there is nothing to count from."""
    reason: str = ""
    """Why nothing can be said, where that is so."""
    late_since: datetime | None = None
    """When the data became too old (UTC), if it is."""


def judge_lag(policy: FreshnessPolicy | None, data_time: datetime | None, now: datetime) -> Lag:
    """What ``policy`` says at ``now`` of data that was read at ``data_time``, both UTC.

    Without a policy, or without data, nothing can be said.
    """
    lag = None if data_time is None else now - data_time
    if lag is not None and -CLOCKS_DIFFER <= lag < timedelta(0):
        lag = timedelta(0)
    if policy is None:
        return Lag(Freshness.UNKNOWN, lag, "it has no freshness policy")
    if lag is None:
        return Lag(Freshness.UNKNOWN, None, "nothing of it is stored")
    if lag < timedelta(0):
        return Lag(Freshness.UNKNOWN, lag, "its data is of the future: a clock was wrong")
    if lag > policy.maximum_lag:
        return Lag(Freshness.FAIL, lag, late_since=now - lag + policy.maximum_lag)
    if policy.warn_after is not None and lag > policy.warn_after:
        return Lag(Freshness.WARN, lag)
    return Lag(Freshness.PASS, lag)
