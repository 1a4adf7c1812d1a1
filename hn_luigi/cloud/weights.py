"""How much a word weighs: by what each headline that holds it counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log2

WEIGHTS: Mapping[str, str] = {
    "headlines": "Headlines",
    "points": "Points",
    "rank": "Weight by rank",
}
"""What a headline can count by, and what the sums are called."""


def weigh(
    found: Mapping[str, Sequence[int]],
    *,
    by: str = "headlines",
    ranks: Sequence[int],
    points: Sequence[int],
) -> dict[str, int]:
    """The weight of each word, the heaviest first.

    Of equal weights comes first the word of the headline that ranks best, then of that with more
    points, and then as ``found`` has them.

    Args:
        found: word to the places of the headlines that hold it, from 0.
        by: one of ``WEIGHTS``: a headline counts 1, its points, or what its rank is worth.
        ranks: of each headline, from 1.
        points: of each headline, 0 where they are unknown.
    """
    worth = _worth(by, ranks, points)
    weights = {word: sum(worth[place] for place in places) for word, places in found.items()}
    best = {
        word: min((ranks[place], -points[place]) for place in places)
        for word, places in found.items()
    }
    return {word: weights[word] for word in sorted(found, key=lambda w: (-weights[w], best[w]))}


def _worth(by: str, ranks: Sequence[int], points: Sequence[int]) -> list[int]:
    if by == "points":
        return [max(each, 1) for each in points]  # with which a story begins
    if by == "rank":
        # The discount of DCG (Burges et al., Learning to Rank using Gradient Descent, 2005), in
        # percent: 100 at the top, 63 for the second, 11 for the 500th.
        return [round(100 / log2(1 + rank)) for rank in ranks]
    return [1] * len(ranks)
