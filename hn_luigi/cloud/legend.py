"""What the colours of a picture mean, in a strip below its words.

Its letters are as large as the smallest words of a full picture, in as many lines as it takes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from hn_luigi.cloud.fonts import choose
from hn_luigi.cloud.lettering import Pen
from hn_luigi.cloud.placement import LEAST_SIZE, REFERENCE, Placed

_SIZE = 18
"""Pixels of font size in a picture of REFERENCE pixels; in others as their sides are."""

# Letters of DejaVu Sans Bold, from the top of their line to the end of a g, are 1.17 high.
_LINE, _ABOVE, _BESIDE = 1.6, 0.2, 1.2
"""Height of a line, empty space at its top, and space between two labels, in font sizes."""


def legend(labels: Sequence[str], *, width: int, height: int) -> tuple[list[Placed], int]:
    """Lay out labels, each after a dot, for a picture of `width` x `height` pixels.

    Returns:
        Their places, counted from the top left of the strip, and its height in pixels.
    """
    size = max(LEAST_SIZE, round(_SIZE * math.sqrt(width * height / REFERENCE)))
    texts = [f"\N{BLACK CIRCLE} {label}" for label in labels]
    faces = choose(texts).faces
    lines: list[list[Pen]] = []
    for pen in (Pen(text, faces[text]) for text in texts):
        if lines and _width([*lines[-1], pen], size) <= width:
            lines[-1].append(pen)
        else:
            lines.append([pen])
    placed = []
    for number, line in enumerate(lines):
        left = max(0, (width - _width(line, size)) // 2)
        for pen in line:
            top = round((number * _LINE + _ABOVE) * size)
            placed.append(Placed(pen.word, pen.mask(size), left, top + pen.top(size), size))
            left += pen.box(size)[0] + round(_BESIDE * size)
    return placed, round(_LINE * size * len(lines))


def _width(pens: Sequence[Pen], size: int) -> int:
    return sum(pen.box(size)[0] for pen in pens) + round(_BESIDE * size) * (len(pens) - 1)
