"""A word cloud of Hacker News' headlines, kept up to date by Luigi."""

from hn_luigi.tasks import Stories, StoryIds, Wordcloud

__all__ = ["Stories", "StoryIds", "Wordcloud"]
