"""The graph: StoryIds → Stories → Wordcloud."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hn_luigi.assets import Asset, Choice, requires, settings_of
from hn_luigi.cloud import CloudError
from hn_luigi.hackernews import FEEDS, Client, HackerNewsError, require_stories, to_frame
from hn_luigi.settings import cloud, hackernews

if TYPE_CHECKING:
    import pandas as pd

FEED = Choice(
    "top",
    choices=FEEDS,
    positional=False,
    description=f"Hacker News' list to read: {', '.join(FEEDS)}.",
)


class StoryIds(Asset):
    """Ids of the stories a feed lists now, in rank order."""

    feed = FEED
    suffix = ".json"
    capture = True
    explained = (HackerNewsError,)
    preload = ("pandas", "pyarrow.parquet")

    def settings(self) -> Mapping[str, Any]:
        return settings_of(hackernews(), "limit")

    def compute(self) -> list[int]:
        client = _client()
        self.link(client.list_url(self.feed))
        return client.story_ids(self.feed)[: hackernews().limit]


@requires(StoryIds)
class Stories(Asset):
    """The stories behind the ids, one row each, in rank order; columns as in ``SCHEMA``."""

    feed = FEED
    suffix = ".parquet"
    capture = True
    explained = (HackerNewsError,)
    preload = ("pandas", "pyarrow.parquet", "wordcloud", "matplotlib.ft2font")

    def settings(self) -> Mapping[str, Any]:
        return settings_of(hackernews(), "min_share")

    def compute(self, story_ids: list[int]) -> pd.DataFrame:
        client = _client()
        self.link(client.list_url(self.feed))
        items = client.items(story_ids, min_share=hackernews().min_share, progress=self.progress)
        stories, skipped = to_frame(items, as_of=self.as_of)
        self.report(rows=len(stories), skipped=dict(skipped))
        return require_stories(stories, skipped)


@requires(Stories)
class Wordcloud(Asset):
    """A Markdown page with the word cloud of the headlines, and the leading words and stories."""

    feed = FEED
    suffix = ".md"
    keeps_latest = True
    explained = (CloudError,)

    def settings(self) -> Mapping[str, Any]:
        return settings_of(cloud())

    def compute(self, stories: pd.DataFrame) -> str:
        from hn_luigi.page import page_of

        page, picture = page_of(stories, feed=self.feed, as_of=self.as_of, look=cloud())
        self.report(words=len(picture.drawn), words_left_out=len(picture.left_out))
        return page


def _client() -> Client:
    return Client(hackernews().base_url, hackernews().limits())
