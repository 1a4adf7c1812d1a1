"""A title as tokens: what stands between spaces and punctuation, and where phrases have to end.

Here it is decided what the same letters are: an apostrophe is one, whichever of ten was typed,
characters that show nothing are none, and `C++20` is `C++`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

# Of 11,600 words in 4,000 real headlines of 2024 to 2026, one was longer, a file's name of 45; the
# next had 23.
LONGEST_WORD = 40
"""Characters; anything longer is a checksum, a path or noise, and no word."""

_ONE_LETTER_NAMES = frozenset({"C", "R"})
"""Programming languages, in capitals only; other lone ASCII characters are no words."""

CAPITALS = frozenset({"IT", "US", "WHO"})
"""Abbreviations that only capitals tell from English words: no stop word hides them."""

_APOSTROPHES = "\u2018\u2019\u201b\u02b9\u02bb\u02bc\u02bd\u2032\u00b4\uff07`"
_HYPHENS = "\u2010\u2011\u2212\ufe63\uff0d"
_PLAIN: dict[int, str | int | None] = str.maketrans(
    {
        **dict.fromkeys(_APOSTROPHES, "'"),
        **dict.fromkeys(_HYPHENS, "-"),
        # Hangul's fillers and Braille's blank show nothing; for Unicode they are letters.
        **dict.fromkeys("\u115f\u1160\u3164\uffa0\u2800"),
        **{chr(code): chr(code - 0xFEE0) for code in range(0xFF10, 0xFF5B) if chr(code).isalnum()},
    }
)
"""To one apostrophe, one hyphen, and letters of ordinary width."""

_JOINERS = "\u200c\u200d"
"""Zero-width characters that Persian and Indic spelling puts inside words."""
_STRAY_JOINERS = re.compile(rf"(?<=[!-\u052f])[{_JOINERS}]+")
"""Those that follow a Latin, Greek or Cyrillic letter, which they say nothing of."""

_NUMBERED = re.compile(
    r"(?i: C\+\+ | C\# | Covid ) [\ -]? (?: 19 | \d[\dabxyz] ) (?!\w)", re.VERBOSE
)
"""A name with the number of its standard or its year, where people mean the name: C++20."""

BREAK = None
"""Where phrases end: punctuation, an amount of money, a mark that was taken away."""


class Part(NamedTuple):
    """What may be a word, or a word of a phrase."""

    text: str
    base: str
    """Without the `'s` of a possessive, which counts with its owner."""
    key: str
    """The same for all spellings of a word."""
    folded: str
    """As lists of words have it; of `US`, nothing that they have."""
    is_word: bool
    """Whether it can stand alone; numbers, `&` and initials are only parts of names."""


@dataclass(frozen=True, eq=False, slots=True)
class Token:
    """One token of a title; there is one object for each spelling in a reading."""

    word: Part
    """All of it as one word."""
    parts: tuple[Part, ...]
    """Its parts between hyphens, which count as spaces: `open-source`."""


def _token_of(text: str) -> Token | None:
    if not text:
        return BREAK
    if _NUMBERED.fullmatch(text):
        text = re.sub("[ -]?..$", "", text)
    word = _part(text)
    return Token(word, tuple(map(_part, text.split("-"))) if "-" in text else (word,))


def _part(text: str) -> Part:
    base = text[:-2] if text.endswith(("'s", "'S")) else text
    key = key_of(base)
    return Part(text, base, key, key if key in CAPITALS else base.casefold(), _is_word(base))


def _is_word(base: str) -> bool:
    if len(base) == 1:
        return base in _ONE_LETTER_NAMES or (base.isalpha() and not base.isascii())
    if len(base) > LONGEST_WORD or base.isdigit() or is_link(base):
        return False
    return base.isalpha() or any(char.isalpha() for char in base)


def is_link(text: str) -> bool:
    """Whether it only stands between the parts of a name, or before: `&`, `F.`, `Dr.`."""
    return text == "&" or (text.find(".") == len(text) - 1 > 0)


def key_of(text: str) -> str:
    """What all spellings of a word have in common: `open source`, `Open-Source`, `OpenSource`.

    `Node.js` is `NodeJS`, and `U.S.` is `US`, though not `us`.
    """
    letters = text if text.isalnum() else text[0] + re.sub("[-. ]", "", text[1:])
    return letters if letters in CAPITALS else letters.casefold()


Title = Sequence[Token | None]
"""With BREAK where a phrase has to end."""


class Reader:
    """Makes tokens of titles: one for each spelling, so that much is done once for each."""

    def __init__(self, ignore: re.Pattern[str] | None) -> None:
        self._ignore = ignore
        self._token = cache(_token_of)

    def read(self, titles: Iterable[str]) -> list[Title]:
        """The tokens of each title."""
        texts = [self._plain(title) for title in titles]
        pattern = _pattern("".join(texts))
        return [list(map(self._token, pattern.findall(text))) for text in texts]

    def _plain(self, title: str) -> str:
        text = plain_text(title)
        return text if self._ignore is None else self._ignore.sub(" | ", text)


def plain_text(title: str) -> str:
    """`title` with one kind of apostrophe and hyphen, and without what shows nothing."""
    if title.isascii():
        return title.replace("`", "'")
    text = unicodedata.normalize("NFC", title).translate(_PLAIN)
    text = _STRAY_JOINERS.sub("", text)
    return "".join(char for char in text if char in _JOINERS or unicodedata.category(char) != "Cf")


def _pattern(text: str) -> re.Pattern[str]:
    """Compile what a token looks like in `text`; what matches without a group is a BREAK.

    Python's `\\w` leaves out the combining marks that Indic, Thai, Hebrew and Arabic words are
    spelt with, so the marks that do occur are added. Variation selectors belong to emoji.
    """
    marks = {
        char
        for char in ("" if text.isascii() else set(text))
        if (unicodedata.category(char) in {"Mn", "Mc"} or char in _JOINERS)
        and not "\ufe00" <= char <= "\ufe0f"
    }
    within = "[\\w" + re.escape("".join(sorted(marks))) + "]"
    return re.compile(
        rf"""
        # $5M, 50%, #1, 1,000; of any length, "1,1,1," would be read to its end from each digit.
        [$€£¥₹]\s?\d[\d.,]*\w* | \d[\d.,]{{0,20}}\s?% | \#\d+ | \d{{1,3}}(?:,\d{{3}})+
        |
        (
            (?<![\w.]) (?: [A-Z]\. ){{2,}} (?!\w)       # U.S.
            |
            (?<![\w.]) (?: [ABD-QS-Z] | Dr | Mr | Mrs | Mt | St )\. (?=\s+[A-Z])  # J. Doe
            |
            (?<=\s) & (?=\s)                            # Dungeons & Dragons
            |
            (?<!\w) {_NUMBERED.pattern}                   # C++20
            |
            (?: (?<![\w.]) \. (?=[A-Za-z]) )?           # .NET, but not the end of an ellipsis
            [^\W_] {within}*
            (?:
                (?: ['.\-] | (?<=[A-Z])&(?=[A-Z]) )     # don't, Node.js, GPT-4, AT&T
                [^\W_] {within}*
            )*
            (?: (?: \+\+? | \# ) (?!\w) )?              # C++, C#
        )
        |
        \S
        """,
        re.VERBOSE,
    )
