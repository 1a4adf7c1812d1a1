"""A word cloud of Hacker News' headlines, kept up to date by Luigi."""

from hn_luigi.tasks import (
    Digest,
    Stories,
    StoriesOfDay,
    StoryIds,
    Trends,
    Wordcloud,
    WordHistory,
    WordHistoryPage,
)

__all__ = [
    "Digest",
    "Stories",
    "StoriesOfDay",
    "StoryIds",
    "Trends",
    "WordHistory",
    "WordHistoryPage",
    "Wordcloud",
]
