"""What was tried and survived, as a table at the end of a run of the tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import pytest

HEADINGS = ("what was tried", "how often", "how it ended", "survived")
TRIED = "tried"
"""The name of a test's property that holds what was done to a run, and how that ended."""


def add_table(reporter: pytest.TerminalReporter) -> None:
    """Print it, if anything was tried."""
    passed, failed = (list(_calls(reporter, outcome)) for outcome in ("passed", "failed"))
    if not passed + failed:
        return
    reporter.section("faults")
    for line in table(passed, failed):
        reporter.write_line(line)
    for (test, reason), often in _skipped(reporter).items():
        reporter.write_line(f"not tried: {test} ({often}): {reason}")


def table(passed: Iterable[tuple[str, str]], failed: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Its lines; each try is what was done, and how that ended."""
    passed, failed = list(passed), list(failed)
    rows = [HEADINGS]
    for what in sorted({what for what, _ in passed + failed}):
        survived = sum(tried == what for tried, _ in passed)
        ends = Counter(end for tried, end in passed + failed if tried == what)
        often = ends.total()
        ended = ", ".join(f"{end} ({n})" if n > 1 else end for end, n in sorted(ends.items()))
        staleness = "all" if survived == often else f"{survived} of {often}"
        rows.append((what, str(often), ended, staleness))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _skipped(reporter: pytest.TerminalReporter) -> Counter[tuple[str, str]]:
    return Counter(
        (report.nodeid.rpartition("::")[2].partition("[")[0], report.longrepr[2])
        for report in reporter.stats.get("skipped", [])
        if "tests/faults/" in report.nodeid
    )


def _calls(reporter: pytest.TerminalReporter, outcome: str) -> Iterator[tuple[str, str]]:
    for report in reporter.stats.get(outcome, []):
        if getattr(report, "when", None) == "call":
            for name, value in report.user_properties:
                if name == TRIED:
                    yield tuple(value)
