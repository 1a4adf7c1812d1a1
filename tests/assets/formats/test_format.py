from __future__ import annotations

import datetime as dt
import decimal
import enum
import io
import json
import math
import warnings
import zlib
from collections import Counter, namedtuple

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings

from hn_luigi.assets import FORMATS, Asset, AssetError, Format, formats
from hn_luigi.assets.errors import FormatError

FRAME = pd.DataFrame(
    {"n": pd.array([1, None], dtype="Int64"), "s": pd.array(["a", None], "string")}
)


@pytest.mark.parametrize(
    ("suffix", "value"),
    [
        (".json", {"a": [1, None, "ü"]}),
        (".md", "# Ü\n"),
        (".txt", ""),
        (".html", "<p>"),
        (".png", b"\x89PNG"),
    ],
)
def test_a_value_comes_back_as_it_was(suffix, value):
    assert formats.decode(suffix, formats.encode(suffix, value, what="it"), what="it") == value


def test_a_frame_comes_back_with_its_dtypes():
    data = formats.encode(".parquet", FRAME, what="it")
    pd.testing.assert_frame_equal(formats.decode(".parquet", data, what="it"), FRAME)


def test_the_same_value_gives_the_same_bytes():
    first, second = (formats.encode(".parquet", FRAME.copy(), what="it") for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("suffix", "value"),
    [
        (".json", float("nan")),
        (".json", {1, 2}),
        (".parquet", 3),
        (".md", 3),
        (".png", 3),
        (".png", "x"),
    ],
)
def test_a_value_that_does_not_fit_is_named_with_its_step(suffix, value):
    with pytest.raises(AssetError, match=f"bread: compute.. returned a {type(value).__name__}"):
        formats.encode(suffix, value, what="bread")


@pytest.mark.parametrize("suffix", [".json", ".parquet", ".md"])
def test_damaged_bytes_are_named_with_the_remedy(suffix):
    with pytest.raises(AssetError, match="data/bread .*remove it and run again"):
        formats.decode(suffix, b"\xff\xfe\x00", what="data/bread")


def test_a_new_suffix_is_one_line(monkeypatch):
    monkeypatch.setitem(
        formats.FORMATS, ".n", formats.Format(lambda n: b"x" * n, lambda data: len(data))
    )
    assert formats.decode(".n", formats.encode(".n", 3, what="it"), what="it") == 3


def test_an_unknown_suffix_names_the_known_ones():
    with pytest.raises(AssetError, match=r"no format for the suffix '.doc': use one of .html, "):
        formats.format_of(".doc", what="Bread")


def stored(suffix, value):
    """What comes back of ``value``."""
    return formats.decode(suffix, formats.encode(suffix, value, what="bread"), what="bread")


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


WORDS = pd.DataFrame({"word": ["a", "b", "a"], "n": [1, 2, 3]})
BERLIN = pd.date_range("2026-03-28", periods=3, tz="Europe/Berlin")


class Grain(enum.StrEnum):
    RYE = "rye"


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


@pytest.mark.parametrize("frame", KEPT.values(), ids=KEPT.keys())
def test_a_frame_comes_back_as_it_was(frame):
    assert_same_frame(stored(".parquet", frame), frame)
    assert formats.encode(".parquet", frame, what="it") == formats.encode(
        ".parquet", frame.copy(), what="it"
    )


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


Point = namedtuple("Point", "x y")


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


ITSELF: list[object] = []
ITSELF.append(ITSELF)
DEEP: list[object] = []
for _ in range(5_000):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({1: "a"}, "the key 1 is no string: use strings"),
        ({1: "a", "1": "b"}, "the key 1 is no string"),
        ([{"a": {None: 1}}], r"\[0\]\['a'\]: the key None is no string"),
        ({True: 1}, "the key True is no string"),
        ({dt.date(2026, 1, 1): 1}, "keys must be str"),
        ({(1, 2): 1}, "keys must be str"),
        ({np.int64(1): 1}, "keys must be str"),
        (math.nan, "JSON holds text, finite numbers"),
        ([np.float64("inf")], "JSON holds text, finite numbers"),
        (np.array([1]), "made a list with tolist"),
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


@pytest.mark.parametrize("suffix", sorted(FORMATS))
def test_nothing_at_all_is_refused_as_a_forgotten_return(suffix):
    with pytest.raises(AssetError, match=r"bread: compute\(\) returned None.*lacks its return"):
        formats.encode(suffix, None, what="bread")


@pytest.mark.parametrize("value", [memoryview(b"xy"), bytearray(b"xy"), b""])
def test_bytes_of_every_kind_are_stored(value):
    assert stored(".png", value) == bytes(value)


@pytest.mark.parametrize("value", [io.BytesIO(b"x"), np.zeros(3), memoryview(np.zeros(3))])
def test_what_is_no_bytes_is_not_taken_for_some(value):
    with pytest.raises(AssetError, match="can't be stored as .png: "):
        formats.encode(".png", value, what="bread")


class TestFormatsOfOthers:
    """They are held to what a Format promises, wherever two values can be compared."""

    @pytest.fixture
    def through(self):
        def through(value, encode, decode):
            form = Format(encode, decode)
            return formats.decode(
                ".x", formats.encode(".x", value, what="bread", own=form), what="bread", own=form
            )

        return through

    def test_a_frame_that_comes_back_without_its_index_is_refused(self, through):
        with pytest.raises(
            AssetError, match=r"its index doesn't come back.*reset_index\(\), or let"
        ):
            through(
                KEPT["an index of words"],
                lambda f: f.to_csv(index=False).encode(),
                lambda b: pd.read_csv(io.BytesIO(b)),
            )

    def test_a_frame_that_comes_back_is_stored(self, through):
        frame = pd.DataFrame({"a": [0.1 + 0.2, 1e-9], "b": ["x", "y"]})
        back = through(
            frame, lambda f: f.to_csv(index=False).encode(), lambda b: pd.read_csv(io.BytesIO(b))
        )
        pd.testing.assert_frame_equal(back, frame)

    def test_a_value_that_comes_back_different_is_refused(self, through):
        with pytest.raises(AssetError, match=r"\[1\]: 2 comes back as '2'"):
            through(
                ["1", 2], lambda v: ",".join(map(str, v)).encode(), lambda b: b.decode().split(",")
            )

    def test_keys_that_a_format_keeps_are_kept(self, through):
        value = {1: "a", dt.date(2026, 1, 1): {2.5}}
        assert through(value, lambda v: b"", lambda b: {**value}) == value

    @pytest.mark.parametrize("error", [KeyError("k"), EOFError(), zlib.error("-3"), OSError()])
    def test_what_one_can_t_read_any_more_is_told_of_by_name(self, error):
        def decode(data):
            raise error

        with pytest.raises(FormatError, match=r"shop/bread\.x is no readable \.x file"):
            formats.decode(".x", b"", what="shop/bread.x", own=Format(bytes, decode))

    @pytest.mark.parametrize("form", [(bytes, bytes), object()])
    def test_what_is_registered_and_no_format_is_refused_by_name(self, form, monkeypatch):
        monkeypatch.setitem(FORMATS, ".x", form)
        with pytest.raises(FormatError, match=r"FORMATS\['\.x'\] is .*; make it a Format"):
            formats.encode(".x", b"", what="bread")
        assert formats.counted_format(".x") is None

    def test_a_value_that_becomes_another_kind_of_thing_is_not_compared(self, through):
        assert through(WORDS, lambda f: f.to_html().encode(), bytes.decode).startswith("<table")

    def test_nothing_is_asked_of_the_equality_of_others(self, through):
        class Figure:
            def __eq__(self, other):
                pytest.fail("it is compared")

        assert isinstance(through([Figure()], lambda v: b"", lambda b: [Figure()])[0], Figure)

    @pytest.mark.parametrize("decode", [json.loads, None, lambda data: {}[data]])
    def test_what_can_t_be_read_back_is_refused(self, through, decode):
        with pytest.raises(AssetError, match="its Format's decode can't read it back.*bytes"):
            through(3, lambda v: b"{", decode)

    @pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
    def test_bytes_of_every_kind_may_be_encoded(self, through, kind):
        assert through("x", lambda v: kind(b"x"), bytes.decode) == "x"

    @pytest.mark.parametrize("inside", [lambda frame: frame, lambda frame: [{"a": frame}]])
    def test_frames_within_lists_and_dicts_are_compared_too(self, through, inside):
        with pytest.raises(AssetError, match="its index doesn't come back"):
            through(inside(WORDS), lambda v: b"", lambda b: inside(WORDS.set_axis([1, 2, 3])))

    def test_a_series_that_loses_its_index_is_refused(self, through):
        with pytest.raises(AssetError, match="its index doesn't come back"):
            through(WORDS["n"][1:], lambda v: b"", lambda b: WORDS["n"][1:].reset_index(drop=True))

    def test_a_picture_may_come_back_a_little_different(self, through):
        assert through(np.zeros(2), lambda v: b"", lambda b: np.ones(2)).sum() == 2

    def test_what_is_encoded_as_text_is_refused(self, through):
        with pytest.raises(AssetError, match="gives a str and must give bytes"):
            through(3, str, int)


def test_a_value_that_would_come_back_different_is_not_published(clock, root):
    class Words(Asset):
        suffix = ".json"

        def compute(self):
            return {1: "a"}

    with pytest.raises(AssetError, match="words/2026.*the key 1 is no string"):
        Words().run()
    assert not (root / "words").exists()


NAMES = st.one_of(st.text(max_size=3), st.integers(-3, 3), st.booleans(), st.none(), st.dates())
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(2**62, 2**66),
    st.floats(),
    st.text(max_size=4),
    st.sampled_from([np.int32(3), np.float64(0.1), np.bool_(False), np.float32("nan"), Grain.RYE]),
)
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
