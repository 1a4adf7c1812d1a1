"""To tell the words of all titles at once is to tell them a title at a time."""

from __future__ import annotations

import re
import sys
import unicodedata

import pytest
from hypothesis import given, settings

from hn_luigi.cloud import find_words
from hn_luigi.cloud.reader import Reader
from hn_luigi.hackernews import DECORATIONS

from . import plain_words
from .hostile_titles import TITLE, TITLES
from .test_words import ANY_TITLES, ROWS


def texts_of(reader: Reader, title: str) -> list[str]:
    """What the tokens of a title are in it; nothing of a BREAK."""
    read = reader.read([title]).items.tolist()
    texts = {number: text for text, number in reader.numbers.items()}
    return [texts[number] for number in read]


@given(TITLES)
@settings(max_examples=60, deadline=None)
def test_hostile_titles_hold_the_words_that_each_holds_by_itself(titles) -> None:
    assert list(find_words(titles).items()) == list(plain_words.find_words(titles).items())


@given(ANY_TITLES)
@settings(max_examples=40, deadline=None)
def test_titles_of_few_words_hold_the_words_that_each_holds_by_itself(titles) -> None:
    assert list(find_words(titles).items()) == list(plain_words.find_words(titles).items())


def test_awkward_titles_do_so_all_together() -> None:
    titles = [title for titles, _ in ROWS for title in titles]

    found = find_words(titles, ignore=DECORATIONS)

    assert list(found.items()) == list(plain_words.find_words(titles, DECORATIONS).items())


@given(TITLE, TITLE)
@settings(max_examples=150, deadline=None)
def test_tokens_are_those_of_the_whole_title_whatever_was_read_before(before, title) -> None:
    reader = Reader(None)
    reader.read([before])

    assert texts_of(reader, title) == plain_words.read(title)


@pytest.mark.parametrize(
    "title",
    [
        *("$ 5 wolf", "50 % wolf", "wolf 5 $ 5 %", "Foxes & Wolves", "&", "& wolf"),
        *("J. Doe", "J.\u00a0Doe", "J. doe", "Dr. Wolf"),
        *("C++ 20", "C++\t20", "c# 9x wolf", "Covid 19", "COVıD 19"),
    ],
)
def test_what_depends_on_a_neighbour_is_read_with_it(title: str) -> None:
    reader = Reader(None)
    reader.read(title.split())

    assert texts_of(reader, title) == plain_words.read(title)


def test_str_and_the_patterns_agree_on_what_characters_are() -> None:
    """Titles are cut where `str` sees spaces, and what it calls letters isn't matched further."""
    every = "".join(map(chr, range(sys.maxunicode + 1)))

    assert re.findall(r"\s", every) == [char for char in every if char.isspace()]
    assert re.findall(r"[^\W_]", every) == [char for char in every if char.isalnum()]
    assert not [c for c in every if c.isprintable() and unicodedata.category(c) == "Cf"]
