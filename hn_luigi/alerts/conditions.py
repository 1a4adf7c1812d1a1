"""In which respects an asset is in trouble: it failed after its retries, or it is late."""

from __future__ import annotations

from dataclasses import replace

from hn_luigi.alerts.incidents import Condition, Kind
from hn_luigi.assets import Freshness
from hn_luigi.assets.operations import AssetStatus, ConsecutiveFailures, window
from hn_luigi.formatting import age


def conditions_of(
    found: AssetStatus, failing: ConsecutiveFailures, *, too_early: bool
) -> tuple[Condition, Condition]:
    """How an asset is, given how it stands and the failed attempts since its last making.

    ``too_early`` says that lateness doesn't count yet.
    """
    late = _late(found)
    failed = _failed(found, failing)
    if not failed.wrong and late.wrong:
        # A window was good, or the attempts are forgotten, but what people have is old.
        failed = replace(failed, wrong=None)
    if too_early and late.wrong:
        late = replace(late, wrong=None)
    return failed, late


def unreachable(cause: str, since: str, tries: int) -> tuple[Condition, Condition]:
    """How an asset is whose store can't be read: it can't be made either, nor its age be told."""
    failed = Condition(Kind.FAILED, wrong=True, since=since, cause=cause, tries=tries)
    return failed, Condition(Kind.LATE, wrong=None)


def _failed(found: AssetStatus, failing: ConsecutiveFailures) -> Condition:
    """Wrong from the first failed attempt on, as soon as one of them was the last of its run."""
    made_at = found.newest.created_at if found.newest else ""
    if failing.given_up is None or failing.since is None:
        return Condition(Kind.FAILED, wrong=False, well_at=made_at)
    return Condition(
        Kind.FAILED,
        wrong=True,
        since=failing.since,
        cause=failing.given_up.error,
        well_at=made_at,
        tries=failing.tries,
    )


def _late(found: AssetStatus) -> Condition:
    """Wrong from when its data became too old; a warning is not told of.

    What has no policy is never late. Of what was never made, or whose data is of the future,
    it can't be told.
    """
    policy, newest, freshness = found.asset.freshness, found.newest, found.lag.freshness
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
    cause = f"its newest data was read at {read_at:%Y-%m-%d %H:%M:%S} UTC, limit {limit}"
    return Condition(Kind.LATE, wrong=True, since=too_old_at, cause=cause, well_at=well_at)
