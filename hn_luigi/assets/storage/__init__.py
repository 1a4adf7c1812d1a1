"""Where assets live: one line of configuration, ``[storage] root``."""

from __future__ import annotations

import os
import re

from hn_luigi.assets.errors import UnknownScheme
from hn_luigi.assets.storage.folder import Folder
from hn_luigi.assets.storage.request_cache import apart_from_cached_requests, cached_requests
from hn_luigi.assets.storage.storage_settings import storage
from hn_luigi.assets.storage.store import FileKey, Stat, Store

__all__ = [
    "FileKey",
    "Folder",
    "Stat",
    "Store",
    "apart_from_cached_requests",
    "cached_requests",
    "open_store",
    "root_store",
    "storage",
]


def root_store() -> Store:
    """The store at ``[storage] root``."""
    return open_store(str(storage().root))


def open_store(root: str) -> Store:
    """The store at ``root``, a folder or a URL; raises UnknownScheme for a root that is neither."""
    if "://" not in root:
        if re.match(r"[A-Za-z0-9]+:/", root):
            raise UnknownScheme(
                f"the storage root is {root!r}: a URL has two slashes after its colon"
            )
        return Folder(os.path.expanduser(root))
    # Only here, since it takes as long to import as a no-op on a folder takes.
    from hn_luigi.assets.storage.objects import ObjectStore

    return ObjectStore.at(root)
