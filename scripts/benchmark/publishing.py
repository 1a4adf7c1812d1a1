"""A published site of 30 days: what it costs to find that nothing has changed."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path

from processes import LUIGI_FLAGS, fastest, run
from row import Row

DAYS = 30
PUBLISH = ["-m", "hn_luigi.cli", "publish", "--to", "site"]


def publishing(folder: Path, base_url: str) -> list[Row]:
    """Publish 30 days of the watched assets, and once more."""
    here = folder / "publishing"
    shutil.copytree(folder / "data", here / "data")
    watched = ["-m", "luigi", "--module", "hn_luigi.watchlist", "Watched", *LUIGI_FLAGS]
    run([*watched, "--hackernews-base-url", base_url], here, "a day")
    store_days(here)
    first = run(PUBLISH, here, f"{DAYS} days, published")
    again = fastest(lambda: run(PUBLISH, here, f"{DAYS} days, unchanged"))
    size = sum(path.stat().st_size for path in here.glob("site/**/*.*")) / 1e6
    return [
        Row(
            f"publishing {DAYS} days again, share of at first",
            f"{again.cpu_seconds:.2f} s of CPU, at first {first.cpu_seconds:.2f} s, {size:.0f} MB",
            again.cpu_seconds / first.cpu_seconds,
            0.2,
        )
    ]


def store_days(folder: Path) -> None:
    """Store what is stored of today under the names of the days before it, too."""
    name = max(path.stem for path in folder.glob("data/_records/**/*T0000Z.json"))
    today = datetime.strptime(name, "%Y-%m-%dT%H%MZ")
    for path in [*folder.glob(f"data/**/{name}.*")]:
        for days in range(1, DAYS):
            day = f"{today - timedelta(days=days):%Y-%m-%dT%H%MZ}"
            copied = path.with_name(path.name.replace(name, day))
            if "_records" in path.parts:
                copied.write_text(path.read_text().replace(name, day))
            else:
                shutil.copy2(path, copied)
