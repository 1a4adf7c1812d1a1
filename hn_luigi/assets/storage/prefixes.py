"""What to list an object store by, when only some names are asked about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

_NAMES_IN_A_PAGE = 1000
"""Of a listing by S3 and GCS; Azure has 5,000."""


def prefixes(names: Sequence[str]) -> Iterable[str]:
    """What to list by, so that all of ``names`` are found with the fewest pages of answers.

    A prefix that is a sign shorter may hold ten times as many names, of which ``names`` may be few:
    of one week in a year's windows of 10 minutes, ``2026-`` has 53 pages, each day's one.
    """
    best: tuple[int, set[str]] = (len(names), set(names))
    full = 1
    for length in range(max(map(len, names), default=0) - 1, 0, -1):
        counts = Counter(name[:length] for name in names)
        ends = {min(counts), max(counts)}
        inner = [count for prefix, count in counts.items() if prefix not in ends]
        # What is between the first and the last is asked for whole; of those nobody knows.
        full = max(inner) if inner else max(10 * full, *counts.values())
        pages = len(counts) * -(-full // _NAMES_IN_A_PAGE)
        best = min(best, (pages, set(counts)), key=lambda found: found[0])
    return best[1]


def common_start(names: Sequence[str]) -> str:
    """What all of ``names`` begin with."""
    first, last = min(names), max(names)
    return next((first[:i] for i, sign in enumerate(first) if sign != last[i]), first)
