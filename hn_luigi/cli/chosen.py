"""Which of the assets that are stored a command is about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from hn_luigi.assets.operations import NO_WINDOW, KnownAsset, is_called, place_of
from hn_luigi.watchlist import asset_of


def chosen(words: Sequence[str], assets: Sequence[KnownAsset]) -> list[KnownAsset]:
    """Those of ``assets`` that ``words`` name, or that lie below; all if there are no words.

    Raises:
        SettingError: they name none, nor one that a watched class makes.
    """
    if not words:
        return [*assets]
    meant = [each for each in assets if _is_meant(each, " ".join(words))]
    return meant or [asset_of(words)]


def all_chosen(words: Sequence[str], assets: Sequence[KnownAsset]) -> list[KnownAsset]:
    """As ``chosen``, of words that may name several assets, each with its flags behind it."""
    if not words:
        return [*assets]
    found = [asset for name in _names(words) for asset in chosen(name, assets)]
    places = {(place_of(each.dataset), each.dataset.length == NO_WINDOW): each for each in found}
    return [*places.values()]


def _names(words: Sequence[str]) -> Iterator[list[str]]:
    """The name and the flags of each asset: what follows a flag without ``=`` is its value."""
    name: list[str] = []
    for before, word in pairwise(("", *words)):
        is_value = before.startswith("-") and "=" not in before
        if name and not (word.startswith("-") or is_value):
            yield name
            name = []
        name.append(word)
    yield name


def _is_meant(asset: KnownAsset, name: str) -> bool:
    return is_called(asset, name) or asset.folder.startswith(f"{name}/")
