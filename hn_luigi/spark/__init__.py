"""A session of Apache Spark for as long as a block takes, on this machine or on a cluster.

`spark_session` starts it and ends it with all that it took, `collect` runs a function once for each
of several items. Whatever goes wrong is a `SparkError` of one line. Knows nothing of Luigi, and
nothing of what it is used for.
"""

from hn_luigi.spark.errors import (
    JobFailed,
    NoMaster,
    NoSpark,
    NoWorkers,
    SparkError,
    UnfitWorkers,
)
from hn_luigi.spark.jobs import collect
from hn_luigi.spark.session import spark_session

__all__ = [
    "JobFailed",
    "NoMaster",
    "NoSpark",
    "NoWorkers",
    "SparkError",
    "UnfitWorkers",
    "collect",
    "spark_session",
]
