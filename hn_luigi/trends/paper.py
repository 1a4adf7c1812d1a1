"""White paper to plot on, alike whatever a user has set of matplotlib, and small as a PNG."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from PIL import Image


@contextmanager
def paper(width: int, height: int) -> Iterator[Figure]:
    """A figure of so many pixels, 100 an inch, for as long as nothing is set of matplotlib."""
    from hn_luigi.cloud import mpl  # noqa: F401 - before matplotlib itself, see there

    # isort: split
    from matplotlib import rc_context, rcdefaults
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with rc_context():
        rcdefaults()
        # Not by pyplot, which is for one thread, and keeps figures.
        figure = Figure(figsize=(width / 100, height / 100), dpi=100, facecolor="white")
        FigureCanvasAgg(figure)
        yield figure


def png_of(figure: Figure, *inks: str, shades: int) -> bytes:
    """What is drawn on a figure, in white and in each of ``inks`` in so many shades from there.

    To choose a palette from the pixels takes 50 ms by the median cut, which loses a single dot, and
    loses white by an octree.
    """
    import numpy as np
    from PIL import Image

    figure.canvas.draw()
    pixels = np.array(figure.canvas.buffer_rgba())[:, :, :3]  # type: ignore[attr-defined]
    palette = _palette(inks, shades)
    file = io.BytesIO()
    picture = Image.fromarray(pixels).quantize(palette=palette, dither=Image.Dither.NONE)
    picture.save(file, "PNG", compress_level=6)
    return file.getvalue()


def _palette(inks: tuple[str, ...], shades: int) -> Image.Image:
    from PIL import Image, ImageColor

    parts = [255, 255, 255]
    for ink in inks:
        for shade in range(1, shades + 1):
            parts += [255 - (255 - part) * shade // shades for part in ImageColor.getrgb(ink)[:3]]
    image = Image.new("P", (1, 1))
    image.putpalette(parts)
    return image
