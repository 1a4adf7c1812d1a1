"""What Hacker News' headlines say besides words, and where they are discussed."""

from __future__ import annotations

import re
from dataclasses import dataclass

STOP_WORDS = frozenset({"hn"})
"""What Hacker News calls itself."""


_MARKS = re.compile(
    r"""
    \b (?: show | ask | tell | launch | apply | thank ) \s+ HN \b
    | \[ (?: pdf | video | audio ) \]
    | \( (?:19|20)\d\d \)
    | \( YC \s [A-Z]\d\d \) (?: \s+ is \s+ hiring\b )?
    """,
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True)
class Decorations:
    """Marks that are no part of what a title says.

    What kind of post it is, and of jobs which batch of Y Combinator's a company was in, are told by
    who submits it; the medium, and the year of an older text, by the moderators. Elsewhere the same
    words are words: SpaceX has a launch, a TV a show.
    """

    def sub(self, by: str, title: str, /) -> str:
        """``title`` with ``by`` for each mark, as a pattern's method has it."""
        # Most titles have no mark, which the pattern takes 2.8 µs to find out, and a look for what
        # all marks have 0.3 (Python 3.11).
        if "(" in title or "[" in title or "hn" in title.lower():
            return _MARKS.sub(by, title)
        return title


DECORATIONS = Decorations()


def discussion(item: int) -> str:
    """The address of the comments on an item."""
    return f"https://news.ycombinator.com/item?id={item}"
