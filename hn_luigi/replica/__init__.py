"""A loopback replica of the Hacker News API, from a front page held still.

For tests, for trying without a network, for benchmarks; with latency and faults on request:

    with Replica(bundled_front_page(), faults=Faults(rate=0.1, times=1)) as replica:
        client = Client(base_url=replica.base_url)

The bundled front page is invented from first to last.
"""

from __future__ import annotations

from hn_luigi.replica.errors import AddressError, FaultsError, ReplicaError, SnapshotError
from hn_luigi.replica.faults import ALL_KINDS, Faults
from hn_luigi.replica.front_page import FEEDS, FrontPage
from hn_luigi.replica.server import Replica
from hn_luigi.replica.snapshot import bundled_front_page, read_front_page

__all__ = [
    "ALL_KINDS",
    "FEEDS",
    "AddressError",
    "Faults",
    "FaultsError",
    "FrontPage",
    "Replica",
    "ReplicaError",
    "SnapshotError",
    "bundled_front_page",
    "read_front_page",
]
