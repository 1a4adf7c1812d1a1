"""How much likelier a word became: by its sign the shares, by its size the evidence."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hn_luigi.trends.curves import CLEAR
from hn_luigi.trends.log_odds import PRIOR, log_odds


def of(now, of_now, before, of_before):
    difference, z = log_odds(np.array([float(now)]), of_now, np.array([float(before)]), of_before)
    return float(difference[0]), float(z[0])


def test_it_is_that_of_the_paper():
    """Equations 16, 20 and 22 by hand: α is 10 headlines, α₀ as many as hold it that often."""
    alpha, alpha_0 = 10, 10 / (60 / 1500)
    one = math.log((24 + alpha) / (500 + alpha_0 - 24 - alpha))
    other = math.log((36 + alpha) / (1000 + alpha_0 - 36 - alpha))
    deviation = math.sqrt(1 / (24 + alpha) + 1 / (36 + alpha))
    assert alpha == PRIOR
    assert of(24, 500, 36, 1000) == pytest.approx((one - other, (one - other) / deviation))


def test_more_evidence_of_the_same_change_is_surer():
    assert of(40, 500, 20, 500)[1] > of(8, 500, 4, 500)[1] > 0


def test_few_headlines_prove_little():
    """A word of three headlines, new or nearly so, comes after one that doubled."""
    doubled = of(24, 500, 12 * 28, 500 * 28)[1]
    assert all(of(3, 500, before, 500 * 28)[1] < doubled for before in range(80))


@given(st.integers(3, 3000), st.integers(1, 10**8), st.integers(0, 80))
def test_a_word_in_three_headlines_is_never_told_of(size, of_before, before):
    assert of(3, size, min(before, of_before), of_before)[1] < CLEAR


def test_a_new_word_in_many_headlines_comes_before_one_that_doubled():
    assert of(15, 500, 0, 500 * 28)[1] > of(24, 500, 12 * 28, 500 * 28)[1]


counts = st.tuples(st.integers(0, 500), st.integers(1, 500)).map(sorted)


@given(counts, counts)
def test_its_sign_is_that_of_the_difference_of_the_shares(now, before):
    if not now[0] and not before[0]:
        return
    difference, z = of(*now, *before)
    shares = now[0] * before[1] - before[0] * now[1]  # exact
    assert math.isfinite(z)
    if not shares:
        assert abs(difference) < 1e-9
    else:
        assert (difference > 0) == (z > 0) == (shares > 0)


@given(counts, counts)
def test_the_other_way_round_it_is_the_opposite(now, before):
    if now[0] or before[0]:
        assert of(*now, *before) == pytest.approx(tuple(-x for x in of(*before, *now)))
