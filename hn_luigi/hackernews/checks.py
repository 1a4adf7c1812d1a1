"""What ids and stories have to be, and what of them is odd enough to tell people.

Each takes what a step makes and returns None, or what is wrong with it. A list that was read in a
moment of trouble is refused rather than kept for ever as what Hacker News said then.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from hn_luigi.strangers import shows_nothing

if TYPE_CHECKING:
    import pandas as pd

_LONGEST_LIST = 500  # HackerNews/API README
_SAMPLE = 64
"""Of so many stories the record remembers which they are, in 0.9 kB.

If half of 500 differ, so do 37 % to 63 % of 64, in 19 cases of 20.
"""
_FEW = 20
"""Of fewer stories, as of ``show`` or with a small limit, half may well change in ten minutes."""
_SOON = timedelta(hours=1)
"""After longer, as after a night off or with windows of a day, half of them may rightly differ."""


def ids_are_positive(ids: Sequence[object]) -> str | None:
    """Ids are whole numbers from 1 up."""
    wrong = [each for each in ids if type(each) is not int or each < 1]
    return f"{len(wrong)} of {len(ids)} are no ids, such as {wrong[0]!r}" if wrong else None


def ranks_ascend(stories: pd.DataFrame) -> str | None:
    """Ranks are places in a list, each further down than the one before.

    There may be gaps: an item that was skipped keeps its rank.
    """
    ranks = stories["rank"]
    outside = ranks[(ranks < 1) | (ranks > _LONGEST_LIST)]
    if len(outside):
        return f"the rank {outside.iloc[0]} is none from 1 to {_LONGEST_LIST}"
    wrong = ranks[ranks.diff() <= 0]
    return f"the rank {wrong.iloc[0]} is not below the one before" if len(wrong) else None


def titles_show(stories: pd.DataFrame) -> str | None:
    """Every story has a title that shows something."""
    titles = stories["title"]
    empty = int(titles.isna().sum()) + sum(map(shows_nothing, titles.dropna()))
    return f"{empty} of {len(titles)} titles are empty" if empty else None


def scores_are_known(stories: pd.DataFrame) -> str | None:
    """Not every score is missing."""
    scores = stories["score"]
    return f"none of {len(scores)} has a score" if len(scores) and scores.isna().all() else None


def half_is_known(stories: pd.DataFrame, last: Mapping[str, Any]) -> str | None:
    """At least half of the stories were there within the hour before, too.

    Nothing is said of a few stories, or after a pause.

    Args:
        stories: of one window.
        last: what ``sample`` says of those of an earlier one.
    """
    now = sample(stories)
    if "sample" not in last or not timedelta(0) < _start(now) - _start(last) <= _SOON:
        return None
    known = set(last["sample"])
    # Each sample holds the smallest digests. Up to where both are whole, each story of now is known
    # to have been there or not.
    cut = min((max(each) for each in (known, now["sample"]) if len(each) == _SAMPLE), default=None)
    asked = [each for each in now["sample"] if cut is None or each <= cut]
    share = sum(each not in known for each in asked) / max(len(asked), 1)
    if len(asked) < _FEW or share <= 0.5:
        return None
    return f"about {share:.0%} of the stories weren't there at {_start(last):%Y-%m-%d %H:%M} UTC"


def sample(stories: pd.DataFrame) -> dict[str, Any]:
    """By what a later window tells how many of its ``stories`` it has in common with this one.

    The smallest of the digests of ids, so that of two windows the same stories are taken.
    """
    digests = sorted(map(_digest, stories["id"]))
    return {"sample": digests[:_SAMPLE], "sample_of": stories["as_of"].iloc[0].isoformat()}


def _digest(item: int) -> int:
    return int.from_bytes(hashlib.sha256(str(item).encode()).digest()[:4])


def _start(found: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(found["sample_of"])
