"""What ids and stories have to be, and what of them is odd."""

from __future__ import annotations

from datetime import datetime

import pytest

from hn_luigi.hackernews import to_frame
from hn_luigi.hackernews.checks import (
    half_is_known,
    ids_are_positive,
    ranks_ascend,
    sample,
    scores_are_known,
    titles_show,
)

AT = datetime(2026, 11, 22, 12, 30)
LATER = datetime(2026, 11, 22, 12, 40)


def stories(ids, at=AT, **facts):
    items = [{"id": i, "title": f"Story {i}", "score": 3, **facts} for i in ids]
    return to_frame(items, as_of=at)[0]


@pytest.mark.parametrize("ids", [[1, 2, 50_000_000], []])
def test_ids_are_whole_numbers_from_1_up(ids):
    assert ids_are_positive(ids) is None


@pytest.mark.parametrize("wrong", [0, -3, 1.0, "7", None, True])
def test_what_is_no_id_is_told(wrong):
    assert ids_are_positive([5, wrong]) == f"1 of 2 are no ids, such as {wrong!r}"


@pytest.mark.parametrize("ranks", [[1, 2, 3], [2, 5, 500], [1]])
def test_ranks_ascend_and_may_have_gaps(ranks):
    assert ranks_ascend(stories(range(1, len(ranks) + 1)).assign(rank=ranks)) is None


@pytest.mark.parametrize(
    ("ranks", "problem"),
    [
        ([0, 1, 2], "the rank 0 is none from 1 to 500"),
        ([1, 2, 501], "the rank 501 is none from 1 to 500"),
        ([1, 3, 2], "the rank 2 is not below the one before"),
        ([1, 1, 2], "the rank 1 is not below the one before"),
    ],
)
def test_ranks_of_no_list_are_told(ranks, problem):
    assert ranks_ascend(stories([7, 8, 9]).assign(rank=ranks)) == problem


def test_titles_that_show_nothing_are_told():
    frame = stories([1, 2, 3, 4])
    assert titles_show(frame) is None
    frame["title"] = ["Rust", None, " ", "\u200b"]
    assert titles_show(frame.astype({"title": "string"})) == "3 of 4 titles are empty"


def test_it_is_odd_if_nothing_has_a_score():
    frame = stories([1, 2], score=None)
    assert scores_are_known(frame) == "none of 2 has a score"
    frame.loc[1, "score"] = 3
    assert scores_are_known(frame) is None


class TestHalfIsKnown:
    @pytest.mark.parametrize("count", [20, 64, 65, 500])
    def test_the_same_stories_are_known_and_others_are_not(self, count):
        last = sample(stories(range(1, count + 1)))
        assert half_is_known(stories(range(1, count + 1), LATER), last) is None
        assert half_is_known(stories(range(1001, count + 1001), LATER), last) == (
            "about 100% of the stories weren't there at 2026-11-22 12:30 UTC"
        )

    @pytest.mark.parametrize("other", range(0, 500, 25))
    def test_of_500_a_sample_tells_nearly_how_many_are_other(self, other):
        last = sample(stories(range(1, 501)))
        found = half_is_known(stories(range(1 + other, 501 + other), LATER), last)
        if other <= 0.35 * 500:
            assert found is None
        if other >= 0.65 * 500:
            share = int(found.removeprefix("about ").partition("%")[0]) / 100
            assert share == pytest.approx(other / 500, abs=0.15)

    def test_up_to_64_it_is_exact(self):
        last = sample(stories(range(1, 41)))
        assert half_is_known(stories(range(21, 61), LATER), last) is None
        assert half_is_known(stories(range(22, 62), LATER), last).startswith("about 52%")

    @pytest.mark.parametrize(("then", "now"), [(500, 200), (200, 500)])
    def test_a_list_of_another_length_is_compared_as_far_as_both_samples_reach(self, then, now):
        found = half_is_known(
            stories(range(1, now + 1), LATER), sample(stories(range(1, then + 1)))
        )
        assert (found is None) == (now < then)  # of the longer one, 300 of 500 are other

    def test_the_order_is_all_the_same(self):
        assert sample(stories([3, 1, 2])) == sample(stories([1, 2, 3]))

    @pytest.mark.parametrize(
        ("now", "last"),
        [
            (stories(range(1, 20), LATER), sample(stories(range(101, 120)))),
            (stories(range(1, 41), LATER), {"rows": 40}),
            (stories(range(1, 41), datetime(2026, 11, 22, 13, 31)), sample(stories(range(61, 99)))),
            (stories(range(1, 41)), sample(stories(range(61, 99), LATER))),
        ],
        ids=["few", "nothing to compare with", "after a pause", "of the future"],
    )
    def test_nothing_is_said(self, now, last):
        assert half_is_known(now, last) is None

    def test_what_is_kept_is_small(self):
        assert len(repr(sample(stories(range(10**7, 10**7 + 500))))) < 900
