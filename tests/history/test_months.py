"""Which months an archive has."""

from __future__ import annotations

from datetime import date

import pytest

from hn_luigi.history.errors import NoMonths
from hn_luigi.history.months import months_in

NOVEMBER = date(2026, 11, 1)


def found(*paths, until=NOVEMBER):
    files = months_in("/archive/data", dict.fromkeys(paths, (7, "stamp")), until=until)
    return [str(file) for file in files]


def test_months_are_told_the_oldest_first_with_where_they_are():
    assert found("2026/2026-11.parquet", "2006/2006-10.parquet") == ["2006-10", "2026-11"]
    (file,) = months_in("s3://b/data", {"2007/2007-02.parquet": (9, "e1")}, until=NOVEMBER)
    assert (file.month, file.path) == (date(2007, 2, 1), "s3://b/data/2007/2007-02.parquet")
    assert (file.size, file.stamp) == (9, "e1")


@pytest.mark.parametrize(
    "path",
    [
        "2026-11.parquet",
        "2025/2026-11.parquet",
        "2026/2026-13.parquet",
        "2026/2026-11.parquet.part",
        "2026/.2026-11.parquet",
        "2026/11/2026-11.parquet",
        "1970/1970-01.parquet",
        "README.md",
    ],
)
def test_whatever_else_is_there_is_passed_over(path):
    assert found(path, "2026/2026-10.parquet") == ["2026-10"]


def test_later_months_than_the_last_one_are_left_out():
    assert found("2026/2026-10.parquet", "2026/2026-11.parquet", until=date(2026, 10, 31)) == [
        "2026-10"
    ]


def test_an_archive_without_a_month_is_refused_with_what_is_expected():
    with pytest.raises(NoMonths) as refused:
        found("2027/2027-01.parquet")
    assert str(refused.value) == (
        "/archive/data holds no month of Hacker News until 2026-11, such as 2026/2026-11.parquet: "
        "set [history] source to the folder or URL that holds data/, laid out as open-index's "
        "archive is"
    )
