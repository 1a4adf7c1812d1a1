"""Whether the place of an asset is its own, before anything is stored there."""

from __future__ import annotations

import os
import shlex
from dataclasses import replace

from hn_luigi.assets.catalog.dataset import KINDS, Dataset
from hn_luigi.assets.catalog.identity import as_pairs
from hn_luigi.assets.catalog.record import Foreign, Record, Unreadable
from hn_luigi.assets.definition import AssetDefinition
from hn_luigi.assets.errors import PlaceTaken
from hn_luigi.assets.luigi_internals.registry import is_shipped


def require_own_place(asset: AssetDefinition) -> None:
    """Raise PlaceTaken where ``objection_to_place`` says why."""
    objection = objection_to_place(asset)
    if objection:
        raise PlaceTaken(objection)


def objection_to_place(asset: AssetDefinition) -> str | None:
    """What keeps ``asset`` from being made: another's output, or its own that is to be moved.

    Of other windows the newest is looked at: two assets that take turns in one folder would have
    readers of the folder, and of latest, read either.
    """
    partition, dataset = asset.partition, asset.dataset
    own = partition.record()
    record = own or dataset.newest_record()
    if isinstance(record, Foreign):
        return _taken(asset, record)
    if own is not None or partition.stat() is not None:
        return None
    is_begun = record is not None or bool(dataset.stored())
    # Earlier versions named folders by values alone, so that two parameters in either order led to
    # one place: whose it is the records of that time don't tell, and a person has to.
    for folder in asset.identity.former_folders:
        former = replace(dataset, folder=folder, identity=None)
        then = former.partition(partition.window)
        # What this window has there may have been made since by an older hn_luigi.
        if (then.stat() or former.store.stat(then.record_key)) or (
            not is_begun and (former.stored() or former.recorded())
        ):
            return _to_be_moved(asset, former)
    return None


def require_own_output(asset: AssetDefinition, record: Record | Unreadable | None) -> None:
    """Raise PlaceTaken if what has that ``record`` in the place of ``asset`` is another asset's."""
    if isinstance(record, Foreign):
        raise PlaceTaken(_taken(asset, record))


def _taken(asset: AssetDefinition, record: Foreign) -> str:
    name, family = asset.identity.name, asset.identity.family
    where = asset.partition.store.path(asset.folder)
    taken = f"{asset} can't be made: {where} is taken: {record.reason}"
    other = family.replace(".", "_").lower()
    other = f"{name}_2" if other == name else other
    if is_shipped(type(asset).__module__):
        return _line(f"{taken}. Move that elsewhere, or set another [storage] root")
    if not record.of_other_class:
        remedy = "Set stored_as on the class: "
    elif type(asset).stored_as is None:
        remedy = f'Set stored_as on the class: "{name}" to take it over, as after a rename, or '
    else:
        remedy = (
            "By its stored_as it would take that over, but that class is loaded as well: remove "
            "it (in a notebook, restart the kernel), or set "
        )
    return _line(f'{taken}. {remedy}another name, such as "{other}", to have a folder of its own')


def _to_be_moved(asset: AssetDefinition, former: Dataset) -> str:
    store, folder = former.store, asset.folder
    kinds = [kind for kind in KINDS if _is_there(former, kind)]
    moves = [(store.path(kind + former.folder), store.path(kind + folder)) for kind in kinds]
    if "://" in store.root:
        how = "all below " + " and ".join(f"{old}/ to {new}/" for old, new in moves)
    else:
        how = "it: " + " && ".join(_move(old, new) for old, new in moves)
    return _line(
        f"{asset} can't be made: {moves[0][0]} is from before folders named their parameters, and "
        f"may belong to other values than {as_pairs(asset.identity.parameters)}. If it does, move "
        f"it elsewhere; if not, move {how}"
    )


def _move(old: str, new: str) -> str:
    """The command that moves the folder ``old`` to ``new``, or into it where it is there."""
    above, old, into = map(shlex.quote, (new.rpartition("/")[0], old, new))
    if os.path.lexists(new):  # mv would put the folder into it; of a year's files, * is too long
        return f"find {old} -maxdepth 1 -type f -exec mv -n {{}} {into} \\;"
    return f"mkdir -p {above} && mv {old} {into}"


def _is_there(dataset: Dataset, kind: str) -> bool:
    return bool(dataset.store.names(kind + dataset.folder))


def _line(text: str) -> str:
    """``text`` without the line breaks that a parameter's value may have."""
    return " ".join(text.splitlines())
