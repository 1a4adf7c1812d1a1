"""Whether the place of an asset is its own, before anything is stored there."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from hn_luigi.assets.errors import PlaceTaken
from hn_luigi.assets.identity import listed
from hn_luigi.assets.records import Foreign
from hn_luigi.assets.series import KINDS, Series

if TYPE_CHECKING:
    from hn_luigi.assets.asset import Asset


def require_own_place(asset: Asset) -> None:
    """Raise PlaceTaken where another asset's output is, or this one's is still to be moved.

    Of other windows the newest is looked at: two assets that take turns in one folder would have
    readers of the folder, and of latest, read either.
    """
    series = asset.series
    record = asset.slot.record() or series.newest_record()
    if isinstance(record, Foreign):
        raise PlaceTaken(_taken(asset, record))
    if record is None and not series.stored():
        for folder in asset.identity.former_folders:
            former = Series(series.store, folder, series.suffix)
            if former.stored() or former.recorded():
                raise PlaceTaken(_to_be_moved(asset, former))


def require_own_output(asset: Asset) -> None:
    """Raise PlaceTaken if what is stored for the window of ``asset`` is of another asset."""
    record = asset.slot.record()
    if isinstance(record, Foreign):
        raise PlaceTaken(_taken(asset, record))


def _taken(asset: Asset, record: Foreign) -> str:
    name, family = asset.identity.name, asset.identity.family
    other = family.replace(".", "_").lower()
    other = f"{name}_2" if other == name else other
    go_on = f'"{name}" to take it over, as after a rename, or ' if record.of_other_class else ""
    return (
        f"{asset} can't be made: {asset.slot.store.path(asset.folder)} is taken: {record.reason}. "
        f"Set stored_as on the class: {go_on}another name, such as "
        f'"{other}", to have a folder of its own'
    )


def _to_be_moved(asset: Asset, former: Series) -> str:
    store, folder = former.store, asset.folder
    kinds = [kind for kind in KINDS if _is_there(former, kind)]
    moves = [(store.path(kind + former.folder), store.path(kind + folder)) for kind in kinds]
    if "://" in store.root:
        how = "all below " + " and ".join(f"{old}/ to {new}/" for old, new in moves)
    else:
        how = "it: " + " && ".join(
            f"mkdir -p {shlex.quote(new.rpartition('/')[0])} && mv {shlex.quote(old)} "
            f"{shlex.quote(new)}"
            for old, new in moves
        )
    return (
        f"{asset} can't be made: {moves[0][0]} is from before folders named their parameters, and "
        f"may belong to other values than {listed(asset.identity.parameters)}. If it belongs to "
        f"these, move {how}"
    )


def _is_there(series: Series, kind: str) -> bool:
    return bool(series.store.names(kind + series.folder))
