"""A word cloud as a PNG: the more headlines hold a word, the larger it is drawn.

The same words give the same bytes: placing is seeded, the palette is computed, and nothing
depends on the clock or on the order of a hash table.
"""

from __future__ import annotations

import io
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from hn_luigi.cloud.change_colours import LABELLED, LABELS, change_ink, change_inks
from hn_luigi.cloud.colours import RGB, background_colour, readable_colours
from hn_luigi.cloud.errors import CloudError
from hn_luigi.cloud.fonts import choose
from hn_luigi.cloud.legend import legend
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

# Words that touch the edge look cut off wherever the page isn't of the picture's colour.
_MARGIN = 0.03
"""Empty space along each edge, in parts of the shorter one."""

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
    changes: Mapping[str, float] | None = None,
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
            are used, each by chance.
        changes: how many standard deviations each word rose, above 0, or fell, below 0, infinite
            for a new one; those it hasn't are steady. The colours then tell that, instead of those
            of the colormap, and a legend below the words what they mean.
        font_folders: folders of fonts to try before the machine's own, for words that the font
            of first choice has no letters for.

    Raises:
        CloudError: there is no word to draw, or an argument is out of its range.
    """
    _require_room(width, height, max_words)
    paper = background_colour(background)
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
    margin = round(_MARGIN * min(width, height))
    inner_width, inner_height = width - 2 * margin, height - 2 * margin
    shown = () if changes is None else LABELS
    labels, strip = legend(shown, width=inner_width, height=inner_height)
    layout = lay_out(drawable, choice.faces, width=inner_width, height=inner_height - strip)
    left_out.update(layout.left_out)
    if not layout.placed:
        raise _none_drawn(left_out)
    placed = [_moved(word, margin, margin) for word in layout.placed]
    key = [_moved(label, margin, height - margin - strip) for label in labels]
    inks, places = _coloured(placed, changes, colormap, paper)
    return Picture(
        png=_png([*placed, *key], [*places, *LABELLED], inks, paper, width, height),
        width=width,
        height=height,
        drawn={word.word: _box(word) for word in placed},
        left_out=left_out,
    )


def _require_room(width: int, height: int, max_words: int) -> None:
    if not (_SMALLEST <= width <= _LARGEST and _SMALLEST <= height <= _LARGEST):
        raise CloudError(
            f"a picture of {width} x {height} pixels is out of range: give a width and a height "
            f"of {_SMALLEST} to {_LARGEST}"
        )
    if max_words < 1:
        raise CloudError(f"a picture of at most {max_words} words is empty: ask for 1 or more")


def _none_drawn(left_out: Mapping[str, str]) -> CloudError:
    word, reason = next(iter(left_out.items()))
    return CloudError(
        f"none of the {len(left_out)} words can be drawn; the first, {word!r}: {reason}; "
        "install a font for it, or make the picture larger"
    )


def _moved(placed: Placed, right: int, down: int) -> Placed:
    return replace(placed, left=placed.left + right, top=placed.top + down)


def _box(placed: Placed) -> tuple[int, int, int, int]:
    height, width = placed.mask.shape
    return placed.left, placed.top, placed.left + width, placed.top + height


def _coloured(
    words: Sequence[Placed], changes: Mapping[str, float] | None, colormap: str, paper: RGB
) -> tuple[list[RGB], list[int]]:
    """Return the inks, and for each word the place of its own among them."""
    if changes is None:
        inks = readable_colours(colormap, paper, at_most=_COLOURS)
        chance = random.Random(_SEED)
        return inks, [chance.randrange(len(inks)) for _ in words]
    return change_inks(paper), [change_ink(changes.get(word.word, 0.0)) for word in words]


def _png(
    placed: Sequence[Placed],
    places: Sequence[int],
    inks: Sequence[RGB],
    paper: RGB,
    width: int,
    height: int,
) -> bytes:
    """Paint the words, each in the ink at its place, in shades between that and the paper.

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
    pixels = np.zeros((height, width), dtype=np.uint8)
    for word, place in zip(placed, places, strict=False):
        rows, columns = word.mask.shape
        part = pixels[word.top : word.top + rows, word.left : word.left + columns]
        shades = (word.mask.astype(np.uint16) * _SHADES + 127) // 255
        part[shades > 0] = (place * _SHADES + shades[shades > 0]).astype(np.uint8)
    image = Image.fromarray(pixels)
    image.putpalette(palette)
    file = io.BytesIO()
    # Level 9 saves 7 % of the bytes, for 104 ms instead of 10 (Pillow 13).
    image.save(file, "PNG", compress_level=6)
    return file.getvalue()
