"""A day of a ranked list in one table: a row for each story and each time it was seen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

# Names and types of the archive of Hacker News that open-index publishes, so that both join; the
# last three are ours.
SCHEMA: dict[str, str] = {
    "id": "uint32",
    "type": "int8",  # 1 story, 2 comment, 3 poll, 4 pollopt, 5 job
    "by": "string",
    "time": "datetime64[us, UTC]",  # when it was submitted
    "url": "string",
    "score": "Int32",  # points; null where unknown
    "title": "string",
    "descendants": "Int32",  # comments; null for jobs
    "rank": "int16",  # from 1
    "feed": "string",
    "as_of": "datetime64[us, UTC]",  # the window in which it was seen so
}
TYPES = {"story": 1, "comment": 2, "poll": 3, "pollopt": 4, "job": 5}


def stories_of_day(windows: Iterable[pd.DataFrame], *, feed: str) -> pd.DataFrame:
    """The rows of ``windows`` in one table of ``SCHEMA``, sorted by story and time.

    Args:
        windows: of ranked stories, each with its ``as_of``.
        feed: which list they are from.
    """
    import pandas as pd

    frame = pd.concat(list(windows), ignore_index=True)
    frame["type"] = frame["type"].map(TYPES).fillna(TYPES["story"])
    frame["feed"] = feed
    frame = frame[list(SCHEMA)].astype(SCHEMA)
    return frame.sort_values(["id", "as_of"], ignore_index=True)


def latest_of_each(day: pd.DataFrame) -> pd.DataFrame:
    """Each story of ``day`` once, as it was last seen, in the order of their ids."""
    return day.drop_duplicates("id", keep="last", ignore_index=True)
