"""What is to be made next, when, and why: a pure function of facts and a clock.

It is asked anew before anything is started, so that nothing has to be undone when a machine slept,
its clock was set, or somebody else has made it: the present window is made at once, and windows
that are over aren't tried.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from hn_luigi.assets import FreshnessPolicy
from hn_luigi.assets.operations import CLOCKS_DIFFER, NO_WINDOW, WindowLength

# A minute lets most troubles pass that a step's own retries don't outlast. Doubled, four tries
# cover a window of 10 minutes and eleven a day; a service that is down all day is asked no more.
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=6)
# In so long what shares an API asks for it one after the other; a twentieth of a window costs its
# data next to no age.
_LARGEST_SPREAD = timedelta(seconds=30)


class Need(Enum):
    """Why a window is to be made."""

    NOTHING = "nothing"
    """It is current."""
    MISSING = "missing"
    STALE = "stale"
    """By its own doing: its code, a setting, its output changed, or somebody asked for it."""
    INPUTS = "inputs"
    """What it is made from has changed, or is to be made first."""


@dataclass(frozen=True)
class Try:
    """A run that was over, and after which a window was still to be made."""

    run: str
    """The id of the run."""
    ended: datetime
    found_nothing_to_do: bool = False
    """Whether the run took it for current, and so would the next."""
    succeeded: bool = False
    """Whether the run made it, and yet it is stale again."""


@dataclass(frozen=True)
class AssetFacts:
    """What is known of an asset in one window."""

    folder: str
    length: WindowLength
    start: datetime
    """When the window begins."""
    policy: FreshnessPolicy | None = None
    need: Need = Need.NOTHING
    reason: str = ""
    """Why it is stale, in words."""
    unmakable: str = ""
    """Why no run can make it, in words; empty if one can."""
    data_time: datetime | None = None
    """Of its newest data, in whatever window; None if it has none, or knows no time."""
    tries: Sequence[Try] = ()
    """At this window, since it was last made, by whomever; of what it is made from as well.

    Those that found nothing to do count in later windows, too, once these are made.
    """
    is_being_made: bool = False
    """Whether a run is making it, or what it is made from."""
    inputs_every: WindowLength | None = None
    """The shortest windows that bring it new data within its own; None for none."""

    @property
    def end(self) -> datetime:
        """When its window is over."""
        return self.length.end(self.start)

    @property
    def pace(self) -> timedelta | None:
        """The age at which its data is renewed within its window; None for never."""
        if self.policy is None or self.inputs_every is None:
            return None
        # A failed run has the rest of the time for its next tries.
        return self.policy.warn_after or self.policy.maximum_lag / 2

    def is_late(self, policy: FreshnessPolicy, now: datetime, at: datetime | None) -> bool:
        """Whether ``policy`` is broken soon after ``at``, if nothing is made until then.

        A run that begins then takes its time: within a window of its own it is over.
        """
        if at is None or (data_time := self.known_data_time(now)) is None:
            return True
        return at - data_time > policy.maximum_lag - timedelta(minutes=self.length.minutes)

    def known_data_time(self, now: datetime) -> datetime | None:
        """``data_time``, unless it is of the future: a clock was wrong, and nothing hangs on it."""
        is_known = self.data_time is not None and self.data_time <= now + CLOCKS_DIFFER
        return self.data_time if is_known else None


@dataclass(frozen=True)
class LineFacts:
    """What is known of a line of the watch list."""

    line: str
    """As anybody may see it."""
    assets: Sequence[AssetFacts]
    """Of the present windows, upstream first; the last is what the line names."""
    upstream: Sequence[frozenset[str]]
    """For each of them the folders of what a run of it makes, its own included."""
    settling: Sequence[AssetFacts] = ()
    """Windows that have just ended, upstream first, whose last inputs may be new."""
    paused_since: datetime | None = None

    @property
    def root(self) -> AssetFacts:
        """What the line names."""
        return self.assets[-1]

    def made_by_run(self) -> Iterator[tuple[str, frozenset[str]]]:
        """The folder of each asset, and those of what a run of it makes."""
        for asset, folders in zip(self.assets, self.upstream, strict=True):
            yield asset.folder, folders


@dataclass(frozen=True)
class Due:
    """What is to be made next of a line of the watch list."""

    folder: str
    """What the asset is called."""
    start: datetime
    """When the window begins that is to be made."""
    length: WindowLength
    when: datetime | None
    """From when on; None while nothing is planned."""
    why: str
    """In words."""
    is_settling: bool = False
    """Whether that window is over, and is made once more from its last inputs."""

    def is_now(self, now: datetime) -> bool:
        """Whether it is to be made by now."""
        return self.when is not None and self.when <= now


def due(line: LineFacts, now: datetime, share: float, lines: Sequence[LineFacts] = ()) -> Due:
    """What is to be made next of ``line``.

    What is upstream of it is made by itself only where its own freshness policy would be broken
    before the next run that makes it, of this line or of another; or that none does: a report looks
    back at it.

    Args:
        line: what is known of it at ``now``.
        now: UTC time.
        share: which part of the largest spread this installation takes, from 0 to 1.
        lines: all that are refreshed.
    """
    root = _due(line.root, now, share)
    if line.paused_since is not None:
        return replace(root, when=None, why="paused")
    others = [
        each for each in lines if each.paused_since is None and each.root.folder != line.root.folder
    ]
    # What has just ended comes first: what is made from it anew needn't be made once more.
    found = [_settled(each, now, share) for each in _to_settle(line, others)]
    found.append(root)
    for asset in line.assets[:-1]:
        by_itself = _due(asset, now, share)
        runs = (_makes_in_time(each, asset, by_itself, now, share) for each in (line, *others))
        if asset.policy is not None and not any(runs):
            found.append(by_itself)
    return min(found, key=lambda each: each.when or datetime.max)


def spread(length: WindowLength, share: float) -> timedelta:
    """How long after the begin of windows of that length an installation makes them."""
    return min(_LARGEST_SPREAD, timedelta(minutes=length.minutes) / 20) * share


def wait_after(tries: int, length: WindowLength) -> timedelta:
    """How long to wait after so many failed tries, at least one, within a window of that length."""
    first = min(_FIRST_WAIT, timedelta(minutes=length.minutes) / 10)
    doubled: timedelta = first * 2 ** min(tries - 1, 20)
    return min(doubled, _LONGEST_WAIT)


def _makes_in_time(
    line: LineFacts, asset: AssetFacts, by_itself: Due, now: datetime, share: float
) -> bool:
    """Whether the next run of ``line`` makes an asset before its policy is broken.

    Or as soon as the asset can be made at all, which ``by_itself`` is due then.
    """
    if asset.folder not in line.upstream[-1] or asset.policy is None:
        return False
    run = _due(line.root, now, share)
    is_soon = run.when is not None and run.when <= max(now, by_itself.when or now)
    is_soon |= line.root.is_being_made
    return is_soon or not asset.is_late(asset.policy, now, run.when)


def _to_settle(line: LineFacts, others: Sequence[LineFacts]) -> Iterator[AssetFacts]:
    """What ``line`` has to settle by a run each, upstream first.

    What it only looks back at is left to one of ``others`` that makes it.
    """
    upstream = dict(line.made_by_run())
    for number, asset in enumerate(line.settling):
        is_made_elsewhere = any(asset.folder in other.upstream[-1] for other in others)
        if is_made_elsewhere and asset.folder not in line.upstream[-1]:
            continue
        # One run makes a chain of the same window; a month takes its days as they are stored.
        after = (each for each in line.settling[number + 1 :] if each.end == asset.end)
        if not any(e.length == asset.length and asset.folder in upstream[e.folder] for e in after):
            yield asset


def _due(asset: AssetFacts, now: datetime, share: float) -> Due:
    """What is to be made next of an asset by itself."""
    at_begin = now if asset.length == NO_WINDOW else asset.start + _spread(asset, share)
    begun = Due(asset.folder, asset.start, asset.length, at_begin, "")
    if asset.unmakable:
        return _in_next_window(asset, share, asset.unmakable)
    if asset.is_being_made:
        return replace(begun, when=None, why="another run is making it")
    if asset.need is Need.MISSING:
        why = "its window begins" if asset.length != NO_WINDOW else "nothing of it is stored"
        return _after_tries(asset, replace(begun, why=why), now, share)
    if asset.need is Need.STALE:
        return _after_tries(asset, replace(begun, why=asset.reason), now, share)
    if asset.inputs_every is not None:
        return _renewed(asset, asset.inputs_every, now, share)
    if asset.need is Need.INPUTS:
        found = replace(begun, why="what it is made from has changed")
        return _after_tries(asset, found, now, share)
    return _in_next_window(asset, share)


def _renewed(asset: AssetFacts, every: WindowLength, now: datetime, share: float) -> Due:
    """When a window is made again from newer inputs, which each window of ``every`` brings."""
    if asset.pace is None:
        return _in_next_window(asset, share)
    when = now if asset.need is Need.INPUTS else _next_begin(every, now, share)
    if (data_time := asset.known_data_time(now)) is not None:
        when = max(when, data_time + asset.pace)
    if when >= asset.end:
        return _in_next_window(asset, share)
    why = "its policy needs newer data"
    found = Due(asset.folder, asset.start, asset.length, when, why)
    return _after_tries(asset, found, now, share)


def _settled(asset: AssetFacts, now: datetime, share: float) -> Due:
    """When a window that is over is made from its last inputs, once these are."""
    length = asset.inputs_every or asset.length
    when, why = asset.end + _spread(asset, share), "its window is over, and its last inputs are new"
    tries = _counted(asset, now)
    if tries:
        when, why = _next_try(tries, length), _told(tries, why)
    found = Due(asset.folder, asset.start, asset.length, when, why, is_settling=True)
    is_idle = asset.need is Need.NOTHING or asset.unmakable or asset.is_being_made
    if is_idle or _is_vain(tries) or not asset.length.is_open(asset.start, max(now, when)):
        return replace(found, when=None)
    return found


def _after_tries(asset: AssetFacts, found: Due, now: datetime, share: float) -> Due:
    """``found``, or its next try if some were in vain; in the next window if none is left."""
    tries, every = _counted(asset, now), asset.inputs_every
    if not tries:
        return found
    if _is_vain(tries):
        why = "a run found nothing to do: restart the server if code or settings were changed"
        if asset.need is Need.INPUTS and every is not None:
            when = _next_begin(every, now, share)
            return replace(found, when=max(when, found.when or when), why=why)
        return _in_next_window(asset, share, why)
    told = _told(tries, found.why)
    # A policy of an hour that an outage of six has broken can't wait for as long again.
    longest = every if every is not None and asset.pace is not None else None
    when = _next_try(tries, asset.length, longest)
    if when >= asset.end:
        return _in_next_window(asset, share, told)
    return replace(found, when=max(when, found.when or when), why=told)


def _counted(asset: AssetFacts, now: datetime) -> list[Try]:
    """The tries that hold back the next one."""
    tries = [each for each in asset.tries if each.ended <= now + CLOCKS_DIFFER]
    if asset.need is not Need.INPUTS or asset.inputs_every is None:
        return tries
    # Each window that it is made from brings it a need of its own, which was met before.
    begin = asset.inputs_every.floor(now)
    unmet = [each for each in tries if not each.succeeded]
    return [each for each in unmet if not each.found_nothing_to_do or each.ended >= begin]


def _is_vain(tries: Iterable[Try]) -> bool:
    return any(each.found_nothing_to_do for each in tries)


def _next_try(
    tries: Sequence[Try], length: WindowLength, longest: WindowLength | None = None
) -> datetime:
    wait = wait_after(len(tries), length)
    if longest is not None:
        wait = min(wait, timedelta(minutes=longest.minutes))
    return max(each.ended for each in tries) + wait


def _told(tries: Sequence[Try], why: str) -> str:
    """Why it is tried again."""
    failed = sum(not each.succeeded for each in tries)
    if not failed:
        return f"{why}, though {'a run' if len(tries) == 1 else f'{len(tries)} runs'} made it"
    return f"{failed} {'try' if failed == 1 else 'tries'} failed"


def _spread(asset: AssetFacts, share: float) -> timedelta:
    """So that what it is made from isn't begun some seconds before, by a run of its own."""
    return spread(asset.inputs_every or asset.length, share)


def _next_begin(length: WindowLength, now: datetime, share: float) -> datetime:
    return length.end(length.floor(now)) + spread(length, share)


def _in_next_window(asset: AssetFacts, share: float, why: str = "") -> Due:
    if asset.length == NO_WINDOW:
        return Due(asset.folder, asset.start, asset.length, None, why or "it is current")
    when = asset.end + _spread(asset, share)
    told = "; ".join(filter(None, [why, "its next window begins"]))
    return Due(asset.folder, asset.end, asset.length, when, told)
