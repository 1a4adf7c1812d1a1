"""What people call an asset: its folder, its class, or its class with flags."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import cast

from hn_luigi.assets import Asset
from hn_luigi.assets.operations import (
    LATEST,
    NO_WINDOW,
    SettingError,
    is_called,
    task_with,
    values_in,
)
from hn_luigi.watchlist.watched import for_window, roots, watched


def asset_of(words: Sequence[str], *, as_of: datetime | None = None) -> Asset:
    """The asset that ``words`` name, for the window that holds ``as_of``.

    ``top/wordcloud``, ``Wordcloud``, or ``Wordcloud --feed show``, which may also be one word, and
    may name another asset of a watched class than those that are watched. Without words it is the
    first of the watch list.

    Args:
        words: what names it.
        as_of: a UTC time, LATEST, or None for the present window.

    Raises:
        SettingError: no asset has that name, or several do; it has no windows; the window is in the
            future, or LATEST, and none is stored.
    """
    asset = _named(words) if words else roots()[0]
    if asset.own_length() == NO_WINDOW and as_of not in (None, LATEST):
        raise SettingError(f"--as-of: {asset.folder} has no windows: leave it out")
    return for_window(asset, as_of)


def first_if_unnamed(words: Sequence[str]) -> Sequence[str]:
    """``words``, which may be flags alone: of the class of the first of the watch list."""
    return [roots()[0].task_family, *words] if words and words[0].startswith("-") else words


def _named(words: Sequence[str]) -> Asset:
    known = watched()
    # As it is printed, quoted or not: the folder of a parameter's value may have blanks.
    folder = " ".join(words)
    if there := [asset for asset in known if asset.folder == folder]:
        return _only(there, folder)
    name, flags = _split(words)
    if flags and any(asset.folder == name for asset in known):
        raise SettingError(f"{name} takes no flags, a class does: leave out {flags[0]}")
    of_class = [asset for asset in known if is_called(asset, name)]
    if not of_class:
        raise SettingError(
            f"no asset that is watched is called {name!r}: choose from {_listed(known)}, or add "
            "--watch 'MODULE CLASS'"
        )
    kinds = list(dict.fromkeys(map(type, of_class)))
    if len(kinds) > 1 or not flags:
        return _only(of_class, name)
    values = values_in(kinds[0], flags)
    fitting = [
        asset
        for asset in of_class
        if all(getattr(asset, key) == value for key, value in values.items())
    ]
    return _only(fitting, name) if fitting else cast(Asset, task_with(kinds[0], values))


def _split(words: Sequence[str]) -> tuple[str, list[str]]:
    """The name and the flags in ``words``."""
    try:
        name, *flags = shlex.split(words[0]) if len(words) == 1 else words
    except ValueError as error:  # nothing in it, or a lone quote
        raise SettingError(f"{words[0]!r} names no asset: {error}") from None
    if name.startswith("-"):
        raise SettingError(f"{name} stands where the asset should: name that first, then its flags")
    return name, flags


def _only(found: Sequence[Asset], name: str) -> Asset:
    if len(found) > 1:
        raise SettingError(f"{name!r} may be {_listed(found, 'or')}: name one of them")
    return found[0]


def _listed(found: Iterable[Asset], word: str = "and") -> str:
    *others, last = dict.fromkeys(asset.folder for asset in found)
    return f"{', '.join(others)} {word} {last}" if others else last
