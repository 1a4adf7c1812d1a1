"""Where the words of a picture go, and how large each one is.

Sizes follow from the weights and from the room there is. The heaviest words are placed first,
about the middle, and all are to be read level: upright ones gain no room. A word that finds no room
is drawn smaller. Where one comes out much too small, all are placed anew at smaller sizes; the last
time each is drawn as small as can be read, or left out and the next one tried.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hn_luigi.cloud.fonts import NO_FONT, Face
from hn_luigi.cloud.grid import Grid
from hn_luigi.cloud.lettering import Pen

if TYPE_CHECKING:
    from hn_luigi.cloud.lettering import Mask

NO_ROOM = "no room in the picture"

REFERENCE = 1200 * 600
"""The pixels of the picture that the sizes below are for."""

# At 11 an x of DejaVu Sans Bold is 6 pixels high, at 10 it is 5: no more than the three strokes of
# an e and the two gaps between them.
LEAST_SIZE = 11
"""Pixels of font size, in a picture of up to REFERENCE pixels; in a larger one, as many more."""

# Of 150 words none then comes out below 16, of which an x is 7 pixels high where a page shows the
# picture 960 wide on a phone; without this three do, and the smallest has 13. With 21 the others
# shrink, and another fifth of the time goes into it (ten samples of 500 real headlines, as below).
_LEGIBLE = 19.0
"""The size of words that would be smaller, in a picture of REFERENCE pixels, where there's room."""

# Of 400 words in the same room, the leading one has 102 pixels, with 0.9 it has 76, and with all of
# the room 16, as all the others.
_LEGIBLE_PART = 0.7
"""The part of the room that all words at that size may take, so that weights still show."""

# Twice the gap costs more than leaving it out gains: the median size of 150 words is 23.0, with
# twice the gap 21.1, with none 23.0.
_GAP_BESIDE, _GAP_ABOVE = 0.3, 0.1
"""Empty space around each word, in font sizes; a cell at least."""

# Of ten words the median size is 98 pixels at this height, 97 at 0.2 and 92 at 0.6. The width
# bounds leading words of three letters or more.
_LEAD_WIDTH, _LEAD_HEIGHT = 0.42, 0.4
"""The most of the picture's width and height that the leading word takes."""

# A phrase too, in one line: so it is seen to be one, and of 40 characters it leaves 150 words room.
_LONG_LEAD_WIDTH = 0.8
"""The same for a leading word so long that beside it all others would come out tiny."""

# The first is right for most: at 0.66 more are placed anew, for a fifth more time; at 0.53 words
# are 5 % smaller. Of 4,000 words, 400 a picture, 42 had no room at 0.6 alone, now two.
_FILLS = (0.6, 0.53, 0.46)
"""The part of the picture that the words' boxes take together: the less, the more find room."""

_CRAMPED = 0.8
"""A word drawn smaller than this part of its size no longer shows its weight."""

# 150 words of 500 real headlines come out at 1.0, where size follows the count (eight windows of
# eight); 40 at 0.9 to 1.0, ten at 0.6 to 0.8, so that few words fill the picture too.
_LEAST_POWER, _MOST_POWER = 0.3, 1.0
"""Font size grows with weight to a power in this range: 0.5 would make area follow weight."""

# In larger steps words get smaller than they must: with 0.9 some of 150 come out at 15.
_SHRINK = 0.95

_SEED = 2007  # any would do, as in the picture

# Pixels at which a word is measured for all sizes: hinting makes widths at 64 differ by 0.9 % at
# most from those at 512, at 16 by 7 %.
_PROBE = 64


@dataclass(frozen=True)
class Placed:
    """A word in its place: how much of each pixel it covers, and where that goes.

    `mask` has a row for each pixel of height and 0 to 255 for each pixel of width; its top left
    corner is `left`, `top` in the picture. `size` is the font size in pixels.
    """

    word: str
    mask: Mask
    left: int
    top: int
    size: int


_Spot = tuple[Pen, int, tuple[int, int]]
"""A word, its font size, and the left and top of its place."""


@dataclass(frozen=True)
class Layout:
    """The placed words, heaviest first, and a reason for each word that has no place."""

    placed: tuple[Placed, ...]
    left_out: Mapping[str, str]


def lay_out(
    words: Sequence[tuple[str, float]], faces: Mapping[str, Face], *, width: int, height: int
) -> Layout:
    """Place words on a picture of `width` x `height` pixels, each drawn in its face.

    The same words get the same places, always.

    Args:
        words: word and weight above zero, heaviest first.
        faces: the face of every one of the words.
    """
    pens = [Pen(word, faces[word]) for word, _ in words]
    boxes = {pen.word: pen.box(_PROBE) for pen in pens}
    blank = {word: NO_FONT for word, box in boxes.items() if min(box) <= 0}
    inked = [pen for pen in pens if pen.word not in blank]
    weights = [weight for word, weight in words if word not in blank]
    unit_boxes = [(boxes[pen.word][0] / _PROBE, boxes[pen.word][1] / _PROBE) for pen in inked]
    legible = _LEGIBLE * math.sqrt(width * height / REFERENCE)
    spots: list[_Spot] = []
    for fill in _FILLS:
        sizes = font_sizes(
            weights, unit_boxes, width=width, height=height, fill=fill, least=legible
        )
        spots = _find_room(inked, sizes, width, height, whatever=fill == _FILLS[-1])
        if len(spots) == len(inked):
            break
    placed = tuple(Placed(pen.word, pen.mask(size), *corner, size) for pen, size, corner in spots)
    found = {word.word for word in placed}
    crowded = {pen.word: NO_ROOM for pen in inked if pen.word not in found}
    return Layout(placed, blank | crowded)


def _find_room(
    pens: Sequence[Pen], sizes: Sequence[float], width: int, height: int, *, whatever: bool
) -> list[_Spot]:
    """Find room for each word at its size in pixels or, failing that, a smaller one.

    Args:
        whatever: pass over a word that has none, and let others be cramped; else the first such
            is the end.
    """
    chance = random.Random(_SEED)
    grid = Grid(width, height, chance)
    least = round(LEAST_SIZE * max(1.0, math.sqrt(width * height / REFERENCE)))
    spots: list[_Spot] = []
    for pen, wanted in zip(pens, sizes, strict=True):
        # The heaviest words gather in the middle: theirs is the best of many places. With one try
        # each, the first ten are 0.45 off centre on average, with 24 for the first 0.37, and with
        # 96 0.33, for 40 % more time (0 is the centre, 1 a corner).
        tries = max(1, 24 // (1 + len(spots)))
        size = max(least, round(wanted))
        lowest = least if whatever else max(least, _CRAMPED * wanted)
        spot = None
        while spot is None and size >= lowest:
            box = pen.box(size)
            spot = grid.find(box, (size * _GAP_BESIDE, size * _GAP_ABOVE), tries=tries)
            if spot is not None:
                grid.take(box, spot)
                spots.append((pen, size, grid.pixel(spot)))
            size = min(size - 1, round(size * _SHRINK))
        if spot is None and not whatever:
            break
    return spots


def font_sizes(
    weights: Sequence[float],
    boxes: Sequence[tuple[float, float]],
    *,
    width: int,
    height: int,
    fill: float,
    least: float = 0,
) -> list[float]:
    """Choose font sizes in pixels, at which the words together fill the picture well.

    The leading word gets its share of the picture. How steeply the others fall off is what the
    room asks for: many heavy words fall off faster, few words stay large. Where even the
    steepest fall leaves too little room, the heavier words are drawn smaller.

    Args:
        weights: above zero, heaviest first.
        boxes: width and height in pixels of each word at a font size of one.
        fill: the part of the picture that the boxes are to take together.
        least: the size, in pixels, of words that would be smaller, if there is room for that.
    """
    if not weights:
        return []
    lead_width, lead_height = boxes[0]
    highest = _LEAD_HEIGHT * height / lead_height
    lead = min(_LEAD_WIDTH * width / lead_width, highest)
    largest = min(_LONG_LEAD_WIDTH * width / lead_width, highest)
    room = fill * width * height
    relative = [weight / weights[0] for weight in weights]
    areas = [w * h for w, h in boxes]
    least = min(least, math.sqrt(_LEGIBLE_PART * room / sum(areas)))

    def sizes(lead: float, power: float) -> list[float]:
        return [max(least, lead * math.pow(part, power)) for part in relative]

    def fits(lead: float, power: float) -> bool:
        found = sizes(lead, power)
        return sum(size * size * area for size, area in zip(found, areas, strict=True)) <= room

    power = _bounded(_MOST_POWER, _LEAST_POWER, lambda power: fits(lead, power))
    return sizes(_bounded(0, largest, lambda lead: fits(lead, power)), power)


def _bounded(good: float, bad: float, is_good: Callable[[float], bool]) -> float:
    """Return what is good and nearest to `bad`, which may itself be good."""
    if is_good(bad):
        return bad
    for _ in range(12):  # to 0.0003 of the range, which no rounded size shows
        middle = (good + bad) / 2
        good, bad = (middle, bad) if is_good(middle) else (good, middle)
    return good
