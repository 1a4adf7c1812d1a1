"""By what a store in a bucket is listed, so that few pages of answers tell of many names."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest

from hn_luigi.assets.storage.prefixes import prefixes


def names(start, minutes, count):
    first = datetime.fromisoformat(start)
    starts = (first + timedelta(minutes=minutes * n) for n in range(count))
    return [f"{start:%Y-%m-%dT%H%MZ}.json" for start in starts]


YEARS = names("2025-01-01", 10, 2 * 52_560)


@pytest.mark.parametrize(
    ("asked", "pages"),
    [
        (names("2026-11-22", 10, 1), 1),
        (names("2026-11-22", 10, 144), 1),  # a day
        (names("2026-11-23", 10, 1008), 7),  # a week, by its days
        (names("2026-11-28", 10, 1008), 7),  # another, over the end of a month
        (names("2026-12-28", 10, 1008), 7),  # over the end of a year
        (names("2026-11-01", 10, 4320), 7),  # a month, by tens of days
        (names("2026-11-21T18:00", 10, 144), 2),  # a day back from the evening
        (names("2026-11-22", 60, 24), 1),
    ],
)
def test_the_windows_of_a_time_are_found_by_few_pages_in_two_years(asked, pages):
    found = list(prefixes(asked))
    assert all(any(name.startswith(prefix) for prefix in found) for name in asked)
    listed = Counter(prefix for name in YEARS for prefix in found if name.startswith(prefix))
    assert sum(-(-listed[prefix] // 1000) for prefix in found) <= pages


def test_nothing_is_listed_for_no_names():
    assert list(prefixes([])) == []
