"""What a run finds out once for all its steps, in the process that schedules them.

With several workers, Luigi (3.8.1) forks a process for each step, which knows what its worker knew
by then; all else each finds out for itself.
"""

from __future__ import annotations

from contextlib import suppress

from hn_luigi.assets.definition import AssetDefinition
from hn_luigi.assets.errors import StorageError

# Of steps that compute nothing, on a folder, each took 94 ms of CPU in a process of its own, and
# takes 15 if this module has been imported, and ``prepare`` was called, before the fork.
from hn_luigi.assets.execution import materialize as materialize
from hn_luigi.assets.execution.attempt import library_versions

_tried: set[str] = set()


def prepare(asset: AssetDefinition) -> None:
    """Find out, once, what making ``asset`` takes and all of its class, or root, have in common.

    What keeps it from being made is left for its own turn, where it is told and recorded.
    """
    library_versions(asset)
    _ = asset.loaded_code.version
    root = str(asset.storage_root())
    if root not in _tried:
        _tried.add(root)
        with suppress(StorageError):
            asset.partition.store.require_writable()
