"""What was tried and survived, as a table at the end of a run of the tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import pytest

HEADINGS = ("what was tried", "how often", "how it ended", "survived")
TRIED = "tried"
"""The name of a test's property that holds what was done to a run, and how that ended."""
SEEN = "seen"
"""The name of one that holds a figure of a soak: what it is called, and what it was."""


def add_table(reporter: pytest.TerminalReporter) -> None:
    """Print it, if anything was tried, and the figures of a soak."""
    outcomes = ("passed", "failed")
    rows = [row for outcome in outcomes for row in _noted(reporter, outcome, SEEN)]
    if rows:
        reporter.section("soak")
    for line in aligned(rows):
        reporter.write_line(line)
    passed, failed = (list(_noted(reporter, outcome, TRIED)) for outcome in outcomes)
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
    yield from aligned(rows)


def aligned(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """A line for each row, whose cells are below each other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _skipped(reporter: pytest.TerminalReporter) -> Counter[tuple[str, str]]:
    return Counter(
        (report.nodeid.rpartition("::")[2].partition("[")[0], report.longrepr[2])
        for report in reporter.stats.get("skipped", [])
        if "tests/faults/" in report.nodeid
    )


def _noted(reporter: pytest.TerminalReporter, outcome: str, name: str) -> Iterator[tuple[str, str]]:
    for report in reporter.stats.get(outcome, []):
        if getattr(report, "when", None) == "call":
            yield from (tuple(value) for noted, value in report.user_properties if noted == name)
