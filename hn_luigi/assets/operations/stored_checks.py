"""Running the checks of an asset on what is stored, without making anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hn_luigi.assets.asset import Asset
from hn_luigi.assets.checks.check import Check, Severity, checks_of
from hn_luigi.assets.errors import InputMissing
from hn_luigi.assets.execution.checking import last_metadata, problems_of
from hn_luigi.assets.execution.inputs import read_asset
from hn_luigi.assets.storage import cached_requests
from hn_luigi.assets.window import WindowName


@dataclass(frozen=True)
class CheckResult:
    """What a check found."""

    check: Check
    problem: str | None
    """What is wrong, None if nothing is."""

    @property
    def refuses(self) -> bool:
        """Whether such an output would not be published."""
        return self.problem is not None and self.check.severity is Severity.ERROR


@dataclass(frozen=True)
class CheckedWindow:
    """What the checks of an asset found in one window."""

    window: WindowName
    results: Sequence[CheckResult]


def check_stored(asset: Asset, name: WindowName | None = None) -> CheckedWindow:
    """Run the checks of ``asset`` on the window called ``name``, or the newest that is stored.

    All of them, and as they are now: what is stored may have been made when there were others.

    Raises:
        InputMissing: it is not stored.
        FormatError: it is damaged.
        PlaceTaken: it is another asset's.
    """
    checks = checks_of(asset.checks)
    with cached_requests():
        name = name or next(asset.dataset.stored_newest_first(), None)
        if name is None:
            where = asset.partition.store.path(asset.folder)
            raise InputMissing(f"{where} has no window: make one first")
        value, _ = read_asset(asset, asset.dataset.partition(name))
        problems = problems_of(checks, value, last_metadata(asset, checks, before=name))
    return CheckedWindow(name, [CheckResult(each, problems.get(each.name)) for each in checks])
