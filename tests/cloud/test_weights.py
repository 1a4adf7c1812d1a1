"""Words weigh what their headlines count, and no tie is left to the alphabet."""

from __future__ import annotations

import random
import string

import pytest

from hn_luigi.cloud import WEIGHTS, find_words, weigh

FOUND = {"often": [1, 2, 3], "liked": [4], "leading": [0]}
RANKS = [1, 7, 15, 31, 63]
POINTS = [5, 1, 2, 3, 900]


@pytest.mark.parametrize(
    ("by", "weights"),
    [
        ("headlines", {"often": 3, "leading": 1, "liked": 1}),
        ("points", {"liked": 900, "often": 6, "leading": 5}),
        # A third for 7, since log2(8) is 3, then a quarter and a fifth.
        ("rank", {"leading": 100, "often": 33 + 25 + 20, "liked": 17}),
    ],
)
def test_a_headline_counts_one_or_its_points_or_what_its_rank_is_worth(by, weights) -> None:
    weighed = weigh(FOUND, by=by, ranks=RANKS, points=POINTS)
    assert weighed == weights
    assert list(weighed) == list(weights)


def test_every_headline_counts_for_something() -> None:
    for by in WEIGHTS:
        assert weigh({"wolf": [0]}, by=by, ranks=[500], points=[0])["wolf"] > 0


def test_of_equal_weights_the_best_rank_is_first_then_the_most_points_then_the_order_found() -> (
    None
):
    found = {"late": [2], "few": [0], "many": [1], "same": [1], "early": [3]}
    weighed = weigh(found, ranks=[4, 4, 9, 1], points=[10, 20, 99, 1])
    assert list(weighed) == ["early", "many", "same", "few", "late"]


def test_the_rank_decides_wherever_the_headlines_stand() -> None:
    """As in the table of a day, which is in the order of ids."""
    found = find_words(["wolf", "fox"])
    assert list(weigh(found, ranks=[2, 1], points=[1, 1])) == ["fox", "wolf"]


def test_in_a_small_feed_no_letter_leads_the_words_of_one_headline() -> None:
    """When the alphabet broke ties, 61 of 145 words began with a or b."""
    chance = random.Random(1)
    words = ["".join(chance.sample(string.ascii_lowercase, 7)) for _ in range(300)]
    titles = [" ".join(words[n : n + 6]) for n in range(0, 300, 6)]
    leading = list(weigh(find_words(titles), ranks=range(1, 51), points=[1] * 50))[:145]
    share = sum(word[0] in "ab" for word in words) / len(words)
    assert sum(word[0] in "ab" for word in leading) / 145 < share + 0.05
