"""A word cloud as a PNG: the more headlines hold a word, the larger it is drawn.

The same words give the same bytes: placing is seeded, the palette is computed, and nothing
depends on the clock or on the order of a hash table.
"""

from __future__ import annotations

import io
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hn_luigi.cloud.colours import RGB, background_colour, readable_colours
from hn_luigi.cloud.errors import CloudError
from hn_luigi.cloud.fonts import choose
from hn_luigi.cloud.placement import lay_out
from hn_luigi.cloud.tokens import LONGEST_WORD

if TYPE_CHECKING:
    from hn_luigi.cloud.placement import Placed

TOO_LONG = f"longer than {LONGEST_WORD} characters"

# At 100 x 100 pixels 26 of the sample's 150 words find room. 8000 x 8000 take 0.8 s of CPU, and 64
# MB for the pixels alone, which a zero too many in each number would make 6.4 GB.
_SMALLEST, _LARGEST = 100, 8000

# With 7 the sample's picture is 65 kB, with 15 it is 78, and with 31, for half as many colours, 87.
_SHADES = 15
"""Steps from background to full colour, for smooth edges; invisible ones cost only bytes."""

_COLOURS = 17
"""As many as a palette of 256 entries holds beside the background: 1 + 17 * 15."""

_SEED = 2007  # any would do: the same words are to give the same picture


@dataclass(frozen=True)
class Picture:
    """A PNG of `width` x `height` pixels, and what became of each word.

    `drawn` gives the words in it, heaviest first, each with its box: left, top, right and
    bottom in pixels. `left_out` gives, for each word that should have been in it, the reason why
    it is not.
    """

    png: bytes
    width: int
    height: int
    drawn: Mapping[str, tuple[int, int, int, int]]
    left_out: Mapping[str, str]


def draw(
    words: Mapping[str, float],
    *,
    width: int = 1200,
    height: int = 600,
    max_words: int = 150,
    background: str = "white",
    colormap: str = "viridis",
    font_folders: Sequence[str | Path] = (),
) -> Picture:
    """Draw the heaviest words, larger the heavier they are.

    A word that cannot be drawn is left out, with its reason, and stops no other.

    Args:
        words: word to weight; of equal ones the first comes first, and a word whose weight is not
            above zero is passed over.
        width: pixels, 100 to 8000.
        height: pixels, 100 to 8000.
        max_words: how many of the heaviest words to draw.
        background: any colour Pillow can read, such as `white` or `#fafafa`.
        colormap: a matplotlib colormap; only its colours that are legible on the background
            are used.
        font_folders: folders of fonts to try before the machine's own, for words that the font
            of first choice has no letters for.

    Raises:
        CloudError: there is no word to draw, or an argument is out of its range.
    """
    if not (_SMALLEST <= width <= _LARGEST and _SMALLEST <= height <= _LARGEST):
        raise CloudError(
            f"a picture of {width} x {height} pixels is out of range: give a width and a height "
            f"of {_SMALLEST} to {_LARGEST}"
        )
    if max_words < 1:
        raise CloudError(f"a picture of at most {max_words} words is empty: ask for 1 or more")
    paper = background_colour(background)
    inks = readable_colours(colormap, paper, at_most=_COLOURS)
    ranked = sorted(
        ((word, weight) for word, weight in words.items() if weight > 0), key=lambda item: -item[1]
    )
    if not ranked:
        raise CloudError("no words to draw: the headlines are empty or contain only stop words")

    asked = ranked[:max_words]
    left_out = {word: TOO_LONG for word, _ in asked if len(word) > LONGEST_WORD}
    choice = choose((word for word, _ in asked if word not in left_out), folders=font_folders)
    left_out.update(choice.reasons)
    drawable = [(word, weight) for word, weight in asked if word in choice.faces]
    layout = lay_out(drawable, choice.faces, width=width, height=height)
    left_out.update(layout.left_out)
    if not layout.placed:
        word, reason = next(iter(left_out.items()))
        raise CloudError(
            f"none of the {len(left_out)} words can be drawn; the first, {word!r}: {reason}; "
            "install a font for it, or make the picture larger"
        )
    return Picture(
        png=_png(layout.placed, inks, paper, width, height),
        width=width,
        height=height,
        drawn={placed.word: _box(placed) for placed in layout.placed},
        left_out=left_out,
    )


def _box(placed: Placed) -> tuple[int, int, int, int]:
    height, width = placed.mask.shape
    return placed.left, placed.top, placed.left + width, placed.top + height


def _png(
    placed: Sequence[Placed], inks: Sequence[RGB], paper: RGB, width: int, height: int
) -> bytes:
    """Paint the words, each in one of the inks, in shades between it and the paper.

    A palette that holds exactly those shades makes a PNG of less than half the size, without the
    cost or the losses of choosing one from the finished pixels.
    """
    # The sample at 1200 x 600: 78 kB, as RGB 188 kB; to choose a palette afterwards took 36 ms.
    import numpy as np
    from PIL import Image

    palette = [*paper]
    for ink in inks:
        for shade in range(1, _SHADES + 1):
            palette += [
                round(below + (above - below) * shade / _SHADES)
                for below, above in zip(paper, ink, strict=True)
            ]
    chance = random.Random(_SEED)
    pixels = np.zeros((height, width), dtype=np.uint8)
    for word in placed:
        rows, columns = word.mask.shape
        part = pixels[word.top : word.top + rows, word.left : word.left + columns]
        shades = (word.mask.astype(np.uint16) * _SHADES + 127) // 255
        first = chance.randrange(len(inks)) * _SHADES
        part[shades > 0] = (first + shades[shades > 0]).astype(np.uint8)
    image = Image.fromarray(pixels)
    image.putpalette(palette)
    file = io.BytesIO()
    # Level 9 saves 7 % of the bytes, for 104 ms instead of 10 (Pillow 13).
    image.save(file, "PNG", compress_level=6)
    return file.getvalue()
