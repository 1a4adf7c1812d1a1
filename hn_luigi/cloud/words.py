"""Which words a set of headlines is about, and in how many of them each occurs.

A word is what a reader would call one: `C++`, `Node.js`, `GPT-4` and `Windows 10` are one each, as
are names of several words (`phrases`) and a word's plural with it (`forms`); numbers, emoji and
punctuation are none. Writing without spaces between words (Chinese, Japanese, Thai) is taken a run
at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from hn_luigi.cloud.forms import Lemmas, commonest, one_of_each, shown_form
from hn_luigi.cloud.lexicon import Lexicon, Word, divides
from hn_luigi.cloud.noise import noise_of
from hn_luigi.cloud.phrases import learnt
from hn_luigi.cloud.ragged import Ragged, distinct
from hn_luigi.cloud.reader import Ignored, Reader
from hn_luigi.cloud.slots import Slotter
from hn_luigi.cloud.tokens import Token, key_of, plain_text

_DIGITS = b"0123456789."
_SHORT = 5
"""Spaces; a title with fewer can be a name and nothing else."""


def count_words(
    titles: Iterable[str],
    *,
    stop_words: Collection[str] = (),
    keep: Collection[str] = (),
    ignore: Ignored | None = None,
) -> dict[str, int]:
    """Count, for each word, the titles that hold it, as `find_words` does.

    Returns:
        Word to number of titles, in the order of `find_words`.
    """
    found = find_words(titles, stop_words=stop_words, keep=keep, ignore=ignore)
    return {word: len(numbers) for word, numbers in found.items()}


def find_words(
    titles: Iterable[str],
    *,
    stop_words: Collection[str] = (),
    keep: Collection[str] = (),
    ignore: Ignored | None = None,
) -> dict[str, list[int]]:
    """Find, for each word, the titles that hold it: `vocabulary_of` these titles, found in them."""
    vocabulary, words = _learn(Reader(ignore), titles, stop_words, keep)
    return vocabulary.places(words)


@dataclass(frozen=True)
class Vocabulary:
    """What some titles taught: which words there are, and how each is shown.

    So the same words can be found in other titles, as in yesterday's.
    """

    forms: Mapping[str, str]
    """Each word as it is shown, by its key."""
    lexicon: Lexicon
    reader: Reader

    def find(self, titles: Iterable[str]) -> dict[str, list[int]]:
        """Find, for each word of the vocabulary, the titles that hold it.

        Returns:
            Word to the places of those titles in `titles`, from 0, ascending; the words in
            descending order of their number, then by their first title, then alphabetically.
        """
        return self.places(self.lexicon.find(self.reader.read(titles)))

    def forms_of(self, words: Iterable[str]) -> dict[str, str]:
        """How words that other titles taught are shown here, by those words, if they are known."""
        words = [*words]
        found = self.lexicon.find(self.reader.read(words))
        # What is a phrase elsewhere may be words here, or one word beside noise.
        alone = found.of_rows(np.bincount(found.rows, minlength=len(words)) == 1)
        numbers = dict(zip(alone.rows.tolist(), alone.items.tolist(), strict=True))
        read = [(words[row], *self.lexicon.words[numbers[row]]) for row in sorted(numbers)]
        return {
            word: self.forms[key] for word, key, text in read if word == text and key in self.forms
        }

    def places(self, words: Ragged) -> dict[str, list[int]]:
        """Where the words of the vocabulary are, as `find` does, by the words of each title."""
        shown: dict[str, int] = {}
        form_of = np.full(len(self.lexicon.words), -1)
        for number in distinct(words.items).tolist():
            if (form := self.forms.get(self.lexicon.words[number][0])) is not None:
                form_of[number] = shown.setdefault(form, len(shown))
        forms = form_of[words.items]
        found = Ragged(forms[forms >= 0], words.rows[forms >= 0]).distinct()
        titles = found.rows.tolist()
        begins = np.flatnonzero(np.diff(found.items, prepend=-1)).tolist()
        numbers = [titles[begin:end] for begin, end in pairwise([*begins, len(titles)])]
        # In tuples, which are compared without a function of ours.
        ranked = sorted(
            (-len(places), places, form.casefold(), form)
            for form, places in zip(shown, numbers, strict=True)
        )
        return {form: places for _, places, _, form in ranked}


def vocabulary_of(
    titles: Iterable[str],
    *,
    stop_words: Collection[str] = (),
    keep: Collection[str] = (),
    ignore: Ignored | None = None,
) -> Vocabulary:
    """Learn the words of `titles`.

    Spellings that differ in case, hyphens or spaces are one word, shown as most titles spell it,
    and a plural is counted with its singular. Neighbours that are one name are one word, which is
    taken from the counts of its parts. Noise, numbers, lone ASCII characters other than the
    languages C and R, and anything over LONGEST_WORD characters are dropped where they are alone.

    Args:
        titles: plain text, without markup or entities.
        stop_words: further words and phrases to drop, in any case and number.
        keep: words that are no noise, and not dropped, in any case.
        ignore: a pattern, or what replaces as one; what it matches is deleted from each title
            before the title is split, and no phrase crosses it.
    """
    return _learn(Reader(ignore), titles, stop_words, keep)[0]


def _learn(
    reader: Reader, titles: Iterable[str], stop_words: Collection[str], keep: Collection[str]
) -> tuple[Vocabulary, Ragged]:
    """The vocabulary of `titles`, and the numbers of the words of each title."""
    from hn_luigi.cloud.mpl import english_stop_words

    titles = list(titles)
    read = reader.read(titles)
    noise = noise_of(stop_words, keep)
    counted = np.bincount(read.distinct().items, minlength=len(reader.tokens)).tolist()
    free = _spellings(reader.tokens, counted, lambda token: not token.parts)
    standing_free = free.keys() - english_stop_words()
    slotter = Slotter(noise, Lemmas(free), reader.tokens)
    teaching = read.of_rows(_teaching(titles))
    slots = slotter.rows(teaching.items)
    phrases = learnt(Ragged(slots.items, teaching.rows[slots.rows]), slotter.slots)

    # A word that is spelt with a hyphen or a space as well is one with the phrase: opensource.
    compounds = _spellings(
        reader.tokens,
        counted,
        lambda token: bool(token.parts) and not divides(token, standing_free),
    )
    joined = map("".join, phrases.names)
    lemmas = Lemmas({key: key for key in joined} | compounds | free)
    lexicon = Lexicon(noise, lemmas, standing_free, slotter, phrases, reader.tokens)
    words = lexicon.find(read)
    dropped = _keys(stop_words, lemmas) - _keys(keep, lemmas)
    forms = {key: form for key, form in _forms(words, lexicon.words).items() if key not in dropped}
    return Vocabulary(forms, lexicon, reader), words


def _teaching(titles: Sequence[str]) -> NDArray[np.bool_]:
    """Which titles teach something new of which words hold together.

    Of a longer one that is there again, or with other numbers, all words are neighbours each time:
    a story of two days, `This Week in Rust 612`.
    """
    longer = [place for place, title in enumerate(titles) if title.count(" ") >= _SHORT]
    # As bytes, which lose their digits in 0.4 µs, where a pattern takes 1.3 and text itself 3.6.
    folded = (titles[place].casefold().encode(errors="surrogatepass") for place in longer)
    last = {
        text.translate(None, _DIGITS): place for text, place in zip(folded, longer, strict=True)
    }
    teaching = np.ones(len(titles), dtype=bool)
    teaching[longer] = False
    teaching[[*last.values()]] = True
    return teaching


def _spellings(
    tokens: Sequence[Token | None], titles: Sequence[int], wanted: Callable[[Token], bool]
) -> dict[str, str]:
    """How each of some tokens is mostly written, by its key.

    Args:
        tokens: all of them.
        titles: in how many titles each is.
        wanted: of which tokens.
    """
    numbers = [number for number, token in enumerate(tokens) if token and wanted(token)]
    spelt = [(token.key, token.base) for number in numbers if (token := tokens[number])]
    return one_of_each(spelt, [titles[number] for number in numbers], commonest)


def _forms(titles: Ragged, words: Sequence[Word]) -> dict[str, str]:
    """How words are shown, by their keys.

    Args:
        titles: the numbers of the words of each.
        words: by their numbers.
    """
    counted = np.bincount(titles.distinct().items, minlength=len(words))
    return one_of_each(words, counted.tolist(), shown_form)


def _keys(words: Iterable[str], lemmas: Lemmas) -> set[str]:
    """The keys of words as people write them."""
    plain = [plain_text(word).strip() for word in words]
    return {lemmas.of(key_of(word), word) for word in plain if word}
