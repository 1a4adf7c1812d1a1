"""The ``[assets]`` section."""

from __future__ import annotations

import luigi

from hn_luigi.assets.parameters.kinds import Number, Text


class assets(luigi.Config):
    """The ``[assets]`` section."""

    window_minutes = Number(
        10,
        minimum=1,
        maximum=1440,
        description="Length of a window in minutes: how often an asset is rebuilt.",
    )
    feeds = Text(
        "top",
        required=True,
        description="Feeds to watch in status, freshness, alerts and metrics, separated by commas.",
    )
