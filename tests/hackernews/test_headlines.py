"""What Hacker News adds to titles is no part of what they say."""

from __future__ import annotations

import pytest

from hn_luigi.cloud import count_words
from hn_luigi.hackernews import DECORATIONS, STOP_WORDS


def words_of(*titles: str) -> set[str]:
    return set(count_words(titles, stop_words=STOP_WORDS, ignore=DECORATIONS))


@pytest.mark.parametrize(
    "title",
    [
        "Show HN: Wolf fox",
        "Ask HN: Wolf, fox?",
        "Tell HN: wolf \u2013 fox",
        "Launch HN: Wolf (YC W21) \u2013 Fox",
        "show hn: wolf fox",
        "Wolf fox [pdf]",
        "Wolf fox [Video] (2019)",
        "Wolf (1987): fox [audio]",
        "Wolf (YC S16) is hiring a fox",
        "What wolf said of Show HN, and fox of HN's",
    ],
)
def test_a_mark_is_no_word(title: str) -> None:
    assert {word.casefold() for word in words_of(title)} == {"wolf", "fox"}


@pytest.mark.parametrize(
    ("title", "word"),
    [
        ("SpaceX launch delayed", "launch"),
        ("The best TV show ever", "show"),
        ("Don't ask, don't tell", "ask"),
        ("A video codec", "video"),
        ("Digital audio, explained", "audio"),
        ("Why PDF is hard to parse", "PDF"),
        ("YC startups", "YC"),
        ("Nobody is hiring in 2024", "hiring"),
        ("[PDFs] of wolves", "PDFs"),
    ],
)
def test_the_same_word_elsewhere_is_one(title: str, word: str) -> None:
    assert word in words_of(title)


def test_what_a_mark_stood_before_stays_apart() -> None:
    assert words_of("wolf[video]fox") == {"wolf", "fox"}
