"""What counts as a word, and how words are counted."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hn_luigi.cloud import count_words, find_words, vocabulary_of

from .awkward_titles import FORMS, PHRASES, TOKENS, rows

ROWS = [*rows(PHRASES), *rows(FORMS), *rows(TOKENS)]

PIECES = """
    app apps Apps LLM LLMs box boxes open source open-source Open Source opensource data center
    Centers the of New York Times new Windows 10 , : & wolf wolves wolf's AI AI-powered powered
"""
ANY_TITLES = st.lists(
    st.lists(st.sampled_from(PIECES.split()), max_size=8).map(" ".join), max_size=30
)
PLAIN = ["open", "source", "Open", "Source", "New", "York", "Times", "the", "Windows", "10", ","]
PLAIN_TITLES = st.lists(st.lists(st.sampled_from(PLAIN), max_size=6).map(" ".join), max_size=20)


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


@pytest.mark.parametrize(("titles", "words"), ROWS, ids=[" | ".join(titles) for titles, _ in ROWS])
def test_of_awkward_titles_the_right_words_come_out(
    titles: list[str], words: dict[str, int]
) -> None:
    assert count_words(titles) == words


def test_a_stop_word_is_dropped_as_it_is_shown_in_both_numbers_and_from_phrases() -> None:
    titles = [
        "Silicon Valley startups",
        "Silicon Valley wolf",
        "Silicon Valley",
        *["Shadow Source"] * 3,
    ]

    dropped = count_words(titles, stop_words={"silicon valley", "startup", "SOURCE"})

    assert dropped == {"Shadow": 3, "wolf": 1}


def test_what_is_kept_is_taken_back_from_stop_words() -> None:
    assert count_words(["The wolf"], stop_words={"wolf"}, keep={"Wolf"}) == {"wolf": 1}


def test_no_phrase_crosses_what_is_ignored() -> None:
    titles = [f"wolf [pdf] fox {word}" for word in ("one", "bear", "lynx")]

    assert count_words(titles, ignore=re.compile(r"\[pdf\]")).keys() >= {"wolf", "fox"}


def test_words_of_a_vocabulary_are_found_in_other_titles_in_any_form() -> None:
    vocabulary = vocabulary_of(["LLMs", "company", "open source", "Open Source", "open-source"])

    found = vocabulary.find(["An LLM", "open-source companies", "OpenSource LLMs", "a wolf"])

    assert found == {"LLMs": [0, 2], "Open Source": [1, 2], "company": [1]}


@pytest.mark.parametrize("piece", ["1,", "a.", "a-", "A.", "a'", "a\u200c", "open source "])
def test_a_title_of_any_length_is_read_in_one_pass(piece: str) -> None:
    """It took 21 s for 40,000 characters to look from each digit for a sign that isn't there."""
    assert len(count_words([piece * 100_000, "wolf"])) <= 3


def test_words_of_elsewhere_are_told_in_the_forms_of_a_vocabulary() -> None:
    vocabulary = vocabulary_of(["LLMs", "some agents", "Open Source"] * 3 + ["Claude"])
    words = ["LLM", "agent", "open-source", "Claude", "Claude agents", "The Claude", "wolf", ""]
    assert vocabulary.forms_of(words) == {
        "LLM": "LLMs",
        "agent": "agents",
        "open-source": "Open Source",
        "Claude": "Claude",
    }


@given(ANY_TITLES)
def test_titles_find_their_own_vocabulary(titles: list[str]) -> None:
    assert list(vocabulary_of(titles).find(titles).items()) == list(find_words(titles).items())


@given(ANY_TITLES, st.randoms(use_true_random=False))
def test_the_order_of_titles_changes_neither_words_nor_counts(titles, random) -> None:
    shuffled = random.sample(titles, len(titles))

    assert count_words(shuffled) == count_words(titles)


@given(ANY_TITLES)
def test_no_word_is_there_in_two_forms(titles: list[str]) -> None:
    forms = [re.sub("[- ]", "", word.casefold()) for word in count_words(titles)]

    assert len(forms) == len(set(forms))
    assert not {f"{form}{end}" for form in forms for end in ("s", "es")} & set(forms)


@given(PLAIN_TITLES)
def test_a_phrase_is_only_where_it_is_written_and_takes_the_place_of_its_parts(titles) -> None:
    found = find_words(titles)
    for phrase in (word for word in found if " " in word):
        parts = phrase.casefold().split()
        for number in found[phrase]:
            words = titles[number].casefold().split()
            assert parts in [words[place : place + len(parts)] for place in range(len(words))]
            alone = {part for part in parts if words.count(part) == 1}
            assert not {word.casefold() for word in found if number in found[word]} & alone


@pytest.mark.slow
def test_what_is_found_does_not_depend_on_the_order_of_sets() -> None:
    code = (
        "import json, sys; from hn_luigi.cloud import find_words\n"
        "print(json.dumps(find_words(json.load(sys.stdin))))"
    )
    titles = [title for titles, _ in ROWS for title in titles]
    done = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            input=json.dumps(titles),
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "1234")
    }

    assert done == {json.dumps(find_words(titles)) + "\n"}
