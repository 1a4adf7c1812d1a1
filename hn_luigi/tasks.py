"""The graph: StoryIds → Stories → Wordcloud."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hn_luigi.assets import Asset, Choice, requires, settings_of
from hn_luigi.cloud import CloudError, Headline, count_words, draw, render
from hn_luigi.hackernews import (
    DECORATIONS,
    FEEDS,
    STOP_WORDS,
    Client,
    HackerNewsError,
    discussion,
    require_stories,
    to_frame,
)
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
        client = Client(hackernews().base_url, hackernews().limits())
        self.link(client.list_url(self.feed))
        return client.story_ids(self.feed)[: hackernews().limit]


@requires(StoryIds)
class Stories(Asset):
    """The stories behind the ids, one row each, in rank order."""

    feed = FEED
    suffix = ".parquet"
    capture = True
    explained = (HackerNewsError,)
    preload = ("pandas", "pyarrow.parquet", "wordcloud", "matplotlib.ft2font")

    def settings(self) -> Mapping[str, Any]:
        return settings_of(hackernews(), "min_share")

    def compute(self, story_ids: list[int]) -> pd.DataFrame:
        client = Client(hackernews().base_url, hackernews().limits())
        self.link(client.list_url(self.feed))
        items = client.items(story_ids, min_share=hackernews().min_share, progress=self.progress)
        frame, skipped = to_frame(items, as_of=self.as_of)
        self.report(rows=len(frame), skipped=dict(skipped))
        return require_stories(frame, skipped)


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
        look = cloud()
        words = count_words(
            stories["title"],
            stop_words={*STOP_WORDS, *look.extra_stop_words()},
            ignore=DECORATIONS,
        )
        picture = draw(
            words,
            width=look.width,
            height=look.height,
            max_words=look.max_words,
            background=look.background,
            colormap=look.colormap,
        )
        self.report(words=len(picture.drawn), words_left_out=len(picture.left_out))
        leading = list(words.items())[:20]
        heading = f"Hacker News: the words of its {self.feed} stories"
        return render(
            heading=f"{look.label} · {heading}" if look.label else heading,
            facts=[
                ("Window", f"{self.as_of:%Y-%m-%d %H:%M} UTC"),
                ("Feed", self.feed),
                ("Stories", f"{len(stories)}"),
            ],
            picture=picture,
            alt="Word cloud of the headlines; largest: " + ", ".join(w for w, _ in leading[:5]),
            words=leading,
            headlines=[Headline(**row) for row in _leading_stories(stories)],
        )


def _leading_stories(stories: pd.DataFrame, count: int = 10) -> list[dict[str, Any]]:
    rows = stories.head(count).astype(object).where(lambda frame: frame.notna(), None)
    return [
        {
            "title": row["title"],
            "url": row["url"],
            "discussion": discussion(row["id"]),
            "score": row["score"],
            "comments": row["descendants"],
        }
        for row in rows.to_dict("records")
    ]
