"""What commands say of stored assets that no watched class makes."""

from __future__ import annotations

from collections.abc import Iterable

from hn_luigi.assets import Asset
from hn_luigi.assets.operations import StoredAsset, made_by_none
from hn_luigi.cli.command import again
from hn_luigi.cli.output import say
from hn_luigi.formatting import listed, plain

_MOST_NAMED = 10


def unmade_folders(stored: Iterable[StoredAsset], watched: Iterable[Asset]) -> list[str]:
    """The folders of those of ``stored`` that no class of ``watched`` makes, each once."""
    return list(dict.fromkeys(asset.folder for asset in made_by_none(stored, watched)))


def tell_unmade(folders: list[str]) -> None:
    """Name ``folders``, which no watched class makes, in a line with the remedy."""
    if not folders:
        return
    named, more = folders[:_MOST_NAMED], len(folders) - _MOST_NAMED
    names = listed([*map(plain, named), *([f"{more:,} more"] if more > 0 else [])])
    remedy = plain(again("prune", "--folder", folders[0]))
    say(
        f"No watched class makes {names}: watch one that does ([assets] watch, --watch), or remove "
        f"{'it' if len(folders) == 1 else 'each'} by {remedy}"
    )
