"""A run with nothing to do, beside Luigi's own."""

from __future__ import annotations

from pathlib import Path
from statistics import median

from processes import LUIGI_FLAGS, UNREACHABLE, luigi, output_of, run
from row import Row

EMPTY_TASK = (
    "import luigi\n\n\nclass Empty(luigi.Task):\n    def complete(self):\n        return True\n"
)
ALL_SIX = """
import luigi
from hn_luigi import Digest, Wordcloud
from hn_luigi.assets.parameters.window_parameter import LATEST


class AllSix(luigi.WrapperTask):
    def requires(self):
        return [Wordcloud(as_of=LATEST), Digest(as_of=LATEST)]
"""
COMPLETE = """
import time
from hn_luigi import Wordcloud
from hn_luigi.assets.parameters.window_parameter import LATEST
page = Wordcloud(as_of=LATEST)
began = time.process_time()
assert page.complete()
print(time.process_time() - began)
"""


def no_op(folder: Path) -> list[Row]:
    """Run with nothing to do beside a Luigi run of one task that is complete.

    Both are all computing, so that the CPU's time tells them apart better than the clock, which
    a busy machine blurs; and they take turns, since its speed drifts.
    """
    empty_task = ["-m", "luigi", "--module", "empty", "Empty", *LUIGI_FLAGS]
    nothing_to_do = luigi(UNREACHABLE, "--as-of", "latest")
    (folder / "all_six.py").write_text(ALL_SIX)
    of_six = ["-m", "luigi", "--module", "all_six", "AllSix", *LUIGI_FLAGS]
    run(of_six, folder, "the assets of a day")
    rounds = [
        (
            run(nothing_to_do, folder, "a no-op").cpu_seconds,
            run(empty_task, folder, "an empty task").cpu_seconds,
            run(of_six, folder, "a no-op over six assets").cpu_seconds,
            float(output_of(["-c", COMPLETE], folder)),
        )
        for _ in range(15)
    ]
    ours, empty, six, complete = map(median, zip(*rounds, strict=True))
    return [
        Row(
            "no-op, times an empty Luigi task",
            f"{ours:.3f} s of CPU, empty {empty:.3f} s",
            median(own / other for own, other, *_ in rounds),
            1.2,
        ),
        Row(
            "no-op over all six assets, times over three",
            f"{six:.3f} s of CPU, three {ours:.3f} s",
            median(all_six / own for own, _, all_six, _ in rounds),
            1.5,
        ),
        Row(
            "complete() of the chain, share of a no-op",
            f"{1000 * complete:.1f} ms of CPU for 3 assets",
            complete / ours,
            0.05,
        ),
    ]
