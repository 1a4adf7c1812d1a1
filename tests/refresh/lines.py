"""Lines of the watch list by hand: what is known of their assets, upstream first."""

from __future__ import annotations

from datetime import datetime, timedelta

from hn_luigi.assets import FreshnessPolicy
from hn_luigi.assets.operations import WindowLength
from hn_luigi.refresh import AssetFacts, LineFacts

NOON = datetime(2026, 11, 22, 12)
TEN, HOUR, DAY = (WindowLength("minutes", minutes) for minutes in (10, 60, 1440))


def policy(minutes: float, warn_after: float | None = None) -> FreshnessPolicy:
    warning = None if warn_after is None else timedelta(minutes=warn_after)
    return FreshnessPolicy(timedelta(minutes=minutes), warning)


def asset(folder="page", length=TEN, start=None, **known) -> AssetFacts:
    begin = length.floor(NOON) if start is None else start
    return AssetFacts(folder, length, begin, **known)


def line(*assets: AssetFacts, **known) -> LineFacts:
    """Each of ``assets`` is made from all before it."""
    folders = [each.folder for each in assets]
    upstream = [frozenset(folders[: end + 1]) for end in range(len(folders))]
    return LineFacts("a line", assets, upstream, **known)
