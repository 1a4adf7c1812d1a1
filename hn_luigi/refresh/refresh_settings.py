"""What a user sets about refreshing by itself."""

from __future__ import annotations

import luigi

from hn_luigi.assets import Number, Switch


class refresh(luigi.Config):
    """The ``[refresh]`` section, which ``hn-luigi serve`` reads."""

    has_flags = False
    """A run doesn't read it."""

    enabled = Switch(
        False, description="Whether hn-luigi serve makes what is due by itself, as by --refresh."
    )
    parallel = Number(
        1, minimum=1, maximum=64, description="How many runs it may have under way at a time."
    )
    # As scripts/refresh has it: the next window of ten minutes finds no run of the last one.
    time_limit = Number(
        540,
        minimum=1,
        maximum=86_400,
        description="Seconds after which it ends a run, one for a button of its pages as well.",
    )
