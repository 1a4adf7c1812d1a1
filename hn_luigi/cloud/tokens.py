"""A title as tokens: what stands between spaces and punctuation, and where phrases have to end.

Here it is decided what the same letters are: an apostrophe is one, whichever of ten was typed,
characters that show nothing are none, and `C++20` is `C++`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
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
_NOT_PLAIN = re.compile(f"[{re.escape(''.join(map(chr, _PLAIN)))}]")

JOINERS = "\u200c\u200d"
"""Zero-width characters that Persian and Indic spelling puts inside words."""
_STRAY_JOINERS = re.compile(rf"(?<=[!-\u052f])[{JOINERS}]+")
"""Those that follow a Latin, Greek or Cyrillic letter, which they say nothing of."""

NUMBERED = re.compile(
    r"(?i: C\+\+ | C\# | Covid ) [\ -]? (?: 19 | \d[\dabxyz] ) (?!\w)", re.VERBOSE
)
"""A name with the number of its standard or its year, where people mean the name: C++20."""

# Twice the tokens that a month of 25,000 headlines has, since the next month has most of them: some
# 15 MB, however many titles a process reads.
_REMEMBERED = 50_000

BREAK = None
"""Where phrases end: punctuation, an amount of money, a mark that was taken away."""


class Token(NamedTuple):
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
    parts: tuple[Token, ...]
    """What is between its hyphens, if it has any: these count as spaces, as in `open-source`."""


@lru_cache(_REMEMBERED)
def token_of(text: str) -> Token | None:
    """The token that is written `text`; BREAK, if that is nothing."""
    if not text:
        return BREAK
    if text[0] in "Cc" and NUMBERED.fullmatch(text):
        text = re.sub("[ -]?..$", "", text)
    return _token(text, tuple(map(_token, text.split("-"))) if "-" in text else ())


def _token(text: str, parts: tuple[Token, ...] = ()) -> Token:
    base = text[:-2] if text.endswith(("'s", "'S")) else text
    key = key_of(base)
    folded = key if key in CAPITALS or base.isalnum() else base.casefold()
    return Token(text, base, key, folded, _is_word(base), parts)


def _is_word(base: str) -> bool:
    if len(base) == 1:
        return base in _ONE_LETTER_NAMES or (base.isalpha() and not base.isascii())
    if len(base) > LONGEST_WORD:
        return False
    if base.isalpha():
        return True
    return not (base.isdigit() or is_link(base)) and any(map(str.isalpha, base))


def is_link(text: str) -> bool:
    """Whether it only stands between the parts of a name, or before: `&`, `F.`, `Dr.`."""
    return text == "&" or (text.find(".") == len(text) - 1 > 0)


def key_of(text: str) -> str:
    """What all spellings of a word have in common: `open source`, `Open-Source`, `OpenSource`.

    `Node.js` is `NodeJS`, and `U.S.` is `US`, though not `us`.
    """
    letters = text if text.isalnum() else text[0] + re.sub("[-. ]", "", text[1:])
    return letters if letters in CAPITALS else letters.casefold()


def plain_text(title: str) -> str:
    """`title` with one kind of apostrophe and hyphen, and without what shows nothing."""
    if title.isascii():
        return title.replace("`", "'")
    text = unicodedata.normalize("NFC", title)
    # Of most that isn't ASCII, such as a dash, nothing is to be translated, which takes 5.5 µs.
    if _NOT_PLAIN.search(text):
        text = text.translate(_PLAIN)
    if text.isprintable():  # characters of category Cf, joiners among them, aren't
        return text
    text = _STRAY_JOINERS.sub("", text)
    return "".join(char for char in text if char in JOINERS or unicodedata.category(char) != "Cf")
