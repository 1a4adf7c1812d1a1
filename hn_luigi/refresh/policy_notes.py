"""What freshness policies can't have, in a line each, and what refresh does instead.

A policy is kept by new data, and that comes with a new window: its own, or one that it is made
from. What asks for newer data than windows bring is told before it is late, not after.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from hn_luigi.assets import FreshnessPolicy
from hn_luigi.assets.operations import NO_WINDOW, WindowLength
from hn_luigi.formatting import age, listed
from hn_luigi.refresh.due import AssetFacts, LineFacts


def policy_notes(line: LineFacts, lines: Iterable[LineFacts] = ()) -> list[str]:
    """What to know of the policies of ``line``, upstream first; empty if all can be kept.

    Args:
        line: of the watch list.
        lines: all that are refreshed: one may make what a run of another leaves out.
    """
    running = [each for each in lines if each.paused_since is None]
    others = [each for each in running if each.root.folder != line.root.folder]
    found: list[str] = []
    for asset, folders in zip(line.assets, line.upstream, strict=True):
        behind = [each for each in line.assets if each.folder in folders]
        if asset.policy is not None:
            found += _of_policy(asset, asset.policy, _slowest(behind))
        if asset is not line.root:
            if any(_makes_each(other, asset) for other in others):
                continue
            is_made_by_root = asset.folder in line.upstream[-1]
            found += _of_gaps(asset, line.root, is_made_by_root=is_made_by_root)
        elif asset.policy is None:
            told = f"It is made {habit(asset)}, and is never late."
            found.append(f"{asset.folder}: it has no freshness policy. {told}")
    on_the_way = [other.root.folder for other in others if line.root.folder in other.upstream[-1]]
    if line.paused_since is not None and on_the_way:
        found.append(
            f"{line.root.folder}: though paused, it is made by runs of {listed(on_the_way)}."
        )
    return found


def _slowest(behind: Sequence[AssetFacts]) -> AssetFacts:
    """Whose windows bring an asset new data last, of it and all that it is made from."""
    # What knows no time has no age, and makes nothing older.
    timed = [asset for asset in reversed(behind) if asset.length != NO_WINDOW]
    return max(timed, key=lambda asset: _renewed_every(asset).minutes)


def _renewed_every(asset: AssetFacts) -> WindowLength:
    return asset.inputs_every or asset.length


def _of_policy(asset: AssetFacts, policy: FreshnessPolicy, slowest: AssetFacts) -> Iterator[str]:
    every = _renewed_every(slowest)
    limit, warning, new = policy.maximum_lag, policy.warn_after, timedelta(minutes=every.minutes)
    made = "It is made once a window, as that begins, and so"
    if slowest.folder != asset.folder:
        windows = f"the window of {every} of {slowest.folder}, which it is made from"
        made = f"That is made once a window, as it begins, and so {asset.folder}"
    elif asset.inputs_every is not None:
        windows = f"the windows of {every} that it is made from"
    else:
        windows = f"its window of {every}"
    if limit < new:
        yield (
            f"{asset.folder}: its limit of {age(limit)} is shorter than {windows}. "
            f"{made} is late from {age(limit)} after that on."
        )
    elif limit == new:
        yield (
            f"{asset.folder}: its limit of {age(limit)} is as long as {windows}. "
            f"{made} is late until that is done."
        )
    elif warning is not None and warning <= new:
        yield (
            f"{asset.folder}: its warning after {age(warning)} comes within {windows}. "
            f"{made} warns at the end of each."
        )


def habit(asset: AssetFacts) -> str:
    """When it is made, in words that go on from ``it is made``."""
    if asset.length == NO_WINDOW:
        return "whenever it is stale"
    if asset.inputs_every is None:
        return f"once in each window of {asset.length}, as that begins"
    within = f"within it whenever its data is {age(asset.pace)} old, " if asset.pace else ""
    return f"as each window of {asset.length} begins, {within}and once more when that is over"


def _makes_each(line: LineFacts, asset: AssetFacts) -> bool:
    """Whether the runs of ``line`` make each window of an asset."""
    is_often = _pause(line.root) <= timedelta(minutes=asset.length.minutes)
    return is_often and asset.folder in line.upstream[-1]


def _pause(root: AssetFacts) -> timedelta:
    """From one run of a line to the next."""
    return root.pace or timedelta(minutes=root.length.minutes)


def _of_gaps(asset: AssetFacts, root: AssetFacts, *, is_made_by_root: bool) -> Iterator[str]:
    """Which windows of what is upstream come and go without a run."""
    policy, length = asset.policy, timedelta(minutes=asset.length.minutes)
    why = "it has no freshness policy"
    if policy is not None:
        why = f"its limit of {age(policy.maximum_lag)} allows it"
    # What a run looks back at is over; of what has to settle then, that makes it.
    if policy is None and not is_made_by_root and asset.inputs_every is None:
        yield f"{asset.folder}: it isn't made, since {why}, and a run of {root.folder} doesn't."
    comes_and_goes = is_made_by_root and root.length != NO_WINDOW and length < _pause(root)
    if comes_and_goes and (policy is None or policy.maximum_lag >= 2 * length):
        yield (
            f"{asset.folder}: windows of {asset.length} that begin and end between two runs of "
            f"{root.folder} aren't made, since {why}."
        )
