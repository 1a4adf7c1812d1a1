"""What counts as a word, and how words are counted."""

from __future__ import annotations

import re

import pytest

from hn_luigi.cloud import count_words


def words_of(title: str) -> set[str]:
    return set(count_words([title]))


def test_a_title_counts_once_however_often_it_says_the_word() -> None:
    assert count_words(["Rust rust RUST", "Rust"]) == {"Rust": 2}


def test_the_order_is_by_count_then_by_the_first_title_then_by_the_alphabet() -> None:
    titles = ["zebra Mango apple", "zebra", "Banana"]

    assert list(count_words(titles)) == ["zebra", "apple", "Mango", "Banana"]


def test_the_most_frequent_spelling_is_shown() -> None:
    assert count_words(["python", "PYTHON", "Python", "Python"]) == {"Python": 4}


def test_a_tie_of_spellings_does_not_depend_on_the_order_of_titles() -> None:
    assert count_words(["python", "Python"]) == count_words(["Python", "python"]) == {"Python": 2}


def test_english_and_the_callers_stop_words_are_dropped_in_any_case() -> None:
    title = "The Cloud and THE storm don\u2019t mix"

    assert set(count_words([title], stop_words={"STORM"})) == {"Cloud", "mix"}


def test_what_ignore_matches_is_gone_and_its_neighbours_stay_apart() -> None:
    ignore = re.compile(r"\[pdf\]")

    assert set(count_words(["deep[pdf]learning"], ignore=ignore)) == {"deep", "learning"}


@pytest.mark.parametrize(
    "word",
    [
        "C++",
        "C#",
        "F#",
        "C",
        "R",
        ".NET",
        "Node.js",
        "GPT-4",
        "x86-64",
        "U.S.",
        "AT&T",
        "O'Reilly",
        "3D",
        "Ångström",
        "漢",
        "हिन्दी",
        "ภาษาไทย",
        "שָׁלוֹם",
        "می‌خواهم",
    ],
)
def test_it_is_one_word(word: str) -> None:
    assert words_of(f"wolf {word}, ({word}) fox") == {"wolf", word, "fox"}


@pytest.mark.parametrize(
    "token", ["2016", "3.5", "1,000", "50%", "10-20", "x", "r", "c", "😀", "❤️", "1️⃣", "—", "w" * 41]
)
def test_it_is_no_word(token: str) -> None:
    assert words_of(f"wolf {token} fox") == {"wolf", "fox"}


def test_a_possessive_counts_with_its_owner() -> None:
    assert count_words(["Apple's plan", "Apple\u2019s plan", "Apple"])["Apple"] == 3


def test_an_ellipsis_starts_no_word() -> None:
    assert words_of("wolf...fox") == {"wolf", "fox"}


def test_composed_and_decomposed_letters_are_the_same() -> None:
    assert count_words(["caf\u00e9", "cafe\u0301"]) == {"caf\u00e9": 2}


def test_a_plural_counts_with_a_singular_that_occurs() -> None:
    titles = ["startup", "startups", "startup startups", "companies", "company"]

    assert count_words(titles) == {"startup": 3, "company": 2}


def test_a_plural_stays_where_its_singular_does_not_occur() -> None:
    assert count_words(["startups"]) == {"startups": 1}


@pytest.mark.parametrize(
    ("plural_like", "other"),
    [
        ("iOS", "iO"),
        ("macOS", "macO"),
        ("Windows", "window"),
        ("class", "clas"),
        ("AWS", "AW"),
        ("analysis", "analysi"),
        ("virus", "viru"),
    ],
)
def test_a_word_that_only_looks_like_a_plural_stays(plural_like: str, other: str) -> None:
    assert count_words([plural_like, other]) == {plural_like: 1, other: 1}


def test_no_titles_have_no_words() -> None:
    assert count_words([]) == {}
