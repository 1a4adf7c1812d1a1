"""Which lines of the watch list nobody refreshes for now: a small file under the storage root.

There it outlives the server, and holds for another one of the same root as well.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime

from hn_luigi.assets.operations import (
    FileKey,
    FileUnavailable,
    Timestamp,
    document,
    is_timestamp,
    require_usable,
    root_store,
    window,
)

_logger = logging.getLogger("hn_luigi.refresh")
_LOCK = "_refresh"
_KEY = FileKey("_refresh/paused.json")


def paused() -> Mapping[str, datetime]:
    """Since when lines are paused, by the folder of the asset that each names.

    A file that is damaged, or can't be read though the root answers, pauses nothing. Raises
    StorageError where the root doesn't answer.
    """
    try:
        known = _load()
    except FileUnavailable:
        return {}
    return {folder: window.moment(since) for folder, since in known.items()}


def pause(folder: str) -> None:
    """Have nobody refresh the line that names that asset; raises StorageError."""
    _change(folder, window.timestamp(window.now()))


def resume(folder: str) -> None:
    """Have it refreshed again; raises StorageError."""
    _change(folder, None)


def _change(folder: str, since: Timestamp | None) -> None:
    store = root_store()
    require_usable(store)
    with store.lock(_LOCK):
        # What can't be read isn't replaced: it may tell of other lines, whose pauses would be lost.
        known = dict(_load())
        if since is None:
            known.pop(folder, None)
        else:
            known.setdefault(folder, since)
        store.write(_KEY, document.write({"version": 1, "paused": known}))


def _load() -> Mapping[str, Timestamp]:
    return root_store().load(_KEY, _parse) or {}


def _parse(data: bytes) -> Mapping[str, Timestamp]:
    told, why = None, "it doesn't tell since when"
    try:
        told = document.read(data, newest=1).get("paused")
    except document.Damaged as error:
        why = str(error)
    known = {
        folder: since
        for folder, since in (told.items() if isinstance(told, dict) else ())
        if isinstance(since, str) and is_timestamp(since)
    }
    if not isinstance(told, dict) or len(known) < len(told):
        _logger.warning("%s is damaged, and lines may be paused no more: %s", _KEY, why)
    return known
