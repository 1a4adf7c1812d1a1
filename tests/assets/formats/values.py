"""Values that steps return, and what comes back of them."""

from __future__ import annotations

import enum

import hypothesis.strategies as st
import numpy as np
import pandas as pd

from hn_luigi.assets import formats

FRAME = pd.DataFrame(
    {"n": pd.array([1, None], dtype="Int64"), "s": pd.array(["a", None], "string")}
)
WORDS = pd.DataFrame({"word": ["a", "b", "a"], "n": [1, 2, 3]})


def stored(suffix, value):
    """What comes back of ``value``."""
    return formats.decode(suffix, formats.encode(suffix, value, what="bread"), what="bread")


class Grain(enum.StrEnum):
    RYE = "rye"


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(2**62, 2**66),
    st.floats(),
    st.text(max_size=4),
    st.sampled_from([np.int32(3), np.float64(0.1), np.bool_(False), np.float32("nan"), Grain.RYE]),
)
NAMES = st.one_of(st.text(max_size=3), st.integers(-3, 3), st.booleans(), st.none(), st.dates())
