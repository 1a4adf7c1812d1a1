"""Which words a set of headlines is about, and in how many of them each occurs.

A word is what a reader would call one: `C++`, `Node.js`, `GPT-4` and `don't` are one each;
numbers, emoji and punctuation are none. Writing without spaces between words (Chinese,
Japanese, Thai) is taken a run at a time.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from hn_luigi.cloud.noise import Noise, noise_of

# Of 11,600 words in 4,000 real headlines of 2024 to 2026, one was longer, a file's name of 45; the
# next had 23.
LONGEST_WORD = 40
"""Characters; anything longer is a checksum, a path or noise, and no word."""

_ONE_LETTER_NAMES = frozenset({"C", "R"})
"""Programming languages, in capitals only; every other lone ASCII character is dropped."""

_NAMES_LIKE_PLURALS = frozenset({"windows", "pages", "notes", "sheets", "airpods"})
"""Plurals whose singular means something else, or is not in use."""

_JOINERS = "\u200c\u200d"
"""Zero-width characters that Persian and Indic spelling puts inside words."""


def count_words(
    titles: Iterable[str],
    *,
    stop_words: Collection[str] = (),
    keep: Collection[str] = (),
    ignore: re.Pattern[str] | None = None,
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
    ignore: re.Pattern[str] | None = None,
) -> dict[str, list[int]]:
    """Find, for each word, the titles that hold it: `vocabulary_of` these titles, found in them."""
    titles = list(titles)
    vocabulary = vocabulary_of(titles, stop_words=stop_words, keep=keep, ignore=ignore)
    return vocabulary.find(titles)


@dataclass(frozen=True)
class Vocabulary:
    """What some titles taught: which words there are, and how each is shown.

    So the same words can be found in other titles, as in yesterday's.
    """

    forms: Mapping[str, str]
    """The word as it is shown, by the key of each of its forms."""
    noise: Noise
    ignore: re.Pattern[str] | None

    def find(self, titles: Iterable[str]) -> dict[str, list[int]]:
        """Find, for each word of the vocabulary, the titles that hold it.

        Returns:
            Word to the places of those titles in `titles`, from 0, ascending; the words in
            descending order of their number, then by their first title, then alphabetically.
        """
        holders: dict[str, set[int]] = {}
        for number, words in enumerate(_words_of(titles, self.noise, self.ignore)):
            for word in words:
                if (shown := self.forms.get(word.casefold())) is not None:
                    holders.setdefault(shown, set()).add(number)
        found = {word: sorted(numbers) for word, numbers in holders.items()}
        ranked = sorted(
            found.items(), key=lambda item: (-len(item[1]), item[1], item[0].casefold(), item[0])
        )
        return dict(ranked)


def vocabulary_of(
    titles: Iterable[str],
    *,
    stop_words: Collection[str] = (),
    keep: Collection[str] = (),
    ignore: re.Pattern[str] | None = None,
) -> Vocabulary:
    """Learn the words of `titles`.

    Spellings that differ in case only are one word, shown as most titles spell it; a plain
    plural is counted with its singular where that occurs too. Noise, numbers, lone ASCII characters other than the languages C and R,
    and anything over LONGEST_WORD characters are dropped.

    Args:
        titles: plain text, without markup or entities.
        stop_words: further words to drop, in any case.
        keep: words that are no noise, and not dropped, in any case.
        ignore: what it matches is deleted from each title before the title is split.
    """
    noise = noise_of(stop_words, keep)
    spellings: dict[str, Counter[str]] = {}
    for words in _words_of(titles, noise, ignore):
        for word in words:
            spellings.setdefault(word.casefold(), Counter())[word] += 1
    shown = {key: _most_frequent(counter) for key, counter in spellings.items()}
    singulars = {key: singular for key in shown if (singular := _singular(shown[key], shown))}
    forms = dict(shown)
    for plural, singular in singulars.items():
        forms[plural] = shown[singulars.get(singular, singular)]
    return Vocabulary(forms, noise, ignore)


def _words_of(
    titles: Iterable[str], noise: Noise, ignore: re.Pattern[str] | None
) -> list[set[str]]:
    """The words of each title."""
    texts = [unicodedata.normalize("NFC", title) for title in titles]
    if ignore is not None:
        texts = [ignore.sub(" ", text) for text in texts]
    pattern = _word_pattern("".join(texts))
    return [
        {
            word
            for word in map(_normal, pattern.findall(text))
            if _is_word(word) and not noise.hides(word.casefold())
        }
        for text in texts
    ]


def _word_pattern(text: str) -> re.Pattern[str]:
    """Compile what a word looks like in `text`.

    Python's `\\w` leaves out the combining marks that Indic, Thai, Hebrew and Arabic words are
    spelt with, so the marks that do occur are added. Variation selectors belong to emoji.
    """
    marks = {
        char
        for char in set(text)
        if (unicodedata.category(char) in {"Mn", "Mc"} or char in _JOINERS)
        and not "\ufe00" <= char <= "\ufe0f"
    }
    within = "[\\w" + re.escape("".join(sorted(marks))) + "]"
    return re.compile(
        rf"""
        (?<![\w.]) (?: [A-Z]\. ){{2,}} (?!\w)    # U.S.
        |
        (?: (?<![\w.]) \. (?=[A-Za-z]) )?       # .NET, but not the end of an ellipsis
        [^\W_] {within}*
        (?:
            (?: ['\u2019.\-\u2010\u2011] | (?<=[A-Z])&(?=[A-Z]) )    # don't, Node.js, GPT-4, AT&T
            [^\W_] {within}*
        )*
        (?: (?: \+\+? | \# ) (?!\w) )?          # C++, C#
        """,
        re.VERBOSE,
    )


def _normal(match: str) -> str:
    word = re.sub("[\u2010\u2011]", "-", match.replace("\u2019", "'"))
    return re.sub("'s$", "", word, flags=re.IGNORECASE)


def _is_word(word: str) -> bool:
    if not any(char.isalpha() for char in word) or len(word) > LONGEST_WORD:
        return False
    return len(word) > 1 or not word.isascii() or word in _ONE_LETTER_NAMES


def _most_frequent(spellings: Counter[str]) -> str:
    return min(spellings, key=lambda word: (-spellings[word], word))


def _singular(word: str, present: Mapping[str, str]) -> str | None:
    """Return the key of the word that `word` is a plain plural of, if that is among `present`.

    Names and abbreviations (iOS, AWS, Windows) end in s without being plurals.
    """
    key = word.casefold()
    # Many of four letters are verbs: of the ten pairs that are most frequent in 4,000 real
    # headlines, says, bans, dies and cuts.
    if len(word) < 5 or not word[1:].islower() or key in _NAMES_LIKE_PLURALS:
        return None
    if not key.endswith("s") or key.endswith(("ss", "us", "is")):
        return None
    forms = [key[:-1]]
    if key.endswith("ies"):
        forms.insert(0, key[:-3] + "y")
    elif key.endswith(("ches", "shes", "sses", "xes", "zes")):
        forms.insert(0, key[:-2])
    return next((form for form in forms if form in present), None)
