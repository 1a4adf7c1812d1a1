"""What is to be made next, when, and why: a pure function of facts and a clock.

It is asked anew before anything is started, so that nothing has to be undone when a machine slept,
its clock was set, or somebody else has made it: the present window is made at once, and windows
that are over aren't tried.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from hn_luigi.assets import FreshnessPolicy
from hn_luigi.assets.operations import NO_WINDOW, WindowLength

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
    """At this window, since it was last made, by whomever; of what it is made from as well."""
    is_being_made: bool = False
    """Whether a run is making it, or what it is made from."""
    inputs_every: WindowLength | None = None
    """The shortest windows that it is made from, where they are shorter than its own."""

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

    def at(self, now: datetime) -> AssetFacts:
        """What will be known at ``now``, if nothing is made until then."""
        start = self.length.floor(now)
        if start != self.start:
            fresh = replace(self, start=start, need=Need.MISSING, tries=(), is_being_made=False)
            return replace(fresh, reason="", unmakable="")
        every = self.inputs_every
        if every and self.need is Need.NOTHING and self.data_time is not None:
            is_renewed = every.floor(self.data_time) != every.floor(now)
            return replace(self, need=Need.INPUTS) if is_renewed else self
        return self

    def made(self, now: datetime) -> AssetFacts:
        """What will be known once a run has made it at ``now``."""
        made = replace(self.at(now), need=Need.NOTHING, tries=(), is_being_made=False)
        return replace(made, data_time=None if self.length == NO_WINDOW else now)


@dataclass(frozen=True)
class LineFacts:
    """What is known of a line of the watch list."""

    line: str
    """As anybody may see it."""
    assets: Sequence[AssetFacts]
    """Of the present windows, upstream first; the last is what the line names."""
    upstream: Sequence[frozenset[str]] = ()
    """For each of them the folders of what it is made from, its own included."""
    settling: AssetFacts | None = None
    """The window of what the line names that has just ended, whose last inputs may be new."""
    paused_since: datetime | None = None

    @property
    def root(self) -> AssetFacts:
        """What the line names."""
        return self.assets[-1]

    def at(self, now: datetime) -> LineFacts:
        """What will be known at ``now``, if nothing is made until then."""
        root, settling = self.root, None
        before = root.length.shift(root.length.floor(now), -1)
        if root.inputs_every and root.start <= before and root.length.is_open(before, now):
            settling = replace(root, start=before, need=Need.INPUTS, tries=())
        return replace(self, assets=[asset.at(now) for asset in self.assets], settling=settling)

    def made(self, due: Due, now: datetime) -> LineFacts:
        """What will be known once a run has done at ``now`` what was due."""
        if due.is_settling:
            return replace(self, settling=None)
        behind = next(
            folders
            for asset, folders in zip(self.assets, self.upstream, strict=True)
            if asset.folder == due.folder
        )
        made = [a.made(now) if a.folder in behind else a for a in self.assets]
        return replace(self, assets=made)


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


def due(line: LineFacts, now: datetime, share: float) -> Due:
    """What is to be made next of ``line``.

    What is upstream of it is made by itself only where its own freshness policy would be broken
    before the line's next run.

    Args:
        line: what is known of it at ``now``.
        now: UTC time.
        share: which part of the largest spread this installation takes, from 0 to 1.
    """
    root = _due(line.root, now, share)
    if line.paused_since is not None:
        return replace(root, when=None, why="paused")
    found = [root]
    if line.settling and line.settling.need is not Need.NOTHING:
        found.append(_settled(line.settling, now, share))
    for asset in line.assets[:-1]:
        if asset.policy and _is_late_before(asset, asset.policy, root.when):
            found.append(_due(asset, now, share))
    return min(found, key=lambda each: each.when or datetime.max)


def upcoming(line: LineFacts, now: datetime, until: datetime, share: float) -> list[Due]:
    """What is to be made of ``line`` from ``now`` on ``until`` then, if all goes well."""
    found: list[Due] = []
    while (when := due(line, now, share).when) is not None and when <= until:
        now = max(now, when)
        line = line.at(now)
        by_then = due(line, now, share)
        if by_then.is_now(now):
            found.append(by_then)
            line = line.made(by_then, now)
    return found


def spread(length: WindowLength, share: float) -> timedelta:
    """How long after the begin of windows of that length an installation makes them."""
    return min(_LARGEST_SPREAD, timedelta(minutes=length.minutes) / 20) * share


def wait_after(tries: int, length: WindowLength) -> timedelta:
    """How long to wait after so many failed tries, at least one, within a window of that length."""
    first = min(_FIRST_WAIT, timedelta(minutes=length.minutes) / 10)
    doubled: timedelta = first * 2 ** min(tries - 1, 20)
    return min(doubled, _LONGEST_WAIT)


def _due(asset: AssetFacts, now: datetime, share: float) -> Due:
    """What is to be made next of an asset by itself."""
    at_begin = asset.start + spread(asset.length, share) if asset.length != NO_WINDOW else now
    of_it = Due(asset.folder, asset.start, asset.length, at_begin, "")
    if asset.unmakable:
        return _next_window(asset, share, asset.unmakable)
    if asset.is_being_made:
        return replace(of_it, when=None, why="another run is making it")
    if asset.need is Need.MISSING:
        return _after_tries(asset, share, replace(of_it, why="its window begins"))
    if asset.need is Need.STALE:
        return _after_tries(asset, share, replace(of_it, why=asset.reason))
    if asset.need is Need.INPUTS and asset.inputs_every is None:
        return _after_tries(asset, share, replace(of_it, why="what it is made from has changed"))
    renewed = _renewed(asset, now, share)
    if renewed is None:
        return _next_window(asset, share, "its next window begins")
    why = "its policy needs newer data" if asset.pace else "what it is made from has changed"
    return _after_tries(asset, share, replace(of_it, when=renewed, why=why))


def _renewed(asset: AssetFacts, now: datetime, share: float) -> datetime | None:
    """When a current window is made again from newer inputs; None for not within it."""
    every = asset.inputs_every
    if every is None or (asset.pace is None and asset.length != NO_WINDOW):
        return None
    earliest = now if asset.need is Need.INPUTS else every.end(every.floor(now))
    when = earliest + (timedelta(0) if asset.need is Need.INPUTS else spread(every, share))
    if asset.pace is not None and asset.data_time is not None:
        when = max(when, asset.data_time + asset.pace)
    return when if when < asset.end else None


def _settled(asset: AssetFacts, now: datetime, share: float) -> Due:
    """When a window that is over is made from its last inputs, once these are."""
    length = asset.inputs_every or asset.length
    when = asset.end + spread(length, share)
    why = "its window is over, and its last inputs are new"
    found = Due(asset.folder, asset.start, asset.length, when, why, is_settling=True)
    if asset.unmakable or asset.is_being_made or asset.tries:
        return replace(found, when=None)
    return found


def _after_tries(asset: AssetFacts, share: float, found: Due) -> Due:
    """``found``, or its next try if some have failed; in the next window if none is left."""
    if any(each.found_nothing_to_do for each in asset.tries):
        why = "a run found nothing to do, so that its code or settings are newer than the server's"
        return _next_window(asset, share, f"{why}; restart that")
    if not asset.tries:
        return found
    last = max(each.ended for each in asset.tries)
    told = f"{len(asset.tries)} {'try' if len(asset.tries) == 1 else 'tries'} failed"
    when = last + wait_after(len(asset.tries), asset.length)
    if when >= asset.end:
        return _next_window(asset, share, f"{told}; its next window begins")
    return replace(found, when=max(when, found.when or when), why=told)


def _next_window(asset: AssetFacts, share: float, why: str) -> Due:
    if asset.length == NO_WINDOW:
        return Due(asset.folder, asset.start, asset.length, None, why)
    when = asset.end + spread(asset.length, share)
    return Due(asset.folder, asset.end, asset.length, when, why)


def _is_late_before(asset: AssetFacts, policy: FreshnessPolicy, when: datetime | None) -> bool:
    """Whether the asset's data will be too old by then."""
    if when is None or asset.data_time is None:
        return True
    return asset.data_time + policy.maximum_lag < when
