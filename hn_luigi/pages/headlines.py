"""Stories as headlines, and links to what a view has of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

from hn_luigi.cloud import Headline, escape
from hn_luigi.hackernews import discussion

if TYPE_CHECKING:
    import pandas as pd


def headlines_of(stories: pd.DataFrame, places: Sequence[str] | None = None) -> list[Headline]:
    """Rows of stories as headlines, with what is to be said of their places."""
    # As objects, or pandas would put NaN back in the place of None in a column of numbers.
    rows = stories.astype(object).where(stories.notna(), None).to_dict("records")
    return [
        Headline(
            title=row["title"],
            url=row["url"],
            discussion=discussion(row["id"]),
            score=row["score"],
            comments=row["descendants"],
            place=place,
        )
        for row, place in zip(rows, places or [""] * len(rows), strict=True)
    ]


def link_to(detail: str, text: str = "") -> str:
    """A link to the detail of a view that has this name, which is shown if no text is given."""
    return f"[{escape(text or detail)}](#{quote(detail, safe='')})"
