"""What Hacker News' headlines say besides words, and where they are discussed."""

from __future__ import annotations

import re

_MARKS = ("ask", "audio", "hn", "launch", "pdf", "show", "tell", "video")
_FILLERS = """
    get getting good how's made make makes making may need needs new now one use used uses using
    via want way will without work works year years
"""
STOP_WORDS = frozenset({*_MARKS, *_FILLERS.split()})
"""Hacker News' own marks, and words its titles are full of that say nothing of a story."""

DECORATIONS = re.compile(r"\[(?:pdf|video|audio)\]|\((?:19|20)\d\d\)", re.IGNORECASE)
"""Marks that its moderators add to titles: the medium, and the year of an older text."""


def discussion(item: int) -> str:
    """The address of the comments on an item."""
    return f"https://news.ycombinator.com/item?id={item}"
