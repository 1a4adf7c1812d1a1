"""What is stored under a root, as its records tell: to look after it, no class has to be loaded."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TypeAlias

from hn_luigi.assets import window
from hn_luigi.assets.asset import Asset
from hn_luigi.assets.catalog.dataset import Dataset
from hn_luigi.assets.catalog.failure import failure_keys
from hn_luigi.assets.catalog.partition import stem
from hn_luigi.assets.catalog.paths import is_suffix
from hn_luigi.assets.catalog.record import Record
from hn_luigi.assets.errors import FileUnavailable
from hn_luigi.assets.parameters.assets_section import length_by_setting
from hn_luigi.assets.storage import Store, cached_requests
from hn_luigi.assets.window import WindowName
from hn_luigi.assets.window_length import ALWAYS, NO_WINDOW, length_named

_MOST_READ = 10
"""Of the records of an asset: if the newest ones are all damaged, nothing tells of it."""


@dataclass(frozen=True)
class StoredAsset:
    """An asset as its newest record tells of it, or only the names of its files."""

    dataset: Dataset
    record: Record | None = None
    """The newest that can be read."""

    @property
    def folder(self) -> str:
        """Where it is stored below the root."""
        return self.dataset.folder

    @property
    def keeps_latest(self) -> bool:
        """Whether a copy of the newest output is kept as latest, or was."""
        dataset = self.dataset
        if dataset.length == NO_WINDOW:
            return False
        told = self.record is not None and self.record.latest_fingerprint is not None
        return told or bool(dataset.store.stat(dataset.latest_key) or dataset.misplaced_latest_key)

    def needs(self, now: datetime) -> Iterator[tuple[str, WindowName]]:
        """The folders of its inputs, each with the first window that its open window needs.

        That is as far back from it as it was when it was last made.
        """
        if self.record is None or self.dataset.length == NO_WINDOW:
            return
        length, made_for = self.dataset.length, window.parse(self.record.window)
        starts = (length.floor(now), length.shift(length.floor(now), -1))
        for key in self.record.upstream:
            folder, _, name = key.rpartition("/")
            name = name.partition("--")[0]  # of several windows, the first
            if window.is_name(name):
                back = made_for - window.parse(name)
                with suppress(OverflowError):  # of times that no clock shows
                    for start in filter(partial(length.is_open, at=now), starts):
                        yield folder, window.name(start - back)


KnownAsset: TypeAlias = Asset | StoredAsset
"""One whose class is loaded, or that is merely stored."""


def assets_under(store: Store) -> list[StoredAsset]:
    """All assets that have records under the root of ``store``, or failed attempts, by folder.

    Raises:
        StorageError: the root can't be listed.
    """
    with cached_requests():
        folders = {*store.folders("_records"), *store.folders("_failures")}
        return [asset for folder in sorted(folders) for asset in stored_in(store, folder)]


def stored_in(store: Store, folder: str) -> list[StoredAsset]:
    """What is stored in ``folder``: two assets where a class has given up its windows, or begun."""
    found: list[StoredAsset] = []
    if any(part[:1] in "_." for part in folder.split("/")):  # as no asset's is, and .. leads out
        return found
    with cached_requests():
        for length in (length_by_setting(), NO_WINDOW):
            dataset = Dataset(store, folder, "", length=length)
            try:
                names = dataset.recorded_in_order()
                failures = {*failure_keys(dataset).values()}
            except FileUnavailable:  # which whoever looks closer is told
                return [StoredAsset(dataset)]
            # The attempts at what has no window are all at that which is always open.
            is_its = (failures == {window.name(ALWAYS)}) == (length == NO_WINDOW)
            if names:
                found.append(_told_of(dataset, names))
            elif failures and is_its:
                found.append(StoredAsset(dataset))
    return found


def with_stored(watched: Iterable[Asset], stored: Iterable[StoredAsset]) -> list[KnownAsset]:
    """``watched``, each place once, and those of ``stored`` that lie elsewhere."""
    found: dict[tuple[str, bool], KnownAsset] = {}
    known: list[KnownAsset] = [*watched, *stored]
    for asset in known:
        dataset = asset.dataset
        found.setdefault((place_of(dataset), dataset.length == NO_WINDOW), asset)
    return list(found.values())


def is_called(asset: KnownAsset, name: str) -> bool:
    """Whether ``name`` is its folder, or its class in any case, with underscores or without."""
    if isinstance(asset, StoredAsset):
        family = "" if asset.record is None else asset.record.family
    else:
        family = asset.identity.family
    plain = family.rpartition(".")[2].replace("_", "").lower()
    return name in (asset.folder, family) or name.replace("_", "").lower() == plain


def place_of(dataset: Dataset) -> str:
    """Where it lies, whatever way the root is written."""
    path = dataset.store.path(dataset.folder)
    return path if "://" in dataset.store.root else os.path.realpath(path)


def made_by_none(stored: Iterable[StoredAsset], watched: Iterable[Asset]) -> list[str]:
    """The folders of those of ``stored`` that no class of ``watched`` makes, each once.

    With whatever parameters.
    """
    kinds = {type(asset): asset for asset in watched}
    left = [each for each in stored if not any(_makes(asset, each) for asset in kinds.values())]
    return list(dict.fromkeys(each.folder for each in left))


def _makes(like: Asset, stored: StoredAsset) -> bool:
    """Whether the class of ``like`` makes what is ``stored``."""
    if place_of(like.dataset) == place_of(stored.dataset):
        return True
    record = stored.record
    if stored.folder.rpartition("/")[2] != like.identity.name:
        return False
    if record is None or record.parameters is None:
        return True  # as far as the names tell
    try:
        task = type(like).from_str_params(record.parameters)
        is_there = place_of(task.dataset) == place_of(stored.dataset)
    except Exception:  # of a user's parameter, or __init__: it takes other values by now
        return False
    return is_there and not task.identity.objection_to(record)


def _told_of(dataset: Dataset, names: Sequence[WindowName]) -> StoredAsset:
    """The asset whose windows ``names``, oldest first, have records in the folder of ``dataset``.

    A record is anybody's text: a suffix could lead out of the root.
    """
    records = (dataset.partition(name).record() for name in names[: -_MOST_READ - 1 : -1])
    record = next((record for record in records if isinstance(record, Record)), None)
    if record is None:
        return StoredAsset(replace(dataset, suffix=_likely_suffix(dataset, names)))
    suffix = record.suffix if is_suffix(record.suffix) else _likely_suffix(dataset, names)
    has_windows = dataset.length != NO_WINDOW
    length = (has_windows and length_named(record.window_length)) or dataset.length
    return StoredAsset(replace(dataset, suffix=suffix, length=length), record)


def _likely_suffix(dataset: Dataset, names: Iterable[WindowName]) -> str:
    """What most outputs of the windows ``names`` end in; records of before they told it don't."""
    stems = {stem(dataset.folder, name) for name in names}
    size = len(next(iter(stems)))  # windows' names are alike
    files = (file for file in dataset.store.names(dataset.folder) if file[:size] in stems)
    ends = Counter(file[size:] for file in files if file[size : size + 1] == ".")
    return max(ends, key=lambda end: (ends[end], end), default="")
