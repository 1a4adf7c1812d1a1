"""The stories that stood out of a day: stayed longest, climbed fastest, were talked of most."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hn_luigi.trends.days import latest_of_each

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

_AN_HOUR = 1.0
"""Hours that a climb counts as at least: from one window to the next it would be 2,000 ranks an
hour, and who enters the list when would decide."""


@dataclass(frozen=True)
class Stay:
    """How long a story was among the first ones."""

    story: int
    hours: float
    best: int
    """Its best rank."""


@dataclass(frozen=True)
class Climb:
    """How a story came to its best rank of the day."""

    story: int
    start: int
    best: int
    hours: float

    @property
    def ranks_per_hour(self) -> float:
        """Over an hour at least."""
        return (self.start - self.best) / max(self.hours, _AN_HOUR)


@dataclass(frozen=True)
class Discussion:
    """How much a story was talked about on a day."""

    story: int
    comments: int
    """When it was last seen."""
    new: int
    """Of them, since the day began, or since the story was first seen on it if it is older."""


def best_first(day: pd.DataFrame) -> pd.DataFrame:
    """Each story of ``day`` once, as it was last seen but at its best rank, in that order."""
    best = day.groupby("id")["rank"].min()
    stories = latest_of_each(day.sort_values(["id", "as_of"]))
    return stories.assign(rank=best.to_numpy()).sort_values(["rank", "id"], ignore_index=True)


def stayed_longest(day: pd.DataFrame, *, within: int, most: int) -> list[Stay]:
    """The stories that were seen among the first longest, then those of the best rank.

    What happened while nothing was read isn't known, and counts for nothing.

    Args:
        day: a row a story and window, with the columns of ``days.SCHEMA``.
        within: how many are the first.
        most: how many stories at most.
    """
    windows = day["as_of"].drop_duplicates().sort_values()
    if len(windows) < 2:
        return []
    hours = float(windows.diff().dt.total_seconds().median()) / 3600
    ranks = day[day["rank"] <= within].groupby("id")["rank"].agg(["size", "min"])
    stays = [
        Stay(int(story), int(size) * hours, int(best))
        for story, size, best in zip(ranks.index, ranks["size"], ranks["min"], strict=True)
    ]
    return sorted(stays, key=lambda stay: (-stay.hours, stay.best, stay.story))[:most]


def climbed_fastest(day: pd.DataFrame, *, within: int, most: int) -> list[Climb]:
    """The stories that came among the first by the most ranks an hour.

    Args:
        day: as for ``stayed_longest``.
        within: how many are the first.
        most: how many stories at most.
    """
    climbs = [climb for story in _paths(day) if (climb := _climb(*story)) and climb.best <= within]
    return sorted(climbs, key=lambda each: (-each.ranks_per_hour, each.best, each.story))[:most]


def most_discussed(day: pd.DataFrame, *, most: int) -> list[Discussion]:
    """The stories that got the most comments on this day.

    Args:
        day: as for ``stayed_longest``.
        most: how many stories at most.
    """
    known = day.dropna(subset="descendants").sort_values(["id", "as_of"]).groupby("id")
    first, last = known["descendants"].first(), known["descendants"].last()
    is_older = known["time"].first() < day["as_of"].min().floor("D")
    # All comments on what was submitted on this day are of this day.
    new = last - first.where(is_older, 0)
    found = [
        Discussion(int(story), int(comments), int(gained))
        for story, comments, gained in zip(last.index, last, new, strict=True)
        if gained > 0
    ]
    return sorted(found, key=lambda each: (-each.new, -each.comments, each.story))[:most]


def _paths(day: pd.DataFrame) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.float64]]]:
    """Each story, its ranks, and when it had them in hours."""
    import numpy as np

    day = day.sort_values(["id", "as_of"])
    stories, starts = np.unique(day["id"].to_numpy(), return_index=True)
    ranks = day["rank"].to_numpy().astype(np.int64)
    times = (day["as_of"] - day["as_of"].min()).dt.total_seconds().to_numpy() / 3600
    for story, own_ranks, own_times in zip(
        stories, np.split(ranks, starts[1:]), np.split(times, starts[1:]), strict=True
    ):
        yield int(story), own_ranks, own_times


def _climb(story: int, ranks: NDArray[np.int64], times: NDArray[np.float64]) -> Climb | None:
    """The fastest climb to its best rank, None if it began there."""
    import numpy as np

    top = int(ranks.argmin())
    if top == 0:
        return None
    risen, hours = ranks[:top] - ranks[top], times[top] - times[:top]
    begin = int((risen / np.maximum(hours, _AN_HOUR)).argmax())
    return Climb(story, int(ranks[begin]), int(ranks[top]), float(hours[begin]))
