"""A table comes back from Parquet as it was, or is refused with a remedy."""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import io
import math
import warnings

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings

from hn_luigi.assets import PARQUET_ZSTD, AssetError, formats

from .values import FRAME, SCALARS, WORDS, Grain, stored


def test_a_frame_comes_back_with_its_dtypes():
    data = formats.encode(".parquet", FRAME, what="it")
    pd.testing.assert_frame_equal(formats.decode(".parquet", data, what="it"), FRAME)


def test_the_same_value_gives_the_same_bytes():
    first, second = (formats.encode(".parquet", FRAME.copy(), what="it") for _ in range(2))
    assert first == second


def as_lists(cell):
    """A cell as Python has it: what Parquet makes arrays and padded structs of."""
    if isinstance(cell, (np.ndarray, list, tuple)):
        return [as_lists(each) for each in cell]
    if isinstance(cell, dict):
        return {name: as_lists(each) for name, each in cell.items() if each is not None}
    return cell


def assert_same_frame(back, frame):
    """By pandas' own judgement, which knows nothing of ours."""
    back, frame = back.copy(), frame.copy()
    for i, dtype in enumerate(frame.dtypes):
        cells = frame.iloc[:, i]
        if str(dtype) == "object" and any(isinstance(each, (list, tuple, dict)) for each in cells):
            assert [as_lists(each) for each in back.iloc[:, i]] == [as_lists(c) for c in cells]
            back.isetitem(i, 0)
            frame.isetitem(i, 0)
    pd.testing.assert_frame_equal(back, frame, check_exact=True, check_freq=True)


BERLIN = pd.date_range("2026-03-28", periods=3, tz="Europe/Berlin")


class Size(enum.Enum):
    SMALL = 1


KEPT = {
    "an index of words": WORDS.groupby("word").sum(),
    "an index of two levels": WORDS.set_index(["word", "n"]).assign(x=1),
    "an index of dates that has a frequency": pd.DataFrame({"a": [1, 2, 3]}, index=BERLIN),
    "an index of which a level has a frequency": pd.DataFrame(
        {"a": range(6)}, index=pd.MultiIndex.from_product([BERLIN, ["x", "y"]], names=["d", "k"])
    ),
    "an index of periods": pd.DataFrame({"a": [1]}, index=pd.period_range("2026", periods=1)),
    "an index of intervals": pd.DataFrame({"a": [1]}, index=pd.IntervalIndex.from_breaks([0, 1])),
    "an index by steps": pd.DataFrame({"a": [1, 2]}, index=pd.RangeIndex(2, 6, 2, name="i")),
    "an index of one name with a column": WORDS.set_index(WORDS["n"].rename("word")),
    "a selection of rows": WORDS[WORDS["n"] > 1],
    "numbers as names of columns": pd.DataFrame([[1, 2]]),
    "two levels of columns": WORDS.pivot_table(index="word", columns="n", aggfunc="size").stack()
    .unstack().set_axis(pd.MultiIndex.from_product([["n"], [1, 2, 3]]), axis=1),
    "a name of the columns": pd.DataFrame({"a": [1]}).rename_axis(columns="k"),
    "no rows": WORDS.head(0),
    "nothing": pd.DataFrame(),
    "a zone of time": pd.DataFrame({"a": BERLIN}),
    "a fixed offset": pd.DataFrame({"a": pd.to_datetime(["2026-01-01T00:00+05:30"])}),
    "seconds": pd.DataFrame({"a": pd.Series(["2026"], dtype="datetime64[s]")}),
    "nanoseconds": pd.DataFrame({"a": pd.Series([1], dtype="datetime64[ns]")}),
    "an order of categories, one unused": pd.DataFrame(
        {"a": pd.Categorical(["b"], categories=["c", "b", "a"], ordered=True)}
    ),
    "categories of numbers": pd.DataFrame({"a": pd.Categorical([1, None], categories=[2, 1])}),
    "no category": pd.DataFrame({"a": pd.Categorical([None], categories=[])}),
    "text as objects": pd.DataFrame({"a": pd.Series(["x", None], dtype=object)}),
    "numbers as objects": pd.DataFrame({"a": pd.Series([2**53 + 1, None], dtype=object)}),
    "lists": pd.DataFrame({"a": [[1, None], [], None, [2**53 + 1, 2]]}),
    "dicts": pd.DataFrame({"a": [{"x": 1}, {"y": [{"z": 2}]}]}),
    "dates and decimals": pd.DataFrame(
        {"d": [dt.date(2026, 1, 1)], "n": [decimal.Decimal("1.10")]}
    ),
    "nullable kinds": FRAME.assign(b=pd.array([True, None], dtype="boolean")),
    "the largest number": pd.DataFrame({"a": pd.Series([2**64 - 1], dtype="uint64")}),
    "zero below zero, and no number": pd.DataFrame({"a": [-0.0, math.nan, math.inf]}),
}  # fmt: skip
DAYS_AND_WORDS = pd.MultiIndex.from_product([BERLIN, ["x"]], names=["day", "word"])
WITH_GAPS = pd.DataFrame({"n": [1, 2, 3]}, index=DAYS_AND_WORDS).iloc[[0, 2]]


def with_attrs(attrs):
    frame = WORDS.copy()
    frame.attrs = attrs
    return frame


@pytest.mark.parametrize("own", [None, PARQUET_ZSTD], ids=["snappy", "zstd"])
@pytest.mark.parametrize("frame", KEPT.values(), ids=KEPT.keys())
def test_a_frame_comes_back_as_it_was(frame, own):
    first, second = (
        formats.encode(".parquet", each, what="it", own=own) for each in (frame, frame.copy())
    )
    assert_same_frame(formats.decode(".parquet", first, what="it", own=own), frame)
    assert_same_frame(formats.decode(".parquet", first, what="it"), frame)
    assert first == second


def test_whole_numbers_in_dicts_stay_whole_where_others_lack_the_key():
    """Which assert_frame_equal doesn't tell: an id would become 1.0."""
    cells = [{"id": 1}, {"name": "x", "tags": [{"id": 2}, {}]}]
    first, second = stored(".parquet", pd.DataFrame({"a": cells}))["a"]
    assert repr(first["id"]) == "1"
    assert repr(second["tags"][0]["id"]) == "2"


@pytest.mark.parametrize(
    "frame",
    [WORDS, WORDS.head(0), FRAME, pd.DataFrame({"a": BERLIN}), KEPT["dates and decimals"]],
)
def test_a_frame_whose_index_numbers_its_rows_has_the_bytes_that_it_always_had(frame):
    plain = io.BytesIO()
    frame.to_parquet(plain, engine="pyarrow", index=False)
    assert formats.encode(".parquet", frame, what="it") == plain.getvalue()


@pytest.mark.parametrize(
    ("frame", "remedy"),
    [
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "Columns need distinct strings as names"),
        (pd.DataFrame([[1, 2]], columns=["a", 1]), "name its columns by distinct strings"),
        (pd.DataFrame({"a": [1, "x"]}), "one kind of value each"),
        (pd.DataFrame({"a": [2**64, 1]}), "one kind of value each"),
        (pd.DataFrame({"a": [1j]}), "one kind of value each, that Parquet has"),
        (pd.DataFrame({"a": [{1}]}), "the column 'a' holds {1}.*convert it"),
        (pd.DataFrame({"a": [[math.nan]]}), "the column 'a' holds .*convert it"),
        (pd.DataFrame({"a": pd.Series(["x", math.nan], dtype=object)}), "'a' holds nan.*convert"),
        (pd.DataFrame({"a": pd.Series([1, True], dtype=object)}), "one kind of value each|convert"),
        (pd.DataFrame({"a": [Size.SMALL]}), "one kind of value"),
        (pd.DataFrame({"a": pd.arrays.SparseArray([0])}), "one kind of value"),
        (pd.DataFrame({"a": pd.cut([1, 2], 2)}), "one kind of value"),
        (pd.DataFrame(index=range(3)), "reset_index|give it columns"),
        (WITH_GAPS, "its freq .* comes back as None.*reset_index"),
        (pd.DataFrame({"a": [1]}).set_flags(allows_duplicate_labels=False), "set_flags"),
        (type("Sub", (pd.DataFrame,), {})({"a": [1]}), "return that, as with pd.DataFrame"),
        (with_attrs({"a": {1}}), "attrs can't be stored .*empty them"),
        (with_attrs({1: "a"}), "attrs can't be stored .*empty them"),
        (pd.Series([1]), "must be a pandas DataFrame: use to_frame"),
        (
            pd.DataFrame({"a": [1]}, index=pd.Index([(1, {2})], tupleize_cols=False)),
            "reset_index|one kind of value",
        ),
    ],
)
def test_a_frame_that_would_come_back_different_is_refused_with_the_remedy(frame, remedy):
    said = rf"^bread: compute\(\) returned a \w+ that .*({remedy})"
    with warnings.catch_warnings(), pytest.raises(AssetError, match=said):
        warnings.simplefilter("ignore")  # pandas says of some that they won't come back
        formats.encode(".parquet", frame, what="bread")


CELLS = st.one_of(
    SCALARS.filter(lambda each: not isinstance(each, Grain)),
    st.binary(max_size=3),
    st.dates(),
    st.datetimes(timezones=st.one_of(st.none(), st.timezones())),
    st.timedeltas(),
    st.times(),
    st.decimals(allow_nan=False, allow_infinity=False, places=3),
    st.lists(st.one_of(st.none(), st.integers(), st.floats()), max_size=2),
    st.dictionaries(st.sampled_from("xy"), st.integers(-9, 9), max_size=2),
    st.sets(st.integers(0, 2), max_size=2),
    st.just(pd.NaT),
)
DTYPES = st.sampled_from(
    [None, object, "str", "string", "category", "Int64", "int8", "uint64", "float32", "Float64",
     "boolean", "bool", "datetime64[s]", "datetime64[ns, Asia/Tokyo]", "timedelta64[ms]",
     "period[M]", "int64[pyarrow]", "complex128"]
)  # fmt: skip
LABELS = st.one_of(
    st.none(),
    st.lists(st.text(max_size=2), min_size=3, max_size=3),
    st.lists(st.integers(0, 3), min_size=3, max_size=3),
    st.lists(st.one_of(st.text(max_size=2), st.integers(0, 3), st.none()), min_size=3, max_size=3),
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 2)), min_size=3, max_size=3),
    st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2090, 1, 1)).map(
        lambda start: pd.date_range(start, periods=3, freq="D", tz="UTC")
    ),
)


@st.composite
def frames(draw):
    rows = draw(st.sampled_from([0, 1, 3]))
    columns = []
    for _ in range(draw(st.integers(0, 3))):
        kind = draw(st.sampled_from([CELLS, st.integers(0, 99), st.text(max_size=3)]))
        cells = draw(st.lists(kind, min_size=rows, max_size=rows))
        dtype = draw(DTYPES)
        try:
            columns.append(pd.Series(cells, dtype=dtype))
        except Exception:  # pandas has no such column
            columns.append(pd.Series(range(rows)))
    frame = pd.DataFrame(dict(enumerate(columns)), index=pd.RangeIndex(rows))
    names, labels = draw(LABELS), draw(LABELS)
    frame.columns = (
        [f"c{i}" for i in range(len(columns))] if names is None else names[: len(columns)]
    )
    if labels is not None:
        frame.index = pd.Index(labels[:rows])
        if frame.index.nlevels == 1:
            frame.index.name = draw(st.sampled_from([None, "k", "c0", 0]))
    return frame


@hypothesis_settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(frames())
def test_a_frame_comes_back_equal_or_is_refused(frame):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            data = formats.encode(".parquet", frame, what="bread")
        except AssetError:
            return
        assert_same_frame(formats.decode(".parquet", data, what="bread"), frame)


@pytest.mark.parametrize("index", [None, ["x", "y", "z"]])
def test_what_a_frame_says_of_itself_comes_back_too(index):
    frame = with_attrs({"unit": {"n": "kg"}, "of": [1, None]})
    frame.index = pd.RangeIndex(3) if index is None else pd.Index(index)
    back = stored(".parquet", frame)
    assert back.attrs == frame.attrs
    pd.testing.assert_frame_equal(back, frame)
