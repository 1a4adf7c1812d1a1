"""Which words are forms of each other."""

from __future__ import annotations

from itertools import product

from hn_luigi.cloud.forms import Lemmas, related_keys
from hn_luigi.cloud.tokens import key_of

WORDS = (
    *("Cat", "API", "LLM", "city", "cities", "bus", "box", "child", "children", "women", "lens"),
    *("glass", "Open-Source", "die", "dice", "zoo", "gas", "AWS", "ski", "skis", "potatoes"),
    *("use", "news", "man", "I.D.", "ids"),
)
ENDS = ("", "s", "es", "ies", "y", "S", "'s", "ics", "us")


def test_whatever_is_counted_by_a_known_key_is_related_to_one():
    known = {key_of(word): word for word in WORDS}
    related = related_keys(known)
    found = set()
    cut_and_ended = (
        word[: len(word) - cut] + end for word, cut, end in product(WORDS, range(4), ENDS)
    )
    for text in ("men", *cut_and_ended):
        if text and Lemmas(known).of(key_of(text), text) in known:
            found.add(key_of(text))
    assert found > known.keys()
    assert found <= related
    assert not {"dog", "dogs", "catty", "ci"} & related
