"""In which respects an asset is in trouble: it failed after its retries, is late, or is suspect."""

from __future__ import annotations

from dataclasses import replace

from hn_luigi.alerts.incidents import Condition, Kind
from hn_luigi.assets import Freshness
from hn_luigi.assets.operations import AssetStatus, ConsecutiveFailures, window
from hn_luigi.formatting import age, clock


def conditions_of(
    status: AssetStatus,
    failures: ConsecutiveFailures,
    *,
    too_early: bool,
    is_explained: bool = False,
) -> tuple[Condition, ...]:
    """How an asset is, given its status and the failed attempts since it was last made.

    ``too_early`` says that lateness doesn't count yet: see ``grace_period``. ``is_explained`` says
    that people were told of something that it is made from that it is late: where a day's report
    may be an hour old and its data half of that, an outage is one trouble.
    """
    late = _late(status)
    failed = _failed(status, failures)
    if not failed.wrong and late.wrong:
        # A window was made, or the attempts were pruned, but what people have is old.
        failed = replace(failed, wrong=None)
    if (too_early or is_explained) and late.wrong:
        late = replace(late, wrong=None)
    return failed, late, _suspect(status)


def unreachable(cause: str, since: str, tries: int) -> tuple[Condition, ...]:
    """How an asset is whose store can't be read: not to be made either, and of unknown age."""
    _, *others = unknown()
    return Condition(Kind.FAILED, wrong=True, since=since, cause=cause, tries=tries), *others


def unknown() -> tuple[Condition, ...]:
    """How an asset is that is made from what can't be read."""
    return tuple(Condition(kind, wrong=None) for kind in Kind)


def _failed(status: AssetStatus, failures: ConsecutiveFailures) -> Condition:
    """Wrong from the first failed attempt on, as soon as one of them was the last of its run."""
    made_at = status.newest.created_at if status.newest else ""
    if failures.given_up is None or failures.since is None:
        return Condition(Kind.FAILED, wrong=False, well_at=made_at)
    return Condition(
        Kind.FAILED,
        wrong=True,
        since=failures.since,
        cause=failures.given_up.error,
        well_at=made_at,
        tries=failures.tries,
    )


def _late(status: AssetStatus) -> Condition:
    """Wrong from when its data became too old; a warning is not reported.

    Without a policy it is never late. Of an asset that was never made, or whose data is of the
    future, it isn't known.
    """
    policy, newest, freshness = status.asset.freshness, status.newest, status.lag.freshness
    if policy is None:
        return Condition(Kind.LATE, wrong=False)
    if newest is None or freshness is Freshness.UNKNOWN:
        return Condition(Kind.LATE, wrong=None)
    read_at = window.moment(newest.data_time)
    too_old_at = window.timestamp(read_at + policy.maximum_lag)
    well_at = newest.created_at if newest.created_at <= too_old_at else ""
    if freshness is not Freshness.FAIL:
        return Condition(Kind.LATE, wrong=False, well_at=well_at)
    limit = age(policy.maximum_lag)
    cause = f"its newest data was read at {clock(read_at)} UTC, limit {limit}"
    return Condition(Kind.LATE, wrong=True, since=too_old_at, cause=cause, well_at=well_at)


def _suspect(status: AssetStatus) -> Condition:
    """Wrong while checks warn of the newest window: each finding of an incident isn't news."""
    newest = status.newest
    if newest is None or not newest.warnings:
        return Condition(Kind.SUSPECT, wrong=False, well_at=newest.created_at if newest else "")
    cause = "; ".join(f"{name}: {problem}" for name, problem in newest.warnings.items())
    return Condition(Kind.SUSPECT, wrong=True, since=newest.created_at, cause=cause)
