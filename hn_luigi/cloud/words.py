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
    ignore: re.Pattern[str] | None = None,
) -> dict[str, int]:
    """Count, for each word, the titles that hold it, as `find_words` does.

    Returns:
        Word to number of titles, in descending order of count, then alphabetically.
    """
    found = find_words(titles, stop_words=stop_words, ignore=ignore)
    return {word: len(numbers) for word, numbers in found.items()}


def find_words(
    titles: Iterable[str],
    *,
    stop_words: Collection[str] = (),
    ignore: re.Pattern[str] | None = None,
) -> dict[str, list[int]]:
    """Find, for each word, the titles that hold it.

    Spellings that differ in case only are one word, shown as most titles spell it; a plain
    plural is counted with its singular where that occurs too. English stop words
    (`wordcloud.STOPWORDS`), numbers, lone ASCII characters other than the languages C and R,
    and anything over LONGEST_WORD characters are dropped.

    Args:
        titles: plain text, without markup or entities.
        stop_words: further words to drop, in any case.
        ignore: what it matches is deleted from each title before the title is split.

    Returns:
        Word to the places of those titles in `titles`, from 0, ascending; the words in descending
        order of their number, then alphabetically.
    """
    texts = [unicodedata.normalize("NFC", title) for title in titles]
    if ignore is not None:
        texts = [ignore.sub(" ", text) for text in texts]
    pattern = _word_pattern("".join(texts))
    dropped = _stop_words(stop_words)

    holders: dict[str, set[int]] = {}
    spellings: dict[str, Counter[str]] = {}
    for number, text in enumerate(texts):
        for word in {_normal(match) for match in pattern.findall(text)}:
            key = word.casefold()
            if _is_word(word) and key not in dropped:
                holders.setdefault(key, set()).add(number)
                spellings.setdefault(key, Counter())[word] += 1

    shown = {key: _most_frequent(counter) for key, counter in spellings.items()}
    singulars = {key: singular for key in shown if (singular := _singular(shown[key], shown))}
    for plural, singular in singulars.items():
        holders[singulars.get(singular, singular)] |= holders[plural]
    found = {shown[key]: sorted(holders[key]) for key in shown if key not in singulars}
    ranked = sorted(found.items(), key=lambda item: (-len(item[1]), item[0].casefold(), item[0]))
    return dict(ranked)


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


def _stop_words(more: Collection[str]) -> frozenset[str]:
    """Return the words to drop, casefolded, each also in the form that loses its `'s`."""
    from hn_luigi.cloud.mpl import english_stop_words

    names = {name.casefold() for name in _ONE_LETTER_NAMES}
    ours = (english_stop_words() - names) | {unicodedata.normalize("NFC", word) for word in more}
    folded = {word.casefold().replace("\u2019", "'") for word in ours}
    return frozenset(folded | {word.removesuffix("'s") for word in folded})


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
