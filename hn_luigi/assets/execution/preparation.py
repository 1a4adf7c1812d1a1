"""What a run finds out in the process that schedules its steps, before one is forked for each.

With several workers, Luigi (3.8.1) forks a process for each step, which knows what its worker knew
by then; all else each finds out for itself.
"""

from __future__ import annotations

from contextlib import suppress
from weakref import WeakKeyDictionary

from hn_luigi.assets import window
from hn_luigi.assets.catalog.record import Record
from hn_luigi.assets.definition import AssetDefinition
from hn_luigi.assets.errors import StorageError

# Of steps that compute nothing, on a folder, each took 94 ms of CPU in a process of its own, and
# takes 15 if this module has been imported, and ``prepare`` was called, before the fork.
from hn_luigi.assets.execution import materialize as materialize
from hn_luigi.assets.execution.attempt import library_versions
from hn_luigi.assets.storage import cached_requests
from hn_luigi.assets.window import Timestamp

_tried: set[str] = set()
_prepared: WeakKeyDictionary[AssetDefinition, Timestamp] = WeakKeyDictionary()
"""When each asset was."""


def prepare(asset: AssetDefinition) -> None:
    """Find out, once, what making ``asset`` takes and all of its class, or root, have in common.

    What keeps it from being made is left for its own turn, where it is told and recorded.
    """
    _prepared[asset] = window.timestamp(window.now())
    library_versions(asset)
    _ = asset.loaded_code.version
    root = str(asset.storage_root())
    if root not in _tried:
        _tried.add(root)
        with suppress(StorageError):
            asset.partition.store.require_writable()


def was_made_meanwhile(asset: AssetDefinition) -> bool:
    """Whether another run has made ``asset`` since it was prepared, so that nothing is to be done.

    A run on another machine does as much for a graph as this one: each would else fork a process
    for every step of the other's, which on S3 costs 100 ms of CPU to find nothing to do.
    """
    # Whatever a class of a user's raises, or a plain task: here it would end the worker, and all
    # that it is making; if it lasts, it is the step's own failure.
    with suppress(Exception), cached_requests():
        record = asset.partition.record()
        # By clocks, which may differ: then a process is forked in vain, or a question asked so.
        is_since = isinstance(record, Record) and record.created_at >= _prepared.get(asset, "")
        return is_since and asset.complete()
    return False
