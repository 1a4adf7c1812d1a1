"""What commands say of stored assets that no watched class makes."""

from __future__ import annotations

from hn_luigi.cli.command import again
from hn_luigi.cli.output import say
from hn_luigi.formatting import listed, plain

_MOST_NAMED = 10


def tell_unmade(folders: list[str]) -> None:
    """Name ``folders``, which no watched class makes, in a line with the remedy."""
    if not folders:
        return
    named, more = folders[:_MOST_NAMED], len(folders) - _MOST_NAMED
    names = listed([*map(plain, named), *([f"{more:,} more"] if more > 0 else [])])
    remedy = plain(again("prune", "--folder", folders[0]))
    say(
        f"No watched class makes {names}: watch one that does ([assets] watch, --watch), or remove "
        f"{'it' if len(folders) == 1 else 'each'} with {remedy}"
    )
