"""What each token of a title counts as: a word, several, a part of a phrase, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

from hn_luigi.cloud.forms import Lemmas
from hn_luigi.cloud.noise import Noise
from hn_luigi.cloud.phrases import Phrases, Role, Slot
from hn_luigi.cloud.tokens import LONGEST_WORD, Part, Title, Token


class Word(NamedTuple):
    """A word or phrase in a title."""

    key: str
    """By which it is counted: all its forms have one."""
    text: str
    """As it is written."""


class Lexicon:
    """What tokens count as, each looked at once."""

    def __init__(self, noise: Noise, lemmas: Lemmas, standing_free: Iterable[str]) -> None:
        """Have words known.

        Args:
            noise: what counts for nothing.
            lemmas: which words are plurals of which.
            standing_free: the keys of words that occur without a hyphen.
        """
        self._noise = noise
        self._lemmas = lemmas
        self._standing_free = frozenset(standing_free)
        self._slots: dict[Token | None, Sequence[Slot | None]] = {None: (None,)}
        self._words: dict[Token | None, Sequence[Word]] = {None: ()}

    def slots(self, title: Title) -> list[Slot | None]:
        """The parts of a title's tokens, as phrases are made of them."""
        known = self._slots
        for token in title:
            if token not in known and token is not None:
                known[token] = self._slots_of(token)
        return list(chain.from_iterable(map(known.__getitem__, title)))

    def words(self, title: Title, phrases: Phrases) -> list[Word]:
        """The words of a title, phrases among them, in its order."""
        slots = self.slots(title)
        ends = dict(phrases.spans(slots))
        if not ends:
            return list(chain.from_iterable(map(self._alone, title)))
        words: list[Word] = []
        place = reached = 0
        for token in title:
            end = place + len(self._slots[token])
            inside = [each for each in range(place, end) if each in ends or each < reached]
            if not inside:
                words += self._alone(token)
            for each in range(place, end) if inside else ():
                if each in ends:
                    reached = ends[each]
                    words.append(_joined(slots[each:reached]))
                elif each >= reached and token is not None:
                    words += self._word(token.parts[each - place])
            place = end
        return words

    def divides(self, token: Token) -> bool:
        """Whether a compound counts as its parts: all of them are words elsewhere, too.

        So `AI-powered` is AI and powered where both are, but `co-founder`, `Wi-Fi`, `GPT-4`,
        `e-mail` and `state-of-the-art` stay one.
        """
        return (
            len(token.parts) > 1
            and token.word.key not in self._standing_free
            and all(
                part.is_word
                and part.key in self._standing_free
                and not self._noise.stops_at(part.folded)
                for part in token.parts
            )
        )

    def _slots_of(self, token: Token) -> list[Slot | None]:
        if self._noise.stops_at(token.word.folded):
            return [None for _ in token.parts]
        return [self._slot(part, glued=number > 0) for number, part in enumerate(token.parts)]

    def _slot(self, part: Part, *, glued: bool) -> Slot | None:
        if self._noise.stops_at(part.folded) or len(part.text) > LONGEST_WORD:
            return None
        if part.is_link:
            role = Role.LINK
        elif not part.is_word:
            role = Role.NUMBER
        else:
            role = Role.FILLER if self._noise.fills(part.folded) else Role.WORD
        return Slot(part, self._lemmas.of(part.key, part.base), role, glued)

    def _alone(self, token: Token | None) -> Sequence[Word]:
        """What a token counts as where no phrase has any of it."""
        if (words := self._words.get(token)) is None and token is not None:
            if self._noise.hides(token.word.folded):
                words = ()
            elif self.divides(token):
                words = tuple(chain.from_iterable(map(self._word, token.parts)))
            else:
                words = self._word(token.word)
            self._words[token] = words
        return words or ()

    def _word(self, part: Part) -> Sequence[Word]:
        if not part.is_word or self._noise.hides(part.folded):
            return ()
        return (Word(self._lemmas.of(part.key, part.base), part.base),)


def _joined(slots: Sequence[Slot | None]) -> Word:
    """The phrase of these slots."""
    present = [slot for slot in slots if slot]
    text = present[0].part.text
    for slot in present[1:]:
        text += ("-" if slot.glued else " ") + slot.part.text
    last = present[-1].part
    return Word(
        "".join(slot.key for slot in present), text[: len(text) - len(last.text)] + last.base
    )
