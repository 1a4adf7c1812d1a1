"""How the stories of a day stood: which of them highest for longest, and each in its course."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from hn_luigi.trends.days import latest_of_each

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Standing:
    """A story over a day; what may change in it is as it was last seen."""

    id: int
    title: str
    url: str | None
    by: str | None
    time: datetime | None
    """When it was submitted."""
    score: int | None
    comments: int | None
    best: int
    """The best rank that it had."""
    first: datetime
    """When it was first seen that day."""
    last: datetime


def standings(day: pd.DataFrame) -> list[Standing]:
    """Each story of ``day``, those first that stood highest for longest.

    Each time that one is seen counts as one over its rank there: an hour as the first for ten as
    the tenth. Of equal ones the older is first.
    """
    # By Zipf's law of attention, and without a constant: a front page of 30 is Hacker News' own.
    weights = (1 / day["rank"]).groupby(day["id"]).sum()
    seen = day.groupby("id").agg(best=("rank", "min"), first=("as_of", "min"))
    stories = latest_of_each(day).set_index("id").join(seen)
    order = weights.sort_values(ascending=False, kind="stable").index
    rows = stories.loc[order].reset_index().astype(object)
    return [
        Standing(
            id=int(row["id"]),
            title=row["title"],
            url=row["url"],
            by=row["by"],
            time=row["time"],
            score=row["score"],
            comments=row["descendants"],
            best=int(row["best"]),
            first=row["first"],
            last=row["as_of"],
        )
        for row in rows.where(rows.notna(), None).to_dict("records")
    ]


def course_of(day: pd.DataFrame, story: int) -> pd.DataFrame:
    """The ``rank``, ``score`` and ``descendants`` of a story over the times of ``day``.

    They are null where the list was read without it, or wasn't read.
    """
    import pandas as pd

    times = pd.DatetimeIndex(day["as_of"].unique()).sort_values()
    step = times.to_series().diff().min()
    if not pd.isna(step):
        times = times.union(pd.date_range(times[0], times[-1], freq=step))
    rows = day[day["id"] == story].set_index("as_of")
    return rows[["rank", "score", "descendants"]].reindex(times)


def by_the_hour(course: pd.DataFrame) -> pd.DataFrame:
    """Of each hour of a course the first time that the story was seen, and the last of all."""
    import pandas as pd

    seen = course[course["rank"].notna()]
    times = pd.DatetimeIndex(seen.index)
    return seen[~times.floor("h").duplicated() | (times == times.max())]
