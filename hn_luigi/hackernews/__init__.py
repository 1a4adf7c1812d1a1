"""Hacker News: a client of its API, and what a story is. Knows nothing of Luigi."""

from hn_luigi.hackernews.client import BASE_URL, Client
from hn_luigi.hackernews.errors import (
    HackerNewsError,
    NoStories,
    TooManyLost,
    TooSlow,
    Unavailable,
)
from hn_luigi.hackernews.headlines import DECORATIONS, STOP_WORDS, discussion
from hn_luigi.hackernews.limits import Limits
from hn_luigi.hackernews.stories import (
    FEEDS,
    SCHEMA,
    Lost,
    headline_of,
    require_stories,
    to_frame,
)

__all__ = [
    "BASE_URL",
    "DECORATIONS",
    "FEEDS",
    "SCHEMA",
    "STOP_WORDS",
    "Client",
    "HackerNewsError",
    "Limits",
    "Lost",
    "NoStories",
    "TooManyLost",
    "TooSlow",
    "Unavailable",
    "discussion",
    "headline_of",
    "require_stories",
    "to_frame",
]
