from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from hn_luigi.assets import Freshness, FreshnessPolicy
from hn_luigi.assets.freshness import judge_lag

NOW = datetime(2026, 11, 22, 12, 34, 56)
POLICY = FreshnessPolicy(
    maximum_lag=timedelta(minutes=30),
    warn_after=timedelta(minutes=20),
)


@pytest.mark.parametrize(
    ("minutes", "freshness"),
    [
        (0, Freshness.PASS),
        (20, Freshness.PASS),
        (20.1, Freshness.WARN),
        (30, Freshness.WARN),
        (30.1, Freshness.FAIL),
        (3000, Freshness.FAIL),
        (-5, Freshness.PASS),
        (-5.1, Freshness.UNKNOWN),
    ],
)
def test_lag_is_judged_from_data_time(minutes, freshness):
    data_time = NOW - timedelta(minutes=minutes)
    assert judge_lag(POLICY, data_time, NOW).freshness is freshness


def test_without_a_warning_it_passes_until_it_fails():
    policy = FreshnessPolicy(maximum_lag=timedelta(minutes=30))
    assert judge_lag(policy, NOW - timedelta(minutes=29), NOW).freshness is Freshness.PASS


@pytest.mark.parametrize(
    ("policy", "data_time", "reason"),
    [
        (None, NOW, "it has no freshness policy"),
        (POLICY, None, "nothing of it is stored"),
        (POLICY, NOW + timedelta(hours=1), "its data is of the future: a clock was wrong"),
    ],
)
def test_what_can_t_be_known_says_why(policy, data_time, reason):
    lag = judge_lag(policy, data_time, NOW)
    assert (lag.freshness, lag.reason) == (Freshness.UNKNOWN, reason)


@pytest.mark.parametrize(
    ("maximum", "warn"),
    [(0, None), (-1, None), (30, 30), (30, 0), (30, -5)],
)
def test_a_policy_that_makes_no_sense_is_refused(maximum, warn):
    with pytest.raises(ValueError, match="must be"):
        FreshnessPolicy(
            maximum_lag=timedelta(minutes=maximum),
            warn_after=None if warn is None else timedelta(minutes=warn),
        )
