"""The ``[assets]`` section."""

from __future__ import annotations

import luigi

from hn_luigi.assets.parameters.kinds import Number, Text
from hn_luigi.assets.window_length import WindowLength, of_minutes


class assets(luigi.Config):
    """The ``[assets]`` section."""

    window_minutes = Number(
        10,
        minimum=1,
        maximum=1440,
        description="Length of a window in minutes: how often an asset is rebuilt.",
    )
    watch = Text(
        "",
        description="Assets to watch, a line each: a module, a class and its flags, as after luigi "
        "--module. What they are made from is watched, too.",
    )
    feeds = Text("", description="What watch replaces; still read if that is empty.")


def length_by_setting() -> WindowLength:
    """How long windows are where a class doesn't say."""
    # Not assets(), which resolves the whole section: that takes 50 µs instead of 10, and complete()
    # asks each asset four times.
    return of_minutes(assets.window_minutes.task_value("assets", "window_minutes"))
