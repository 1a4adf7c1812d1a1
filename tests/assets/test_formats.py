from __future__ import annotations

import pandas as pd
import pytest

from hn_luigi.assets import AssetError, formats

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
