"""Two steps: what is on the disk now, and a report of it."""

from __future__ import annotations

import shutil
from datetime import timedelta

from hn_luigi.assets import Asset, FreshnessPolicy, requires


class DiskUsage(Asset):
    """How many bytes of the disk are used and free."""

    suffix = ".json"
    capture = True  # it reads what exists only now
    freshness = FreshnessPolicy(maximum_lag=timedelta(hours=1))

    def compute(self) -> dict[str, int]:
        """The bytes, by name."""
        return shutil.disk_usage("/")._asdict()


@requires(DiskUsage)
class DiskReport(Asset):
    """A sentence about that."""

    suffix = ".md"
    keeps_latest = True

    def compute(self, usage: dict[str, int]) -> str:
        """The sentence, as Markdown."""
        return f"**{100 * usage['used'] // usage['total']} %** of the disk is used.\n"
