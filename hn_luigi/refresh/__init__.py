"""Refreshing by itself: what is due, when and why, by the freshness policies of what is watched.

It decides and starts nothing: ``hn_luigi.web`` does, and ``hn-luigi due`` tells.
"""

from hn_luigi.refresh.due import AssetFacts, Due, LineFacts, Need, Try, due, spread
from hn_luigi.refresh.facts import (
    PastRun,
    facts_of,
    made_by_runs,
    outline_of,
    renewing_lengths,
)
from hn_luigi.refresh.installation import share
from hn_luigi.refresh.pauses import pause, paused, resume
from hn_luigi.refresh.policy_notes import habit, policy_notes
from hn_luigi.refresh.refresh_settings import refresh
from hn_luigi.refresh.upcoming import upcoming

__all__ = [
    "AssetFacts",
    "Due",
    "LineFacts",
    "Need",
    "PastRun",
    "Try",
    "due",
    "facts_of",
    "habit",
    "made_by_runs",
    "outline_of",
    "pause",
    "paused",
    "policy_notes",
    "refresh",
    "renewing_lengths",
    "resume",
    "share",
    "spread",
    "upcoming",
]
