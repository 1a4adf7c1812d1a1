"""The share of each day's headlines that hold a word, and how much it rose or fell."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from hn_luigi.cloud import vocabulary_of

if TYPE_CHECKING:
    import pandas as pd


def trends_of(
    today: pd.DataFrame, before: Mapping[datetime, pd.DataFrame], **passed_over: Any
) -> pd.DataFrame:
    """The words of ``today`` and of the days ``before``, by day."""
    import pandas as pd

    days = [*before.values(), today]
    vocabulary = vocabulary_of(
        [title for day in days for title in day.drop_duplicates("id")["title"]],
        **passed_over,
    )
    rows = [
        {"word": word, "day": day["as_of"].min().normalize(), "headlines": len(numbers)}
        for day in days
        for word, numbers in vocabulary.find(list(day.drop_duplicates("id")["title"])).items()
    ]
    return pd.DataFrame(rows)
