"""What the tokens of a title count as: a word, several, part of a phrase, or nothing."""

from __future__ import annotations

from collections.abc import Sequence, Set
from functools import cache
from itertools import chain
from typing import NamedTuple

from hn_luigi.cloud.forms import Lemmas
from hn_luigi.cloud.noise import Noise
from hn_luigi.cloud.phrases import Phrases
from hn_luigi.cloud.slots import Role, Slot, Slots, Slotter
from hn_luigi.cloud.tokens import Part, Title, Token


class Word(NamedTuple):
    """A word or phrase in a title."""

    key: str
    """By which it is counted: all its forms have one."""
    text: str
    """As it is written."""


class Lexicon:
    """Tells the words of titles, looking at each token once."""

    def __init__(
        self,
        noise: Noise,
        lemmas: Lemmas,
        standing_free: Set[str],
        slotter: Slotter,
        phrases: Phrases,
    ) -> None:
        """Have words known.

        Args:
            noise: what counts for nothing.
            lemmas: which words are plurals of which.
            standing_free: the keys of words that occur without a hyphen; English stop words aren't
                among them.
            slotter: what parts can be in phrases.
            phrases: which words hold together.
        """
        self._noise = noise
        self._lemmas = lemmas
        self._standing_free = standing_free
        self._slotter = slotter
        self._phrases = phrases
        self._alone = cache(self._alone_of)

    def words(self, title: Title) -> list[Word]:
        """The words of a title, phrases among them, in its order."""
        ends = dict(self._phrases.spans(self._slotter.keys(title)))
        if not ends:
            return list(chain.from_iterable(map(self._alone, title)))
        slots = self._slotter.slots(title)
        words: list[Word] = []
        place = reached = 0
        for token in title:
            begin, place = place, place + len(self._slotter.of(token))
            if begin >= reached and ends.keys().isdisjoint(range(begin, place)):
                words += self._alone(token)
                continue
            for each in range(begin, place):
                if each in ends:
                    reached = ends[each]
                    words.append(_joined(slots[each:reached]))
                elif each >= reached:
                    words += self._word(slots[each])
        return words

    def _alone_of(self, token: Token | None) -> Sequence[Word]:
        """What a token counts as where no phrase has any of it."""
        slots = self._slotter.of(token)
        if token is None or len(slots) == 1:
            return self._word(slots[0])
        if self._noise.hides(token.word.folded) or _measures(slots):
            return ()
        if divides(token, self._standing_free):
            return tuple(chain.from_iterable(map(self._word, slots)))
        return (self._counted(token.word),) if token.word.is_word else ()

    def _word(self, slot: Slot | None) -> Sequence[Word]:
        if slot is None or slot.role is not Role.WORD:
            return ()
        return (self._counted(slot.part),)

    def _counted(self, word: Part) -> Word:
        return Word(self._lemmas.of(word.key, word.base), word.base)


def _measures(slots: Slots) -> bool:
    """Whether a compound only says how much: 30-year-old, 5-minute."""
    roles = {slot.role for slot in slots if slot}
    return Role.NUMBER in roles and Role.WORD not in roles


def divides(token: Token, standing_free: Set[str]) -> bool:
    """Whether a compound counts as its parts: all of them are words elsewhere, too.

    So `AI-powered` is AI and powered where both are, but `co-founder`, `Wi-Fi`, `GPT-4`, `e-mail`
    and `state-of-the-art` stay one.
    """
    return (
        len(token.parts) > 1
        and token.word.key not in standing_free
        and all(part.is_word and part.key in standing_free for part in token.parts)
    )


def _joined(slots: Slots) -> Word:
    """The phrase of these slots."""
    key = text = ""
    for slot in slots:
        if slot:
            key += slot.key
            text += ("-" if slot.glued else " ") + slot.part.text
            base = slot.part.base
            cut = len(slot.part.text) - len(base)
    return Word(key, text[1 : len(text) - cut])
