"""What a page has to be, and what of it is odd."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from hn_luigi import Wordcloud
from hn_luigi.hackernews import to_frame
from hn_luigi.pages.checks import has_ten_words, is_below_a_megabyte, picture_decodes

WORDS = "Rust Zig Ada Fortran Cobol Prolog Haskell Erlang Elixir Scala Kotlin Swift"


@pytest.fixture
def page(settings):
    settings("cloud", width=200, height=100)
    items = [{"id": i, "title": title} for i, title in enumerate(WORDS.split(), start=1)]
    return Wordcloud().compute(to_frame(items, as_of=datetime(2026, 11, 22))[0])


def test_a_page_is_well(page):
    assert [check(page) for check in (picture_decodes, has_ten_words, is_below_a_megabyte)] == [
        None,
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("data:image/png", "data:image/gif", "it has no picture"),
        ("base64,iVBOR", "base64,iVBO!", "its picture can't be decoded: Only base64"),
        ("base64,iVBOR", "base64,AAAAA", "its picture can't be decoded: cannot identify"),
    ],
)
def test_without_a_picture_that_decodes_it_is_refused(page, old, new, problem):
    assert old in page
    assert picture_decodes(page.replace(old, new)).startswith(problem)


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_half_a_picture_is_none(page, share):
    begin, picture = page.split("base64,")
    kept = int(len(picture) * share) // 4 * 4
    assert picture_decodes(f"{begin}base64,{picture[:kept]}\n") is not None


def of_old(page):
    """The page in the form that it was stored in up to 2026: the picture where it is shown."""
    rest, data = page.split("[cloud]: ")
    rest = re.sub(
        "^[|].*$",
        lambda row: re.sub(" +|--+", lambda m: m[0][:3] if "-" in m[0] else " ", row[0]),
        rest,
        flags=re.MULTILINE,
    )
    return rest.replace("][cloud]", f"]({data.strip()})")


def test_a_page_of_the_old_form_is_well(page):
    old = of_old(page)
    assert "](data:image/png;base64," in old
    assert "| 1 |" in old
    assert [check(old) for check in (picture_decodes, has_ten_words)] == [None, None]
    assert picture_decodes(old.replace("base64,iVBOR", "base64,AAAAA")) is not None


def test_a_page_of_few_words_is_odd(page):
    few = "\n".join(line for line in page.splitlines() if not line.endswith(" 1 |"))
    assert has_ten_words(few) == "0 words, fewer than 10"


def test_a_page_that_is_large_is_odd(page):
    assert is_below_a_megabyte(page + "x" * 1_100_000) == "1.1 MB, more than 1"


def test_the_largest_picture_that_can_be_set_decodes(settings):
    settings("cloud", width=8000, height=8000, max_words=3)
    items = [{"id": i, "title": title} for i, title in enumerate(WORDS.split(), start=1)]
    page = Wordcloud().compute(to_frame(items, as_of=datetime(2026, 11, 22))[0])
    assert picture_decodes(page) is None
