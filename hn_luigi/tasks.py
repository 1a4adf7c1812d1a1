"""The graph: StoryIds → Stories → Wordcloud, and of each day StoriesOfDay → Trends → Digest.

Apart from it, of an archive of all of Hacker News: WordHistory → WordHistoryPage.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from hn_luigi.archive import archive_of
from hn_luigi.assets import (
    PARQUET_ZSTD,
    Asset,
    Backoff,
    Check,
    Choice,
    FreshnessPolicy,
    Jitter,
    Materialization,
    RetryPolicy,
    Severity,
    View,
    columns,
    requires,
    settings_of,
    unique,
    warn,
)
from hn_luigi.cloud import CloudError
from hn_luigi.hackernews import FEEDS, Client, HackerNewsError, require_stories, to_frame
from hn_luigi.hackernews.checks import (
    half_is_known,
    ids_are_positive,
    ranks_ascend,
    sample,
    scores_are_known,
    titles_show,
)
from hn_luigi.history.errors import HistoryError
from hn_luigi.history.shares import SCHEMA as HISTORY
from hn_luigi.pages.checks import has_ten_words, is_below_a_megabyte, picture_decodes
from hn_luigi.settings import cloud, hackernews, history
from hn_luigi.spark.errors import SparkError
from hn_luigi.trends.shares import DAYS_BEFORE, SCHEMA

if TYPE_CHECKING:
    import pandas as pd

FEED = Choice(
    "top",
    choices=FEEDS,
    positional=False,
    description=f"Hacker News' list to read: {', '.join(FEEDS)}.",
)

CAPTURE_RETRY = RetryPolicy(
    max_retries=2, delay=2, backoff=Backoff.EXPONENTIAL, jitter=Jitter.PLUS_MINUS
)
HALF_AN_HOUR = FreshnessPolicy(maximum_lag=timedelta(minutes=30), warn_after=timedelta(minutes=20))
# So that refresh makes a day anew twice an hour: it is in the words of hours, not of minutes.
AN_HOUR = FreshnessPolicy(maximum_lag=timedelta(hours=1), warn_after=timedelta(minutes=30))
A_DAY = timedelta(days=1)
LIBRARIES = ("pandas", "pyarrow", "wordcloud", "matplotlib")
_NOTHING: Mapping[datetime, Any] = {}


class StoryIds(Asset):
    """Ids of the stories a feed lists now, in rank order."""

    feed = FEED
    suffix = ".json"
    capture = True
    retry = CAPTURE_RETRY
    freshness = HALF_AN_HOUR
    checks = (ids_are_positive, unique())
    code = ("hn_luigi.hackernews.client",)
    libraries = LIBRARIES
    expected_errors = (HackerNewsError,)
    preload = ("pandas", "pyarrow.parquet")

    def settings(self) -> Mapping[str, Any]:
        return settings_of(self.settings_from(hackernews), "limit")

    def compute(self) -> list[int]:
        settings = self.settings_from(hackernews)
        client = _client(settings)
        self.link(client.list_url(self.feed))
        self.report(base_url=client.base_url)
        story_ids = client.story_ids(self.feed)[: settings.limit]
        self.report(rows=len(story_ids))
        return story_ids


@requires(StoryIds)
class Stories(Asset):
    """The stories behind the ids, one row each, in rank order; columns as in ``SCHEMA``."""

    feed = FEED
    suffix = ".parquet"
    capture = True
    retry = CAPTURE_RETRY
    freshness = HALF_AN_HOUR
    checks = (
        unique("id"),
        ranks_ascend,
        titles_show,
        warn(scores_are_known),
        Check(half_is_known, Severity.WARN, reports=sample),
    )
    code = ("hn_luigi.hackernews.client", "hn_luigi.hackernews.stories", "hn_luigi.strangers")
    libraries = LIBRARIES
    expected_errors = (HackerNewsError,)
    preload = (
        "pandas",
        "pyarrow.parquet",
        "hn_luigi.cloud.mpl",
        "wordcloud",
        "matplotlib.ft2font",
    )

    def settings(self) -> Mapping[str, Any]:
        return settings_of(self.settings_from(hackernews), "min_share")

    def compute(self, story_ids: list[int]) -> pd.DataFrame:
        settings = self.settings_from(hackernews)
        client = _client(settings)
        self.link(client.list_url(self.feed))
        self.report(base_url=client.base_url)
        items = client.items(story_ids, min_share=settings.min_share, progress=self.progress)
        stories, skipped = to_frame(items, as_of=self.as_of)
        self.report(rows=len(stories), skipped=dict(skipped))
        return require_stories(stories, skipped)


class StoriesOfDay(Asset):
    """A day's windows of Stories in one table, a row for each story and window."""

    feed = FEED
    suffix = ".parquet"
    own_format = PARQUET_ZSTD
    window_length = "day"
    checks = (unique("id", "as_of"),)
    libraries = LIBRARIES

    def requires(self) -> Any:
        return self.windows(Stories)

    def compute(self, windows: Mapping[datetime, pd.DataFrame]) -> pd.DataFrame:
        from hn_luigi.trends.days import stories_of_day

        day = stories_of_day(windows.values(), feed=self.feed)
        self.report(rows=len(day), stories=int(day["id"].nunique()), windows=len(windows))
        return day

    def view(self, made: Materialization) -> View:
        """Its stories, each with a page of how it stood through the day."""
        from hn_luigi.pages.stories_of_day import day_view

        return day_view(made.value, feed=self.feed, as_of=self.as_of)


class Wordcloud(Asset):
    """A Markdown page with the word cloud of the headlines, and what changed since yesterday."""

    feed = FEED
    suffix = ".md"
    keeps_latest = True
    freshness = HALF_AN_HOUR
    checks = (picture_decodes, warn(has_ten_words), warn(is_below_a_megabyte))
    code = (
        "hn_luigi.cloud",
        "hn_luigi.hackernews.headlines",
        "hn_luigi.strangers",
    )
    libraries = LIBRARIES
    expected_errors = (CloudError,)

    def requires(self) -> Any:
        today = self.as_of.date()
        yesterday = self.windows(StoriesOfDay, since=today - A_DAY, until=today, optional=True)
        return [self.clone(Stories), yesterday]

    def settings(self) -> Mapping[str, Any]:
        return settings_of(self.settings_from(cloud))

    def compute(
        self, stories: pd.DataFrame, yesterday: Mapping[datetime, pd.DataFrame] = _NOTHING
    ) -> str:
        from hn_luigi.pages.wordcloud import page_of

        page, picture = page_of(
            stories,
            next(iter(yesterday.values()), None),
            feed=self.feed,
            since=self.own_length().last_before(self.as_of),
            as_of=self.as_of,
            look=self.settings_from(cloud),
        )
        self.report(
            rows=len(stories),
            words=len(picture.drawn),
            words_left_out=len(picture.left_out),
            # As the coords of HTML's <area>. As lists of numbers, 150 areas made a record of 9.7 kB
            # that took 460 µs to parse; so it is 6.1 kB and 90 µs, without any 1.3 kB and 75 µs.
            areas={word: ",".join(map(str, area)) for word, area in picture.drawn.items()},
        )
        return page

    def view(self, made: Materialization) -> View:
        """The page, with links from its words to the headlines that hold them."""
        from hn_luigi.pages.word_links import with_words

        return with_words(made)


class Trends(Asset):
    """The words of a day and of the 28 days before: their shares, and how they rose or fell."""

    feed = FEED
    suffix = ".parquet"
    own_format = PARQUET_ZSTD
    window_length = "day"
    checks = (columns(SCHEMA), unique("word", "day"))
    libraries = LIBRARIES

    def requires(self) -> Any:
        since = self.as_of - DAYS_BEFORE * A_DAY
        before = self.windows(StoriesOfDay, since=since, until=self.as_of, optional=True)
        return [self.clone(StoriesOfDay), before]

    def settings(self) -> Mapping[str, Any]:
        return settings_of(self.settings_from(cloud), "stopwords", "keep")

    def compute(
        self, today: pd.DataFrame, before: Mapping[datetime, pd.DataFrame] = _NOTHING
    ) -> pd.DataFrame:
        from hn_luigi.pages.trends import trends_in

        trends = trends_in(today, before, as_of=self.as_of, look=self.settings_from(cloud))
        self.report(rows=len(trends), words=int(trends["word"].nunique()), days_before=len(before))
        return trends

    def view(self, made: Materialization) -> View:
        """The words that rose and fell, with links to their shares by day."""
        from hn_luigi.pages.trends import trends_shown

        return trends_shown(made)


@requires(StoriesOfDay, Trends)
class Digest(Asset):
    """A Markdown page of a day: its cloud, what rose and fell, and the stories that stood out."""

    feed = FEED
    suffix = ".md"
    window_length = "day"
    keeps_latest = True
    freshness = AN_HOUR
    checks = (picture_decodes, warn(is_below_a_megabyte))
    libraries = LIBRARIES
    expected_errors = (CloudError,)

    def settings(self) -> Mapping[str, Any]:
        return settings_of(self.settings_from(cloud))

    def compute(self, day: pd.DataFrame, trends: pd.DataFrame) -> str:
        from hn_luigi.pages.digest import digest_of

        self.report(rows=int(day["id"].nunique()), windows=int(day["as_of"].nunique()))
        return digest_of(
            day, trends, feed=self.feed, as_of=self.as_of, look=self.settings_from(cloud)
        )

    def view(self, made: Materialization) -> View:
        """The page, with links from what rose and fell to the headlines that hold it."""
        from hn_luigi.pages.word_links import with_words_of_day

        return with_words_of_day(made)


class WordHistory(Asset):
    """The share of each month's headlines that held a word or phrase, in all of Hacker News."""

    suffix = ".parquet"
    own_format = PARQUET_ZSTD
    window_length = "month"
    # For a month that was brought up to date while it was read, a process that was killed, or a
    # cluster that lost its workers: what else can go wrong fails for good.
    retry = RetryPolicy(max_retries=2, delay=10)
    checks = (columns(HISTORY), unique("word", "month"))
    libraries = LIBRARIES
    expected_errors = (HistoryError, SparkError)

    def requires(self) -> Any:
        return archive_of(self.settings_from(history).source, until=self.as_of)

    def settings(self) -> Mapping[str, Any]:
        return settings_of(self.settings_from(cloud), "stopwords", "keep")

    def compute(self, _months: list[Any]) -> pd.DataFrame:
        from hn_luigi.pages.history import history_in

        archive = self.requires()  # again, since a target tells no size and time
        shares = history_in(
            archive.months(),
            source=archive.source,
            engine=self.settings_from(history).engine_chosen(),
            look=self.settings_from(cloud),
            progress=self.progress,
        )
        stories = shares.drop_duplicates("month")["stories"]
        self.report(
            rows=len(shares),
            words=int(shares["word"].nunique()),
            months=len(stories),
            headlines=int(stories.sum()),
        )
        return shares

    def view(self, made: Materialization) -> View:
        """The words that rose in the newest month."""
        from hn_luigi.pages.history import history_shown

        return history_shown(made)


@requires(WordHistory)
class WordHistoryPage(Asset):
    """A Markdown page of all of Hacker News: words over the months, and the words of each year."""

    suffix = ".md"
    window_length = "month"
    keeps_latest = True
    checks = (picture_decodes, warn(is_below_a_megabyte))
    libraries = LIBRARIES
    expected_errors = (HistoryError,)

    def settings(self) -> Mapping[str, Any]:
        return {
            **settings_of(self.settings_from(history), "words"),
            **settings_of(self.settings_from(cloud), "label"),
        }

    def compute(self, shares: pd.DataFrame) -> str:
        from hn_luigi.pages.history import page_of

        return page_of(
            shares,
            words=self.settings_from(history).words,
            look=self.settings_from(cloud),
        )


def _client(settings: hackernews) -> Client:
    return Client(settings.base_url, settings.limits())
