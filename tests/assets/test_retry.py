from __future__ import annotations

import pytest

from hn_luigi.assets import AssetError, Backoff, Jitter, RetryPolicy
from hn_luigi.assets.retry import call_with_retries


@pytest.mark.parametrize(
    ("policy", "rng", "delays"),
    [
        (RetryPolicy(), 0.5, [0, 0, 0]),
        (RetryPolicy(delay=5), 0.5, [5, 5, 5]),
        (RetryPolicy(delay=5, backoff=Backoff.LINEAR), 0.5, [5, 10, 15]),
        (RetryPolicy(delay=5, backoff=Backoff.EXPONENTIAL), 0.5, [5, 15, 35]),
        (RetryPolicy(delay=5, jitter=Jitter.FULL), 0.25, [1.25, 1.25, 1.25]),
        (RetryPolicy(delay=5, backoff=Backoff.LINEAR, jitter=Jitter.FULL), 0.5, [2.5, 5, 7.5]),
        (RetryPolicy(delay=5, backoff=Backoff.EXPONENTIAL, jitter=Jitter.FULL), 0.0, [0, 0, 0]),
        (RetryPolicy(delay=5, jitter=Jitter.PLUS_MINUS), 0.0, [0, 0, 0]),
        (RetryPolicy(1, 5, Backoff.LINEAR, Jitter.PLUS_MINUS), 0.75, [7.5, 12.5, 17.5]),
        (RetryPolicy(1, 5, Backoff.EXPONENTIAL, Jitter.PLUS_MINUS), 0.25, [2.5, 12.5, 32.5]),
    ],
)
def test_the_delay_before_each_retry_is_dagster_s(policy, rng, delays):
    assert [policy.delay_before(n, rng=lambda: rng) for n in (1, 2, 3)] == delays


def test_by_default_the_jitter_differs_from_one_to_the_next():
    policy = RetryPolicy(delay=5, jitter=Jitter.FULL)
    delays = {policy.delay_before(1) for _ in range(20)}
    assert len(delays) > 1
    assert all(0 <= delay <= 5 for delay in delays)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"max_retries": -1}, "must not be negative"),
        ({"delay": -1}, "must not be negative"),
        ({"backoff": Backoff.LINEAR}, "need a delay"),
        ({"jitter": Jitter.FULL}, "need a delay"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(arguments, reason):
    with pytest.raises(ValueError, match=reason):
        RetryPolicy(**arguments)


class Oven:
    """A step that fails a few times, and what is told of it."""

    def __init__(self, *troubles: Exception) -> None:
        self.troubles = list(troubles)
        self.attempts = []
        self.failed = []
        self.slept = []

    def bake(self, attempt: int) -> str:
        self.attempts.append(attempt)
        if self.troubles:
            raise self.troubles.pop(0)
        return "bread"

    def call(self, policy: RetryPolicy) -> str:
        return call_with_retries(
            self.bake, policy, on_failed=lambda *f: self.failed.append(f), sleep=self.slept.append
        )


def test_a_step_is_tried_until_it_succeeds():
    oven = Oven(OSError("cold"), OSError("smoke"))
    assert oven.call(RetryPolicy(max_retries=3, delay=5, backoff=Backoff.LINEAR)) == "bread"
    assert oven.attempts == [1, 2, 3]
    assert oven.slept == [5, 10]
    assert [(attempt, str(error), wait) for attempt, error, wait in oven.failed] == [
        (1, "cold", 5),
        (2, "smoke", 10),
    ]


def test_the_last_error_is_raised_when_no_retry_is_left():
    oven = Oven(OSError("cold"), OSError("smoke"))
    with pytest.raises(OSError, match="smoke"):
        oven.call(RetryPolicy(max_retries=1, delay=5))
    assert [wait for _, _, wait in oven.failed] == [5, None]
    assert oven.slept == [5]


class Burnt(Exception):
    final = True


@pytest.mark.parametrize("error", [Burnt("to coal"), AssetError("no such format")])
def test_a_final_error_is_not_retried(error):
    oven = Oven(error)
    with pytest.raises(type(error)):
        oven.call(RetryPolicy(max_retries=3))
    assert oven.attempts == [1]
    assert oven.failed[0][2] is None


def test_an_interrupt_is_no_failure():
    oven = Oven(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        oven.call(RetryPolicy(max_retries=3))
    assert oven.failed == []


@pytest.mark.parametrize("error", [SystemExit(3), GeneratorExit()])
def test_what_is_no_exception_is_a_failure_like_others(error):
    oven = Oven(error)
    assert oven.call(RetryPolicy(max_retries=3)) == "bread"
    assert oven.failed == [(1, error, 0.0)]
