"""A no-op over large files of a plain task, as a month's each of an archive: none is read."""

from __future__ import annotations

from pathlib import Path
from statistics import median

from processes import LUIGI_FLAGS, run
from row import Row

FILES = 230
BYTES = 10_000_000
ARCHIVE = """
import luigi
from hn_luigi.assets import Asset


class Months(luigi.ExternalTask):
    count = luigi.IntParameter()

    def output(self):
        return [luigi.LocalTarget(f"months/{number:03}") for number in range(self.count)]


class History(Asset):
    count = luigi.IntParameter()
    suffix = ".json"
    window_length = None

    def requires(self):
        return Months(self.count)

    def compute(self, months):
        return len(months)
"""


def large_inputs(folder: Path) -> list[Row]:
    """Run with nothing to do over 230 files of 10 MB, in turns with one over one of them."""
    here = folder / "large_inputs"
    (here / "months").mkdir(parents=True)
    (here / "archive.py").write_text(ARCHIVE)
    for number in range(FILES):
        with (here / f"months/{number:03}").open("wb") as file:
            file.truncate(BYTES)  # which takes no room on a disk, and is read like any other
    lines = {
        count: ["-m", "luigi", "--module", "archive", "History", "--count", count, *LUIGI_FLAGS]
        for count in (1, FILES)
    }
    for count, line in lines.items():
        run(line, here, f"an asset of {count} large files")
    rounds = [
        [run(line, here, f"a no-op over {count} large files") for count, line in lines.items()]
        for _ in range(9)
    ]
    one, all_of_them = (
        median(cost.cpu_seconds for cost in costs) for costs in zip(*rounds, strict=True)
    )
    return [
        Row(
            f"no-op over {FILES} files of 10 MB, times over one",
            f"{all_of_them:.3f} s of CPU, one {one:.3f} s",
            median(many.cpu_seconds / few.cpu_seconds for few, many in rounds),
            1.2,
        )
    ]
