"""Headlines out of a grammar: endless, plausible, and nobody's.

The only source of chance is the ``random.Random`` handed in, and of that only ``random()`` and
``choices()``, whose sequences Python keeps from version to version.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from vocabulary import SHAPES, SHARES, WORDS

__all__ = ["fresh_title", "title"]

SUFFIXES = {"": 0.83, " [pdf]": 0.04, " [video]": 0.03, " ({year})": 0.10}
"""What Hacker News appends to a headline, and how often."""

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
    (shape,) = chance.choices(SHAPES[kind])
    text = re.sub(r"\{(\w+)\}", lambda slot: _word(chance, slot[1]), shape)
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
    words = WORDS[DERIVED_SLOTS.get(slot, slot)]
    (word,) = chance.choices(words, _falling(words))
    return word.lower() if slot in DERIVED_SLOTS else word


def _falling(words: Sequence[str]) -> list[float]:
    """Weights after Zipf, flattened so that the last words are seen at all."""
    return [1 / (rank + 2) for rank in range(len(words))]
