"""Every format gives back the value that it was given, or refuses it."""

from __future__ import annotations

import datetime as dt
import io
import json
import zlib

import numpy as np
import pandas as pd
import pytest

from hn_luigi.assets import FORMATS, Asset, AssetError, Format, formats
from hn_luigi.assets.errors import FormatError

from .values import WORDS, stored


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
    with pytest.raises(AssetError, match="data/bread .*delete it and run again"):
        formats.decode(suffix, b"\xff\xfe\x00", what="data/bread")


def test_a_new_suffix_is_one_line(monkeypatch):
    monkeypatch.setitem(
        formats.FORMATS, ".n", formats.Format(lambda n: b"x" * n, lambda data: len(data))
    )
    assert formats.decode(".n", formats.encode(".n", 3, what="it"), what="it") == 3


def test_an_unknown_suffix_names_the_known_ones():
    with pytest.raises(AssetError, match=r"no format for the suffix '.doc': use one of .html, "):
        formats.format_of(".doc", what="Bread")


@pytest.mark.parametrize("suffix", sorted(FORMATS))
def test_nothing_at_all_is_refused_as_a_forgotten_return(suffix):
    with pytest.raises(AssetError, match=r"bread: compute\(\) returned None.*lack a return"):
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
                WORDS.groupby("word").sum(),
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

        with pytest.raises(FormatError, match=r"shop/bread\.x isn't a readable \.x file"):
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

    with pytest.raises(AssetError, match="words/2026.*the key 1 isn't a string"):
        Words().run()
    assert not (root / "words").exists()
