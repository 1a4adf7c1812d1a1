"""The grammar is closed: no title needs words that aren't there, and no words are left over."""

from __future__ import annotations

import re

from titles import DERIVED_SLOTS
from vocabulary import SHAPES, SHARES, WORDS


def test_every_slot_has_words_and_all_words_have_a_slot() -> None:
    shapes = "".join(shape for kind in SHAPES.values() for shape in kind)
    slots = re.findall(r"{(.*?)}", shapes)
    assert {DERIVED_SLOTS.get(slot, slot) for slot in slots} == WORDS.keys()


def test_every_share_of_a_page_has_shapes() -> None:
    assert SHARES.keys() | {"job"} == SHAPES.keys()
