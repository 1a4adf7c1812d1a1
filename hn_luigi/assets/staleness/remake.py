"""Assets that this process has to make again though nothing about them changed.

That is a run's own business and ends with it: nothing is stored, so that where the run fails, what
was good stays current.
"""

from __future__ import annotations

from dataclasses import replace

from hn_luigi.assets import window
from hn_luigi.assets.catalog.partition import Partition
from hn_luigi.assets.catalog.record import Key, Record
from hn_luigi.assets.window import Timestamp

_asked: dict[tuple[str, Key], tuple[Timestamp, Timestamp]] = {}
"""When what is to be replaced was made, and when that was asked for, by root and key.

Forked processes share what was asked before.
"""


def remake_in_this_process(partition: Partition) -> None:
    """Have what is stored at ``partition`` by now count as invalidated, in this process alone."""
    record = partition.record()
    if isinstance(record, Record):
        asked_at = window.timestamp(window.now())
        _asked[partition.store.root, partition.key] = record.created_at, asked_at


def as_asked(partition: Partition, record: Record) -> Record:
    """``record``, marked as long as it is of the making that is to be replaced."""
    # By that very making, and not by what is older: its clock may have been ahead of this one.
    made_at, asked_at = _asked.get((partition.store.root, partition.key), (None, None))
    return replace(record, invalidated_at=asked_at) if record.created_at == made_at else record
