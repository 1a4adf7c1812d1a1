"""What the Spark room raises.

SparkError
├── NoSpark     pyspark or Java isn't there, or a session is open already
├── NoMaster    the master can't be reached, or refuses
└── JobFailed   a job ended before all of it was done
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
    """No session can be had of that master."""


class JobFailed(SparkError):
    """Spark gave up, after trying what failed again as often as it does (four times)."""
