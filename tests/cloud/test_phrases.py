"""Which neighbours are one name."""

from __future__ import annotations

import random
from math import log

import pytest

from hn_luigi.cloud import count_words
from hn_luigi.cloud.phrases import likelihood


def test_the_likelihood_is_that_of_dunnings_first_example() -> None:
    """The Swiss one: 'the swiss' in table 2 of Dunning 1993, of 31,777 bigrams."""
    assert likelihood(110, 2552, 221, 31777) == pytest.approx(270.72, abs=0.01)


def test_what_is_as_often_as_by_chance_or_less_is_not_likely() -> None:
    assert likelihood(1, 100, 100, 10000) == likelihood(1, 1000, 1000, 10000) == 0


def test_words_that_are_only_found_together_are_as_likely_as_they_are_rare() -> None:
    assert likelihood(3, 3, 3, 5000) == pytest.approx(
        2 * (5000 * log(5000) - 3 * log(3) - 4997 * log(4997))
    )


def _window(seed: int) -> list[str]:
    """500 titles of words that stand together by chance, some of them as common as in real ones."""
    rng = random.Random(seed)
    words = [
        f"{a}{b}{c}"
        for a in "bdfgklm"
        for b in ("a", "e", "i", "oo")
        for c in ("rk", "lt", "mp", "nd", "x", "b", "ck", "g", "v")
    ]
    weights = [1 / (place + 3) for place in range(len(words))]
    return [" ".join(rng.choices(words, weights, k=rng.randrange(4, 10))) for _ in range(500)]


@pytest.mark.parametrize("seed", range(5))
def test_chance_makes_hardly_a_phrase(seed: int) -> None:
    found = [word for word in count_words(_window(seed)) if " " in word]

    assert len(found) <= 2


@pytest.mark.parametrize("times", [3, 10])
def test_a_name_in_three_of_500_titles_is_one_though_its_words_are_found_alone(times: int) -> None:
    titles = _window(0)
    for place in range(times):
        titles[place * 7] += " vision pro"
        titles[place * 7 + 100] += " the vision"
        titles[place * 7 + 200] += " pro"

    assert count_words(titles)["vision pro"] == times
