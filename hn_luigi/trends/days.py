"""A day of a ranked list in one table: a row for each story and each time it was seen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

# Names and types of the archive of Hacker News that open-index publishes (huggingface.co/datasets/
# open-index/hacker-news, of 2026), so that both join; the last three are ours. Those with a capital
# letter are pandas' own, which hold nulls, where float64 would stand in Parquet otherwise.
SCHEMA: dict[str, str] = {
    "id": "uint32",
    "type": "Int8",  # 1 story, 2 comment, 3 poll, 4 pollopt, 5 job; null for what it doesn't know
    "by": "string",
    "time": "datetime64[us, UTC]",  # when it was submitted
    "url": "string",  # null where there is none
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

    A story that a window has twice is there once, at its better rank. A count that doesn't fit is
    unknown.

    Args:
        windows: of ranked stories, each with its ``as_of``.
        feed: which list they are from.

    Raises:
        ValueError: an id or a rank doesn't fit.
    """
    import pandas as pd

    frames = [*windows] or [pd.DataFrame(columns=[*SCHEMA])]
    frame = pd.concat(frames, ignore_index=True).assign(feed=feed)
    frame["type"] = frame["type"].map(TYPES)
    frame["url"] = frame["url"].mask(frame["url"] == "")
    for name, dtype in SCHEMA.items():
        if "int" in dtype.lower():
            frame[name] = _fitting(frame[name], dtype)
    frame = frame[[*SCHEMA]].astype(SCHEMA).sort_values(["id", "as_of", "rank"])
    return frame.drop_duplicates(["id", "as_of"], ignore_index=True)


def latest_of_each(day: pd.DataFrame) -> pd.DataFrame:
    """Each story of ``day``, which is sorted by story and time, once: as it was last seen."""
    return day.drop_duplicates("id", keep="last", ignore_index=True)


def _fitting(numbers: pd.Series[int], dtype: str) -> pd.Series[int]:
    """``numbers`` that fit into ``dtype``, others as null; raises ValueError where it has none.

    ``astype`` wraps them round (pandas 3.1): of 2**32 + 7 it makes the id of another story.
    """
    import numpy as np

    limits = np.iinfo(dtype.lower())
    misfits = ((numbers < limits.min) | (numbers > limits.max)).fillna(False).astype(bool)
    if not misfits.any():
        return numbers
    if dtype[0].islower():
        is_what = f"the {numbers.name} {numbers[misfits].iloc[0]}"
        raise ValueError(f"{is_what} doesn't fit into {dtype}: the window that has it is damaged")
    return numbers.mask(misfits)
