"""The graph with windows of a minute in mind: a policy of three, a tenth of the shipped one."""

from __future__ import annotations

from datetime import timedelta

import hn_luigi
from hn_luigi.assets import FreshnessPolicy, requires

THREE_MINUTES = FreshnessPolicy(maximum_lag=timedelta(minutes=3), warn_after=timedelta(minutes=2))


class StoryIds(hn_luigi.StoryIds):
    freshness = THREE_MINUTES


@requires(StoryIds)
class Stories(hn_luigi.Stories):
    freshness = THREE_MINUTES


@requires(Stories)
class Wordcloud(hn_luigi.Wordcloud):
    freshness = THREE_MINUTES
