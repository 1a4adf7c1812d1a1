"""Which font draws a word: one that has all its characters, or none.

The first choice ships inside matplotlib, so that a picture looks the same on any machine. The
machine's own fonts are looked through only for words that it cannot spell. A word that no font
can draw is named, never drawn as boxes.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

NO_FONT = "no font on this machine has its characters"
NO_SHAPING = "Pillow cannot join or reorder its letters here (it needs raqm and fribidi)"

# 0.25 of the font size in DejaVu Sans Bold, whose space is 0.35: as much as is between two words,
# so that neighbours could be taken for a phrase.
NARROW = "\N{FOUR-PER-EM SPACE}"

_UNSUITED = ("lastresort", "adobeblank", "emoji")
"""Fonts that claim characters they have no letters for, or draw pictures in their place."""


@dataclass(frozen=True)
class Face:
    """A font file, and how a word is set in it.

    `shaped` tells whether it needs a shaping engine to be joined and ordered, `space` what is set
    between the words of a phrase.
    """

    path: str
    shaped: bool = False
    space: str = " "


@dataclass(frozen=True)
class Choice:
    """The face for each word that can be drawn, and the reason for each that cannot."""

    faces: Mapping[str, Face]
    reasons: Mapping[str, str]


def choose(words: Iterable[str], *, folders: Sequence[str | Path] = ()) -> Choice:
    """Find for each word a font that has every one of its characters.

    Args:
        words: what is to be drawn.
        folders: looked through, subfolders included, before the machine's own fonts.

    Returns:
        A choice in which every word has either a face or a reason.
    """
    faces: dict[str, Face] = {}
    reasons: dict[str, str] = {}
    pending: dict[str, frozenset[int]] = {}
    for word in words:
        if needs_shaping(word) and not _can_shape():
            reasons[word] = NO_SHAPING
        else:
            pending[word] = _characters(word)
    for path in _candidates(folders):
        found = _coverage(path)
        for word in [word for word, needed in pending.items() if needed and needed <= found]:
            del pending[word]
            faces[word] = Face(path, needs_shaping(word), NARROW if ord(NARROW) in found else " ")
        if not pending:
            break
    return Choice(faces, reasons | dict.fromkeys(pending, NO_FONT))


def needs_shaping(word: str) -> bool:
    """Tell whether the word is written from right to left or with combining marks."""
    return not word.isascii() and any(
        unicodedata.bidirectional(char) in {"R", "AL"} or unicodedata.category(char) in {"Mn", "Mc"}
        for char in word
    )


def _characters(word: str) -> frozenset[int]:
    """Return the code points a font must have: format characters need no glyph of their own."""
    return frozenset(ord(char) for char in word if unicodedata.category(char) != "Cf")


@functools.cache
def _can_shape() -> bool:
    from PIL import features

    return bool(features.check("raqm") and features.check("fribidi"))


def _candidates(folders: Sequence[str | Path]) -> Iterator[str]:
    """Yield font files, best first, in an order that depends on their paths alone."""
    yield _first_font()
    # Its first import on a machine looks through all its fonts, 0.27 s where there are 22, and 7 ms
    # after that (matplotlib 3.11): most pictures need not spend either.
    from matplotlib.font_manager import findSystemFonts

    if folders:
        yield from sorted(findSystemFonts([str(folder) for folder in folders]), key=_preference)
    yield from sorted(findSystemFonts(), key=_preference)


@functools.cache
def _first_font() -> str:
    from hn_luigi.cloud.mpl import get_data_path

    return str(Path(get_data_path(), "fonts", "ttf", "DejaVuSans-Bold.ttf"))


def _preference(path: str) -> tuple[int, str, str]:
    """Order upright bold sans-serif fonts first, by what their file names say."""
    name = Path(path).name.casefold().replace("-", "").replace("_", "").replace(" ", "")
    oddness = (
        4 * any(word in name for word in ("italic", "oblique"))
        + 3 * any(word in name for word in ("serif", "mono", "condensed", "narrow"))
        + 2 * ("bold" not in name)
        + ("notosans" not in name)
    )
    return oddness, name, path


def _coverage(path: str) -> frozenset[int]:
    """Return the code points the font at `path` can draw: none, if it is of no use."""
    if path == _first_font():
        return _first_coverage()
    return _read_coverage(path)


@functools.cache
def _first_coverage() -> frozenset[int]:
    return _read_coverage(_first_font())


def _read_coverage(path: str) -> frozenset[int]:
    from matplotlib.ft2font import FT2Font
    from PIL import ImageFont

    if any(word in Path(path).name.casefold() for word in _UNSUITED):
        return frozenset()
    try:
        # Fonts of fixed-size bitmaps open, but refuse any size that is not one of theirs.
        ImageFont.truetype(path, 23)
        return frozenset(FT2Font(path).get_charmap())
    except (OSError, RuntimeError, ValueError):
        return frozenset()
