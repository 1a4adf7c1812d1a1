"""Headlines: many, and some words lead."""

from __future__ import annotations

from collections import Counter


def test_headlines_are_many_and_some_words_lead(headlines: list[str]) -> None:
    words = Counter(word for title in headlines for word in set(title.split()))
    assert len(set(headlines)) >= 450
    assert words["AI"] > words["OCaml"] > 0
    assert len(words) > 500
