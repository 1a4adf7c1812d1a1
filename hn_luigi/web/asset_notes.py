"""What there is to say of an asset in words: what went wrong, and why it isn't as it should be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hn_luigi import formatting
from hn_luigi.assets.operations import AssetStatus, Category, Failure, Staleness, State
from hn_luigi.web.verdict import Tone, standing_of_stale

LONGEST_REASON = 300
"""Characters of one: it may tell the reasons of all that is upstream, or quote a setting."""


@dataclass(frozen=True)
class Note:
    """A sentence about an asset, with what it is about in a word or two."""

    tone: Tone
    about: str
    """Empty where the sentence says it."""
    text: str


def notes_on(status: AssetStatus) -> Iterator[Note]:
    """What there is to say, what matters most first."""
    if status.failure:
        yield _of_failure(status.failure, status.staleness)
    if since := status.lag.late_since:
        yield Note("bad", "Late", f"since {formatting.clock(since)}")
    elif status.asset.freshness and status.newest and status.lag.reason:
        yield Note("warn", "", status.lag.reason)
    for check, problem in (status.newest.warnings if status.newest else {}).items():
        yield Note("warn", f"Warning {formatting.plain(check)}", formatting.plain(problem))
    yield from _of_staleness(status.staleness)


def _of_failure(failure: Failure, staleness: Staleness) -> Note:
    at, error = formatting.moment(failure.failed_at), formatting.plain(failure.error)
    again = " (to be retried)" if failure.retried else ""
    if staleness.current:
        return Note("warn", f"The last attempt to make it again failed {at}{again}", error)
    return Note("bad", f"Failed {at}{again}", error)


def _of_staleness(staleness: Staleness) -> Iterator[Note]:
    is_stale = staleness.state is State.STALE
    tone: Tone = standing_of_stale(staleness).tone if is_stale else "soft"
    own = [cause for cause in staleness.causes if not cause.is_upstream]
    for cause in own:
        if cause.category is not Category.MISSING:
            yield Note(tone, "", formatting.plain(cause.reason, LONGEST_REASON))
    if is_stale and not own:
        yield Note("soft", "", "what it is made from has changed, or is to be made first")
    if staleness.lost and not staleness.current:
        yield Note("warn", "", "it can't be made any more")
