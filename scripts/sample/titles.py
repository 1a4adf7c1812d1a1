"""Headlines out of a grammar: endless, plausible, and nobody's."""

from __future__ import annotations

import re
from random import Random

from draws import any_of, early_of
from vocabulary import SHAPES, SHARES, WORDS

__all__ = ["DERIVED_SLOTS", "fresh_title", "title"]

SUFFIXES = {"": 0.83, " [pdf]": 0.04, " [video]": 0.03, " ({year})": 0.10}
"""What Hacker News appends to a headline; the rarest here comes to some ten of 500."""

DERIVED_SLOTS = {"adjective_lower": "adjective", "creature_lower": "creature"}
"""Slots that are another slot's words in lower case."""


def title(chance: Random, kind: str | None = None) -> str:
    """One title, not yet escaped.

    Args:
        chance: where the draws come from.
        kind: ``story``, ``show``, ``ask``, ``launch`` or ``job``; None draws one of the first
            four in the proportion of a front page.
    """
    kind = kind or chance.choices(list(SHARES), list(SHARES.values()))[0]
    text = re.sub(r"\{(\w+)\}", lambda slot: _word(chance, slot[1]), any_of(chance, SHAPES[kind]))
    if kind == "story":
        (suffix,) = chance.choices(list(SUFFIXES), list(SUFFIXES.values()))
        text += suffix.format(year=2005 + int(chance.random() * 20))
    return text[0].upper() + text[1:]


def fresh_title(chance: Random, taken: set[str], kind: str | None = None) -> str:
    """A title that is not among those taken, and is from now on."""
    while (text := title(chance, kind)) in taken:
        pass
    taken.add(text)
    return text


def _word(chance: Random, slot: str) -> str:
    word = early_of(chance, WORDS[DERIVED_SLOTS.get(slot, slot)])
    return word.lower() if slot in DERIVED_SLOTS else word
