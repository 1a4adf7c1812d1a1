"""Where two words are neighbours, in titles as numbers of slots."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from hn_luigi.cloud.ragged import Numbers, Ragged
from hn_luigi.cloud.slots import Slot

Pair = tuple[str, str]


def frequent_pairs(
    keys: Numbers, titles: Numbers, texts: Sequence[str], fewest: int
) -> dict[Pair, int]:
    """How often which two keys are neighbours, if that is at least `fewest` times.

    Args:
        keys: numbers of keys, one title after the other; 0 is none, and nothing's neighbour.
        titles: the title of each.
        texts: the keys by their numbers.
        fewest: times.
    """
    _, codes = _codes(keys, titles, len(texts))
    different, times = np.unique(codes, return_counts=True)
    often = times >= fewest
    pairs = zip(*np.divmod(different[often], len(texts)), times[often], strict=True)
    return {(texts[left], texts[right]): int(both) for left, right, both in pairs}


class Neighbours:
    """Finds some pairs of words."""

    def __init__(self, pairs: Collection[Pair]) -> None:
        """Have `pairs` looked for, by their keys; each is numbered by its place in them."""
        self._keys = {"": 0}
        for pair in pairs:
            for key in pair:
                self._keys.setdefault(key, len(self._keys))
        codes = [self._keys[left] * len(self._keys) + self._keys[right] for left, right in pairs]
        # What is greater than all codes ends them, so that a search ends within.
        self._codes = np.array([*codes, np.iinfo(np.int64).max], dtype=np.int64)
        self._order = np.argsort(self._codes)
        self._codes = self._codes[self._order]

    def places(self, titles: Ragged, slots: Sequence[Slot | None]) -> tuple[Numbers, Numbers]:
        """Where the pairs are.

        Args:
            titles: the numbers of the slots of each.
            slots: by their numbers.

        Returns:
            The places in `titles` where one begins, ascending, and the number of each.
        """
        keys = np.array([self._keys.get(slot.key, 0) if slot else 0 for slot in slots], np.int64)
        places, codes = _codes(keys[titles.items], titles.rows, len(self._keys))
        found = np.searchsorted(self._codes, codes)
        known = self._codes[found] == codes
        return places[known], self._order[found[known]]


def _codes(keys: Numbers, titles: Numbers, number_of_keys: int) -> tuple[Numbers, Numbers]:
    """Where two with a key are neighbours in a title, and both of them as one number."""
    left, right = keys[:-1], keys[1:]
    places = np.flatnonzero((left > 0) & (right > 0) & (titles[:-1] == titles[1:]))
    return places, left[places] * number_of_keys + right[places]
