"""Phrases: neighbouring words that are one name, as `New York Times` is.

Two words hold together if they are neighbours more often than chance would have it, by the
log-likelihood ratio of Dunning, Accurate Methods for the Statistics of Surprise and Coincidence
(Computational Linguistics 19:1, 1993); three, if both pairs in them do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from math import log

from hn_luigi.cloud.slots import Role, Slots

FEWEST_TITLES = 3
# Of names in three of 500 titles, the least likely had 23.
_LEAST_LIKELIHOOD = 15.0
# Of 24 pairs with a filler that were in three headlines or more, in small letters or not, the 20
# above this are names or terms; below it are "using AI", "new AI".
_SURPLUS_OF_FILLERS = 10.0
_WORDS_OF_A_WINDOW = 5000
"""In 500 titles. In fewer, nothing would be rare, so words are taken to be as rare as in those."""
Span = tuple[int, int]
Pair = tuple[str, str]


@dataclass(frozen=True)
class Phrases:
    """Which words hold together, by their keys."""

    pairs: Mapping[Pair, float]
    """How surely."""
    names: frozenset[tuple[str, ...]]
    """The pairs and triples that are a phrase; a pair with `&` is only part of one."""

    def spans(self, keys: Sequence[str]) -> list[Span]:
        """Where the phrases in a title begin and end: the surest that don't overlap."""
        held = [place for place, pair in enumerate(pairwise(keys)) if pair in self.pairs]
        if not held:
            return []
        # What is best from each place on: how sure it is, how many words, where the phrases are.
        best: list[tuple[float, int, list[Span]]] = [(0.0, 0, [])] * 3
        for start in range(held[-1], held[0] - 1, -1):
            options = [best[-1]]
            for length in (2, 3) if start in held else ():
                words = tuple(keys[start : start + length])
                if words in self.names:
                    sure, held_words, rest = best[-length]
                    sure += sum(map(self.pairs.__getitem__, pairwise(words)))
                    options.append((sure, held_words + length, [(start, start + length), *rest]))
            best.append(max(options, key=lambda option: option[:2]))
        return best[-1][2]


def learnt(titles: Sequence[Slots]) -> Phrases:
    """Learn from `titles` which words hold together."""
    keys = [[slot.key if slot else "" for slot in title] for title in titles]
    times = Counter(chain.from_iterable(keys))
    together = Counter(chain.from_iterable(map(pairwise, keys)))
    total = max(sum(times.values()), _WORDS_OF_A_WINDOW)
    least = _LEAST_LIKELIHOOD + 2 * log(total / _WORDS_OF_A_WINDOW)
    likely = {
        (left, right): sure
        for (left, right), both in together.items()
        if both >= FEWEST_TITLES and left and right
        if (sure := likelihood(both, times[left], times[right], total)) >= least
    }
    uses = _uses(titles, likely)
    pairs = {
        pair: sure for pair, sure in likely.items() if uses[pair].hold(sure - least, times[pair[0]])
    }
    links = {key for pair in pairs for key in uses[pair].links(pair)}
    triples = Counter(chain.from_iterable(_triples(title, pairs) for title in keys))
    often = {triple for triple, number in triples.items() if number >= FEWEST_TITLES}
    return Phrases(
        pairs,
        frozenset(words for words in {*pairs, *often} if links.isdisjoint((words[0], words[-1]))),
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


def _x_log_x(number: int) -> float:
    return number * log(number) if number > 0 else 0.0


@dataclass
class _Uses:
    """How two neighbours are used, in how many titles."""

    left: Role
    right: Role
    titles: int = 0
    named: int = 0
    """Both written with a capital."""
    glued: int = 0
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


def _uses(titles: Iterable[Slots], pairs: Mapping[Pair, float]) -> dict[Pair, _Uses]:
    uses: dict[Pair, _Uses] = {}
    for title in titles:
        seen = set()
        for left, right in pairwise(title):
            if left and right and (pair := (left.key, right.key)) in pairs and pair not in seen:
                seen.add(pair)
                use = uses.setdefault(pair, _Uses(left.role, right.role))
                use.titles += 1
                use.named += not (left.part.text[0].islower() or right.part.text[0].islower())
                use.glued += right.glued and right.compound == 2
    return uses


def _triples(keys: Sequence[str], pairs: Mapping[Pair, float]) -> set[tuple[str, str, str]]:
    """The triples in a title of which both pairs hold."""
    return {
        (a, b, c)
        for a, b, c in zip(keys, keys[1:], keys[2:], strict=False)
        if (a, b) in pairs and (b, c) in pairs
    }
