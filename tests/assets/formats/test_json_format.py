"""A value comes back from JSON as it was, or is refused by the name of what would not."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter, namedtuple

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings

from hn_luigi.assets import AssetError, formats

from .values import NAMES, SCALARS, Grain, stored

Point = namedtuple("Point", "x y")


ITSELF: list[object] = []
ITSELF.append(ITSELF)


DEEP: list[object] = []
for _ in range(5_000):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    ("value", "back"),
    [
        ((1, (2,)), [1, [2]]),
        (Point(1, 2), [1, 2]),
        ([np.int64(3), {"x": np.float32(0.5)}, np.bool_(True)], [3, {"x": 0.5}, True]),
        (np.uint64(2**64 - 1), 2**64 - 1),
        (Counter("ab"), {"a": 1, "b": 1}),
        ({Grain.RYE: Grain.RYE}, {"rye": "rye"}),
        ([None, False, -0.0, 1e308, 2**200, ""], [None, False, -0.0, 1e308, 2**200, ""]),
    ],
)  # fmt: skip
def test_what_json_has_a_form_for_comes_back_equal(value, back):
    again = stored(".json", value)
    assert again == back
    assert repr(again) == repr(back)  # -0.0 and True are equal to what they are not


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({1: "a"}, "the key 1 isn't a string: use strings"),
        ({1: "a", "1": "b"}, "the key 1 isn't a string"),
        ([{"a": {None: 1}}], r"\[0\]\['a'\]: the key None isn't a string"),
        ({True: 1}, "the key True isn't a string"),
        ({dt.date(2026, 1, 1): 1}, "keys must be str"),
        ({(1, 2): 1}, "keys must be str"),
        ({np.int64(1): 1}, "keys must be str"),
        (math.nan, "JSON holds text, finite numbers"),
        ([np.float64("inf")], "JSON holds text, finite numbers"),
        (np.array([1]), "to a list with tolist"),
        ({"a": dt.datetime(2026, 1, 1)}, "datetime isn't JSON; JSON holds text"),
        (b"x", "bytes isn't JSON"),
        (np.timedelta64(5, "ns"), "timedelta64 isn't JSON"),
        ([np.datetime64(5, "ns")], "datetime64 isn't JSON"),
        ("\ud800", "surrogates"),
        ([10**5_000], "4300 digits"),
        (ITSELF, "Circular reference"),
        (DEEP, "recursion|nested more than 500 deep"),
    ],
)
def test_what_json_would_give_back_different_is_refused_by_name(value, message):
    with pytest.raises(AssetError, match=rf"^bread: compute\(\) returned a .*: .*({message})"):
        formats.encode(".json", value, what="bread")


JSON_LIKE = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.tuples(inner, inner),
        st.dictionaries(st.one_of(st.text(max_size=2), NAMES), inner, max_size=3),
    ),
    max_leaves=8,
)


def listed(value):
    """``value`` with tuples as lists, and numpy's scalars as numbers."""
    if isinstance(value, (list, tuple)):
        return [listed(each) for each in value]
    if isinstance(value, dict):
        return {name: listed(each) for name, each in value.items()}
    return value.item() if isinstance(value, np.generic) else value


def same(value, back):
    if type(value) is Grain:
        return back == value.value and type(back) is str
    if type(value) is not type(back):
        return False
    if isinstance(value, list):
        return len(value) == len(back) and all(map(same, value, back))
    if isinstance(value, dict):
        keys = {type(k): k for k in value}.keys() <= {str, Grain}
        return keys and value.keys() == back.keys() and all(same(value[k], back[k]) for k in value)
    return value == back and math.copysign(1, value) == math.copysign(1, back) \
        if isinstance(value, float) else value == back  # fmt: skip


@hypothesis_settings(deadline=None, max_examples=200)
@given(JSON_LIKE)
def test_json_comes_back_equal_or_is_refused(value):
    try:
        data = formats.encode(".json", value, what="bread")
    except AssetError:
        return
    assert same(listed(value), formats.decode(".json", data, what="bread"))
