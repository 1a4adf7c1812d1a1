"""What each part of a title can be in a phrase."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from hn_luigi.cloud.forms import Lemmas
from hn_luigi.cloud.noise import Noise
from hn_luigi.cloud.ragged import Numbers, Ragged, Table
from hn_luigi.cloud.tokens import LONGEST_WORD, Token, is_link


class Role(Enum):
    """What a part can be in a phrase."""

    WORD = "says what a title is about"
    FILLER = "says nothing alone: new"
    NUMBER = "is no word: a number, a letter"
    LINK = "stands between others: &, J."


class Slot(NamedTuple):
    """A part in its place in a title."""

    part: Token
    key: str
    """By which it is counted: all forms of a word have one."""
    role: Role
    glued: bool
    """By a hyphen to the one before."""
    compound: int
    """How many parts its token has."""


class Slotter:
    """Puts the parts of titles into slots, each token once."""

    def __init__(self, noise: Noise, lemmas: Lemmas, tokens: Sequence[Token | None]) -> None:
        """Have it known what is in no phrase, and which words are plurals of which.

        Args:
            noise: what counts for nothing.
            lemmas: which words are plurals of which.
            tokens: by their numbers; there may be more of them later.
        """
        self._noise = noise
        self._lemmas = lemmas
        self._tokens = tokens
        self.slots: list[Slot | None] = []
        """By their numbers; None where a phrase has to end."""
        self._rows = Table()

    def rows(self, tokens: Numbers) -> Ragged:
        """The numbers of the slots of each token: one for each of its parts, or for a BREAK."""
        return self._rows.rows(tokens, self._added)

    def row(self, token: int) -> Sequence[int]:
        """The numbers of the slots of a token that `rows` was asked about."""
        return self._rows.row(token)

    def _added(self, number: int) -> Sequence[int]:
        token, first = self._tokens[number], len(self.slots)
        if token is None:
            self.slots.append(None)
        elif token.parts:
            self.slots.extend(self._compound(token))
            return range(first, len(self.slots))
        else:
            self.slots.append(self._slot(token, False, 1))
        return (first,)

    def _compound(self, token: Token) -> Sequence[Slot | None]:
        parts = len(token.parts)
        if self._noise.stops_at(token.folded):
            return [None] * parts
        slots = [self._slot(part, number > 0, parts) for number, part in enumerate(token.parts)]
        # Of end-to-end, the last part goes with no neighbour: "end encryption" is nobody's name.
        return [None] * parts if None in slots[1:-1] else slots

    def _slot(self, part: Token, glued: bool, compound: int) -> Slot | None:
        if self._noise.stops_at(part.folded) or len(part.text) > LONGEST_WORD:
            return None
        if part.is_word:
            role = Role.FILLER if self._noise.fills(part.folded) else Role.WORD
        else:
            role = Role.LINK if is_link(part.text) else Role.NUMBER
        return Slot(part, self._lemmas.of(part.key, part.base), role, glued, compound)
