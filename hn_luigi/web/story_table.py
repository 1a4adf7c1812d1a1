"""The table of stories: which there are in an output, and in what order they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

from hn_luigi.assets.operations import FormatError, formats
from hn_luigi.hackernews import discussion
from hn_luigi.strangers import one_line, title_of, web_address

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = {"rank": False, "score": True, "descendants": True, "title": False, "by": False}
"""What the table can be sorted by, and whether the largest come first."""

_OPTIONAL = {"score": Real, "descendants": Real}
_KINDS = {"rank": Integral, "id": Integral, "title": str, **_OPTIONAL}
"""What values are. numpy registers its numbers as these, so that Parquet's count as well."""


@dataclass(frozen=True)
class Story:
    """A row of the table."""

    rank: int
    title: str
    url: str | None
    """None where the story's own address isn't a web address."""
    discussion: str
    score: int | None
    comments: int | None
    by: str | None


def frame_of(data: bytes) -> pd.DataFrame:
    """The stories of a window; raises FormatError."""
    frame: pd.DataFrame = formats.decode(".parquet", data, what="top/stories")
    if lacking := {"rank", "id", "title"} - set(frame.columns):
        raise FormatError(
            f"the stories lack the columns {', '.join(sorted(lacking))}: hn_luigi didn't write them"
        )
    # By value, not by the column's type: a Parquet column of objects may hold anything, and lists,
    # bytes or no text for titles had 39 of 1,026 pages that were tried answer 500.
    for column, kind in _KINDS.items():
        values = frame.get(column, ())
        if not all(isinstance(value, kind) or _may_lack(column, value) for value in values):
            raise FormatError(f"the stories have an invalid {column}: hn_luigi didn't write them")
    return frame


def _may_lack(column: str, value: object) -> bool:
    from pandas import NA

    return column in _OPTIONAL and (value is NA or value is None)


def stories_of(frame: pd.DataFrame, rows: Sequence[int] | None = None) -> list[Story]:
    """The stories, or those of ``rows``, in rank order."""
    # As objects, or pandas would put NaN back in the place of None in a column of numbers.
    records: list[Any] = frame.astype(object).where(frame.notna(), None).to_dict("records")
    numbers = range(len(records)) if rows is None else rows
    return [_story(records[number]) for number in numbers]


def _story(row: dict[str, Any]) -> Story:
    return Story(
        rank=row["rank"],
        title=title_of(row.get("title")),
        url=web_address(row.get("url")),
        discussion=discussion(row["id"]),
        score=row.get("score"),
        comments=row.get("descendants"),
        by=one_line(str(row.get("by") or "")) or None,
    )


def sort(stories: list[Story], column: str) -> list[Story]:
    """``stories`` by one of ``COLUMNS``; those without a value last."""
    attribute = "comments" if column == "descendants" else column
    with_value = [s for s in stories if getattr(s, attribute) is not None]
    without = [s for s in stories if getattr(s, attribute) is None]

    def key(story: Story) -> Any:
        value = getattr(story, attribute)
        return value.casefold() if isinstance(value, str) else value

    return sorted(with_value, key=key, reverse=COLUMNS[column]) + without
