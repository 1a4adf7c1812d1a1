"""What the Spark room raises.

SparkError
├── NoSpark          pyspark or Java isn't there, or a session is open already
├── NoMaster         the master can't be reached, or refuses, or the settings can't be had
├── NoWorkers        the cluster gives a session nothing to run on, or no more
└── JobFailed        a job ended before all of it was done
    └── UnfitWorkers     the workers lack a Python, or a library, that it takes
"""

from __future__ import annotations


class SparkError(Exception):
    """Base of the room's errors; each message names the thing, the cause and the remedy."""

    final = False
    """Whether trying again in a while is no use."""


class NoSpark(SparkError):
    """What it takes on this machine isn't there."""

    final = True


class NoMaster(SparkError):
    """No session can be had of that master, or none with these settings."""

    final = True


class NoWorkers(SparkError):
    """The cluster has none for a session, or had; they come and go."""


class JobFailed(SparkError):
    """Spark gave up, after trying what failed again as often as it does (four times)."""


class UnfitWorkers(JobFailed):
    """Their Python isn't there, or of another version, or lacks a library."""

    final = True
