"""What each part of a title can be in a phrase."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from functools import cache
from itertools import chain
from typing import NamedTuple

from hn_luigi.cloud.forms import Lemmas
from hn_luigi.cloud.noise import Noise
from hn_luigi.cloud.tokens import LONGEST_WORD, Part, Title, Token, is_link


class Role(Enum):
    """What a part can be in a phrase."""

    WORD = "says what a title is about"
    FILLER = "says nothing alone: new"
    NUMBER = "is no word: a number, a letter"
    LINK = "stands between others: &, J."


class Slot(NamedTuple):
    """A part in its place in a title."""

    part: Part
    key: str
    """By which it is counted: all forms of a word have one."""
    role: Role
    glued: bool
    """By a hyphen to the one before."""
    compound: int
    """How many parts its token has."""


Slots = Sequence[Slot | None]
"""A title; None where phrases have to end: at punctuation, and at words that never are in one."""


class Slotter:
    """Puts the parts of titles into slots, each token once."""

    def __init__(self, noise: Noise, lemmas: Lemmas) -> None:
        """Have it known which words are in no phrase, and which are plurals of which."""
        self._noise = noise
        self._lemmas = lemmas
        self.of: Callable[[Token | None], Slots] = cache(self._made)
        """The slots of a token, one for each of its parts."""
        self._keys = cache(self._keys_of)

    def slots(self, title: Title) -> list[Slot | None]:
        """The slots of a title, one for each part of its tokens and for each BREAK."""
        return list(chain.from_iterable(map(self.of, title)))

    def keys(self, title: Title) -> list[str]:
        """The keys of the slots of a title; none where phrases have to end."""
        return list(chain.from_iterable(map(self._keys, title)))

    def _keys_of(self, token: Token | None) -> Sequence[str]:
        return [slot.key if slot else "" for slot in self.of(token)]

    def _made(self, token: Token | None) -> Slots:
        if token is None:
            return (None,)
        parts = len(token.parts)
        if parts > 1 and self._noise.stops_at(token.word.folded):
            return [None] * parts
        slots = [self._slot(part, number > 0, parts) for number, part in enumerate(token.parts)]
        # Of end-to-end, the last part goes with no neighbour: "end encryption" is nobody's name.
        return [None] * parts if None in slots[1:-1] else slots

    def _slot(self, part: Part, glued: bool, compound: int) -> Slot | None:
        if self._noise.stops_at(part.folded) or len(part.text) > LONGEST_WORD:
            return None
        if part.is_word:
            role = Role.FILLER if self._noise.fills(part.folded) else Role.WORD
        else:
            role = Role.LINK if is_link(part.text) else Role.NUMBER
        return Slot(part, self._lemmas.of(part.key, part.base), role, glued, compound)
