"""What the Hacker News room raises.

HackerNewsError
├── Unavailable     the API can't be reached, or keeps answering with something else
├── TooManyLost     so many items can't be had that publishing the rest would mislead
├── TooSlow         the deadline passed
└── NoStories       the feed holds nothing to show
"""

from __future__ import annotations


class HackerNewsError(Exception):
    """Base of the room's errors; each message names the thing, the cause and the remedy."""

    final = False
    """Whether trying again in a while is no use."""


class Unavailable(HackerNewsError):
    """The API can't be reached, or keeps answering with something that is not data."""

    def __init__(self, message: str, *, final: bool = False) -> None:
        super().__init__(message)
        self.final = final


class TooManyLost(HackerNewsError):
    """Fewer items than the wanted share can be had."""


class TooSlow(HackerNewsError):
    """The fetch didn't end before its deadline."""

    final = True


class NoStories(HackerNewsError):
    """Not one story is left to show."""

    final = True
