"""The archive's layout: a Parquet file for each month, ``data/2026/2026-11.parquet``.

It is that of open-index's archive of all items of Hacker News, which holds every month since
2006-10 but 2006-11, and renews the present one every night
(https://huggingface.co/datasets/open-index/hacker-news).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from hn_luigi.history.errors import NoMonths

FOLDER = "data"
"""Where the months are, below the archive's root."""
_NAME = re.compile(r"(?P<year>\d{4})/(?P=year)-(?P<month>0[1-9]|1[0-2])\.parquet")
_FIRST = date(2006, 1, 1)
"""Hacker News began in 2006; an item without a time is filed under 1970-01."""


@dataclass(frozen=True, order=True)
class MonthFile:
    """One month of the archive, as it was when it was listed."""

    month: date
    """Its first day."""
    path: str
    """Where it is: a local path, or a URL."""
    size: int
    """Bytes."""
    stamp: str
    """Changes whenever the file does: when it was written, or an object's entity tag."""

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


def months_in(folder: str, files: Mapping[str, tuple[int, str]], *, until: date) -> list[MonthFile]:
    """The months among ``files``, the oldest first; whatever else is there is passed over.

    Args:
        folder: path or URL of the archive's ``FOLDER``.
        files: size and stamp of each, by its path from there.
        until: the last month.

    Raises:
        NoMonths: there is none.
    """
    found = (
        MonthFile(date(int(name["year"]), int(name["month"]), 1), f"{folder}/{path}", *told)
        for path, told in files.items()
        if (name := _NAME.fullmatch(path))
    )
    months = sorted(file for file in found if _FIRST <= file.month <= until)
    if not months:
        raise NoMonths(
            f"{folder} holds no month of Hacker News until {until:%Y-%m}, such as "
            f"{until:%Y/%Y-%m}.parquet: set [history] source to the folder or URL that holds "
            f"{FOLDER}/, laid out as open-index's archive is"
        )
    return months
