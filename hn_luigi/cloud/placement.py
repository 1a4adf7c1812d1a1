"""Where the words of a picture go, and how large each one is.

Sizes follow from the weights and from the room there is. The heaviest words are placed first,
about the middle. A word that finds no room is drawn smaller, down to the least legible size;
after that it is left out and the next one tried. Where words come out much too small, all are
placed anew at smaller sizes.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hn_luigi.cloud.fonts import NO_FONT, Face
from hn_luigi.cloud.grid import Grid
from hn_luigi.cloud.lettering import Pen

if TYPE_CHECKING:
    from hn_luigi.cloud.lettering import Mask

NO_ROOM = "no room in the picture"

_REFERENCE = 1200 * 600
_LEAST_SIZE = 11
"""Pixels of font size, in a picture of up to _REFERENCE pixels; in a larger one, as many more."""

_GAP_BESIDE, _GAP_ABOVE = 0.22, 0.08
"""Empty space around each word, in font sizes, as its reader sees it; a cell at least."""

_LEAD_WIDTH, _LEAD_HEIGHT = 0.42, 0.4
"""The most of the picture's width and height that the leading word takes."""

_LONG_LEAD_WIDTH = 0.8
"""The same for a leading word so long that beside it all others would come out tiny."""

_FILLS = (0.72, 0.6, 0.5)
"""The part of the picture that the words' boxes take together: the less, the more find room."""

_CRAMPED = 0.6
"""A word drawn smaller than this part of its size no longer shows its weight."""

_LEAST_POWER, _MOST_POWER = 0.3, 1.0
"""Font size grows with weight to a power in this range: 0.5 would make area follow weight."""

_SHRINK = 0.9
_LEVEL = 0.9
"""The part of the words to be read level; the others are read from below."""

_LEADERS = 5
"""Words that are level whatever chance says."""

_SEED = 2007
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
    pens = {word: Pen(word, faces[word]) for word, _ in words}
    boxes = {word: pen.box(_PROBE) for word, pen in pens.items()}
    blank = {word: NO_FONT for word, box in boxes.items() if min(box) <= 0}
    inked = [word for word, _ in words if word not in blank]
    weights = [weight for word, weight in words if word not in blank]
    unit_boxes = [(boxes[word][0] / _PROBE, boxes[word][1] / _PROBE) for word in inked]
    placed: list[Placed] = []
    for fill in _FILLS:
        sizes = font_sizes(weights, unit_boxes, width=width, height=height, fill=fill)
        placed = _place([pens[word] for word in inked], sizes, width, height)
        if len(placed) == len(inked) and not any(
            word.size < _CRAMPED * size for word, size in zip(placed, sizes, strict=True)
        ):
            break
    found = {word.word for word in placed}
    crowded = {word: NO_ROOM for word in inked if word not in found}
    return Layout(tuple(placed), blank | crowded)


def _place(pens: Sequence[Pen], sizes: Sequence[float], width: int, height: int) -> list[Placed]:
    """Place what finds room, at its size in pixels or, failing that, a smaller one."""
    chance = random.Random(_SEED)
    grid = Grid(width, height, chance)
    least = round(_LEAST_SIZE * max(1.0, math.sqrt(width * height / _REFERENCE)))
    placed: list[Placed] = []
    for pen, wanted in zip(pens, sizes, strict=True):
        level = chance.random() < _LEVEL or len(placed) < _LEADERS
        # The heaviest words gather in the middle: theirs is the best of many places.
        tries = max(1, 24 // (1 + len(placed)))
        size = max(least, round(wanted))
        while size >= least:
            box, gap = pen.box(size), (size * _GAP_BESIDE, size * _GAP_ABOVE)
            spot = grid.find(*((box, gap) if level else (box[::-1], gap[::-1])), tries=tries)
            if spot is not None:
                mask = pen.mask(size, level=level)
                grid.take(mask, spot)
                placed.append(Placed(pen.word, mask, *grid.pixel(spot), size))
                break
            level, size = True, int(size * _SHRINK)
    return placed


def font_sizes(
    weights: Sequence[float],
    boxes: Sequence[tuple[float, float]],
    *,
    width: int,
    height: int,
    fill: float,
) -> list[float]:
    """Choose font sizes in pixels, at which the words together fill the picture well.

    The leading word gets its share of the picture. How steeply the others fall off is what the
    room asks for: many heavy words fall off faster, few words stay large. Where even the
    steepest fall leaves too little room, all are drawn smaller alike.

    Args:
        weights: above zero, heaviest first.
        boxes: width and height in pixels of each word at a font size of one.
        fill: the part of the picture that the boxes are to take together.
    """
    if not weights:
        return []
    lead_width, lead_height = boxes[0]
    lead = min(_LEAD_WIDTH * width / lead_width, _LEAD_HEIGHT * height / lead_height)
    room = fill * width * height
    relative = [weight / weights[0] for weight in weights]

    def area(power: float) -> float:
        return sum(
            lead * lead * math.pow(part, 2 * power) * w * h
            for part, (w, h) in zip(relative, boxes, strict=True)
        )

    low, high = _LEAST_POWER, _MOST_POWER
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (middle, high) if area(middle) > room else (low, middle)
    largest = min(_LONG_LEAD_WIDTH * width / lead_width, _LEAD_HEIGHT * height / lead_height)
    lead = min(largest, lead * math.sqrt(room / area(high)))
    return [lead * math.pow(part, high) for part in relative]
