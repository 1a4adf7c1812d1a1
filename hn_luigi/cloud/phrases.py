"""Phrases: neighbouring words that are one name, as `New York Times` is.

Two words hold together if they are neighbours more often than chance would have it, by the
log-likelihood ratio of Dunning, Accurate Methods for the Statistics of Surprise and Coincidence
(Computational Linguistics 19:1, 1993); three, if both pairs in them do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log
from typing import NamedTuple

import numpy as np

from hn_luigi.cloud.neighbours import Neighbours, Pair, frequent_pairs
from hn_luigi.cloud.ragged import Ragged
from hn_luigi.cloud.slots import Role, Slot

FEWEST_TITLES = 3
# Of names in three of 500 titles, the least likely had 23.
_LEAST_LIKELIHOOD = 15.0
# Of 24 pairs with a filler that were in three headlines or more, in small letters or not, the 20
# above this are names or terms; below it are "using AI", "new AI".
_SURPLUS_OF_FILLERS = 10.0
_WORDS_OF_A_WINDOW = 5000
"""In 500 titles. In fewer, nothing would be rare, so words are taken to be as rare as in those."""


@dataclass(frozen=True)
class Phrases:
    """Which words hold together, by their keys."""

    pairs: Mapping[Pair, float]
    """How surely."""
    names: frozenset[tuple[str, ...]]
    """The pairs and triples that are a phrase; a pair with `&` is only part of one."""


def learnt(titles: Ragged, slots: Sequence[Slot | None]) -> Phrases:
    """Learn from titles which words hold together.

    Args:
        titles: the numbers of the slots of each.
        slots: by their numbers.
    """
    numbers = {"": 0}
    of_slots = [numbers.setdefault(slot.key, len(numbers)) if slot else 0 for slot in slots]
    keys = np.array(of_slots, dtype=np.int64)[titles.items]
    texts = [*numbers]
    times = dict(zip(texts, np.bincount(keys, minlength=len(texts)).tolist(), strict=True))
    total = max(len(keys), _WORDS_OF_A_WINDOW)
    least = _LEAST_LIKELIHOOD + 2 * log(total / _WORDS_OF_A_WINDOW)
    likely = {
        (left, right): sure
        for (left, right), both in frequent_pairs(keys, titles.rows, texts, FEWEST_TITLES).items()
        if (sure := likelihood(both, times[left], times[right], total)) >= least
    }
    held = {
        pair: use
        for pair, use in zip(likely, _uses(likely, titles, slots), strict=True)
        if use.hold(likely[pair] - least, times[pair[0]])
    }
    links = {key for pair, use in held.items() for key in use.links(pair)}
    triples = _triples([*held], titles, slots)
    often = {triple for triple, number in triples.items() if number >= FEWEST_TITLES}
    return Phrases(
        {pair: likely[pair] for pair in held},
        frozenset(words for words in {*held, *often} if links.isdisjoint((words[0], words[-1]))),
    )


def likelihood(both: int, left: int, right: int, total: int) -> float:
    """Dunning's log-likelihood ratio that two words are neighbours by more than chance, or 0.

    Args:
        both: how often they are neighbours.
        left: how often the first occurs.
        right: how often the second occurs.
        total: how often all words occur.
    """
    if both * total <= left * right:
        return 0.0
    table = (both, left - both, right - both, total - left - right + both)
    margins = (left, total - left, right, total - right)
    return 2 * (sum(map(_x_log_x, table)) - sum(map(_x_log_x, margins)) + _x_log_x(total))


@lru_cache(4096)  # most pairs are as rare as others
def _x_log_x(number: int) -> float:
    return number * log(number) if number > 0 else 0.0


class _Uses(NamedTuple):
    """How two neighbours are used, in how many titles."""

    left: Role
    right: Role
    titles: int
    named: int
    """Both written with a capital."""
    glued: int
    """With a hyphen, and no other: real-time, but not 30-year-old."""

    def links(self, pair: Pair) -> list[str]:
        """Those of the two that no phrase begins or ends with."""
        roles = zip(pair, (self.left, self.right), strict=True)
        return [key for key, role in roles if role is Role.LINK]

    def hold(self, surplus: float, first: int) -> bool:
        """Whether both are one name.

        Args:
            surplus: by how much they are surer than they have to be.
            first: how often the first of them occurs.
        """
        if self.titles < FEWEST_TITLES:
            return False
        roles = {self.left, self.right}
        glued = 3 * self.glued >= self.titles
        if Role.WORD not in roles:
            # Real-time and long-term are words; "best way" and "part 1" aren't.
            return roles == {Role.FILLER} and glued
        if Role.FILLER in roles:
            # Big Tech, third-party, climate change; but neither "using AI" nor "major U.S. …".
            return surplus >= _SURPLUS_OF_FILLERS or glued or 4 * self.named >= 3 * self.titles
        # 737 Max, but not 5 startups.
        return self.left is not Role.NUMBER or 2 * self.titles >= first


def _uses(pairs: Collection[Pair], titles: Ragged, slots: Sequence[Slot | None]) -> list[_Uses]:
    """How each of `pairs`, which all occur, is used; where a title has one twice, by the first."""
    places, numbers = Neighbours(pairs).places(titles, slots)
    # By pair, and of each by place: sorted as one number, which is quicker than by two.
    numbers, places = np.divmod(np.sort(numbers * len(titles.items) + places), len(titles.items))
    of_titles = titles.rows[places]
    first = (np.diff(numbers, prepend=-1) > 0) | (np.diff(of_titles, prepend=-1) != 0)
    numbers, places = numbers[first], places[first]

    small = np.array([slot is not None and slot.part.text[0].islower() for slot in slots], bool)
    glued = np.array(
        [slot is not None and slot.glued and slot.compound == 2 for slot in slots], bool
    )
    left, right = titles.items[places], titles.items[places + 1]
    named = ~(small[left] | small[right])
    of_pairs = [
        np.bincount(numbers[such], minlength=len(pairs)).tolist()
        for such in (slice(None), named, glued[right])
    ]
    begins = np.flatnonzero(np.diff(numbers, prepend=-1))
    roles = [[slots[slot].role for slot in side[begins].tolist()] for side in (left, right)]
    return list(map(_Uses, *roles, *of_pairs))


def _triples(
    pairs: Sequence[Pair], titles: Ragged, slots: Sequence[Slot | None]
) -> Counter[tuple[str, str, str]]:
    """The triples of which both pairs are among `pairs`, and in how many titles each is."""
    places, numbers = Neighbours(pairs).places(titles, slots)
    begins = np.flatnonzero(np.diff(places) == 1)
    there = {
        *zip(
            titles.rows[places[begins]].tolist(),
            numbers[begins].tolist(),
            numbers[begins + 1].tolist(),
            strict=True,
        )
    }
    counted = Counter((first, second) for _, first, second in there)
    return Counter({(*pairs[first], pairs[second][1]): n for (first, second), n in counted.items()})
