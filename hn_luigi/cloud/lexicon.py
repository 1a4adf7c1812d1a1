"""What the tokens of a title count as: a word, several, part of a phrase, or nothing."""

from __future__ import annotations

from collections.abc import Sequence, Set

import numpy as np

from hn_luigi.cloud.forms import Lemmas
from hn_luigi.cloud.noise import Noise
from hn_luigi.cloud.phrases import Phrases
from hn_luigi.cloud.ragged import Numbers, Ragged, Table
from hn_luigi.cloud.slots import Role, Slot, Slotter
from hn_luigi.cloud.spans import Spans
from hn_luigi.cloud.tokens import Token

# No NamedTuple: Python's collector of garbage looks through those again and again, but leaves plain
# tuples of strings alone. It took a third of the time when a word was four objects (Python 3.11).
Word = tuple[str, str]
"""A word or phrase in a title: by which key it is counted, and how it is written."""


class Lexicon:
    """Tells the words of titles, looking at each token once."""

    def __init__(
        self,
        noise: Noise,
        lemmas: Lemmas,
        standing_free: Set[str],
        slotter: Slotter,
        phrases: Phrases,
        tokens: Sequence[Token | None],
    ) -> None:
        """Have words known.

        Args:
            noise: what counts for nothing.
            lemmas: which words are plurals of which.
            standing_free: the keys of words that occur without a hyphen; English stop words aren't
                among them.
            slotter: what parts can be in phrases.
            phrases: which words hold together.
            tokens: by their numbers; there may be more of them later.
        """
        self._noise = noise
        self._lemmas = lemmas
        self._standing_free = standing_free
        self._slotter = slotter
        self._spans = Spans(phrases)
        self._tokens = tokens
        self.words: list[Word] = []
        """By their numbers."""
        self._numbers: dict[Word, int] = {}
        self._alone = Table()
        self._phrases: dict[tuple[int, int, int], int] = {}
        """Their numbers, by the slots of each; -1 is none."""

    def find(self, titles: Ragged) -> Ragged:
        """The numbers of the words of each title, phrases among them, in any order.

        Args:
            titles: the numbers of the tokens of each.
        """
        slots = self._slotter.rows(titles.items)
        of_slots = titles.rows[slots.rows]
        begins, lengths = self._spans.find(Ragged(slots.items, of_slots), self._slotter.slots)
        in_phrase = np.zeros(len(slots.items), dtype=bool)
        for place in range(3):
            in_phrase[begins[lengths > place] + place] = True
        touched = np.zeros(len(titles.items), dtype=bool)
        touched[slots.rows[in_phrase]] = True
        # What no phrase has counts by itself: a token, or of one that a phrase has a part of, the
        # other parts. Both have even numbers, or odd ones, so that they're looked at in one order.
        of_token = touched[slots.rows]
        first = np.diff(slots.rows, prepend=-1) > 0
        left = np.where(of_token, ~in_phrase, first)
        alone = np.where(of_token, 2 * slots.items + 1, 2 * titles.items[slots.rows])[left]
        words = self._alone.rows(alone, self._alone_of)
        joined = self._joined(slots.items, begins, lengths)
        return Ragged(
            np.concatenate((words.items, joined)),
            np.concatenate((of_slots[left][words.rows], of_slots[begins])),
        )

    def _joined(self, slots: Numbers, begins: Numbers, lengths: Numbers) -> Numbers:
        """The numbers of the phrases that begin at some places in `slots`."""
        thirds = np.where(lengths > 2, slots[np.minimum(begins + 2, len(slots) - 1)], -1)
        spans = [
            *zip(
                *(each.tolist() for each in (slots[begins], slots[begins + 1], thirds)), strict=True
            )
        ]
        for span in dict.fromkeys(spans):
            if span not in self._phrases:
                self._phrases[span] = self._phrase_of(span)
        return np.fromiter(map(self._phrases.__getitem__, spans), np.int64, len(begins))

    def _alone_of(self, number: int) -> Sequence[int]:
        """The numbers of the words of what no phrase has: a token's, or if odd, a slot's."""
        of, is_slot = divmod(number, 2)
        if is_slot:
            return self._word(self._slotter.slots[of])
        token, row = self._tokens[of], self._slotter.row(of)
        if token is None or len(row) == 1:
            return self._word(self._slotter.slots[row[0]])
        slots = [self._slotter.slots[slot] for slot in row]
        if self._noise.hides(token.folded) or _measures(slots):
            return ()
        if divides(token, self._standing_free):
            return [number for slot in slots for number in self._word(slot)]
        return (self._counted(token),) if token.is_word else ()

    def _word(self, slot: Slot | None) -> Sequence[int]:
        if slot is None or slot.role is not Role.WORD:
            return ()
        return (self._counted(slot.part),)

    def _counted(self, word: Token) -> int:
        return self._number((self._lemmas.of(word.key, word.base), word.base))

    def _phrase_of(self, span: tuple[int, int, int]) -> int:
        return self._number(_joined([self._slotter.slots[slot] for slot in span if slot >= 0]))

    def _number(self, word: Word) -> int:
        number = self._numbers.setdefault(word, len(self.words))
        if number == len(self.words):
            self.words.append(word)
        return number


def _measures(slots: Sequence[Slot | None]) -> bool:
    """Whether a compound only says how much: 30-year-old, 5-minute."""
    roles = {slot.role for slot in slots if slot}
    return Role.NUMBER in roles and Role.WORD not in roles


def divides(token: Token, standing_free: Set[str]) -> bool:
    """Whether a compound counts as its parts: all of them are words elsewhere, too.

    So `AI-powered` is AI and powered where both are, but `co-founder`, `Wi-Fi`, `GPT-4`, `e-mail`
    and `state-of-the-art` stay one.
    """
    return (
        bool(token.parts)
        and token.key not in standing_free
        and all(part.is_word and part.key in standing_free for part in token.parts)
    )


def _joined(slots: Sequence[Slot | None]) -> Word:
    """The phrase of these slots."""
    key = text = ""
    for slot in slots:
        if slot:
            key += slot.key
            text += ("-" if slot.glued else " ") + slot.part.text
            base = slot.part.base
            cut = len(slot.part.text) - len(base)
    return key, text[1 : len(text) - cut]
