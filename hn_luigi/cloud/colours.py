"""Which colours words are drawn in: those of a colormap that can be read on the background."""

from __future__ import annotations

from hn_luigi.cloud.errors import CloudError

RGB = tuple[int, int, int]

LEAST_CONTRAST = 3.0
"""WCAG 2.2, success criterion 1.4.3: the least contrast for large or bold text."""

# Every colour of a qualitative map is hit, the largest of which has 20 (tab20, matplotlib 3.11):
# with 16 samples four of them were missed. Continuous maps need no more: a picture takes 17.
_SAMPLES = 64


def background_colour(name: str) -> RGB:
    """Read a colour in any of Pillow's notations: `white`, `#fafafa`, `hsl(30, 20%, 98%)`.

    Raises:
        CloudError: Pillow does not know it, or it is not opaque.
    """
    from PIL import ImageColor

    try:
        red, green, blue, *alpha = ImageColor.getrgb(name)
    except ValueError as error:
        raise CloudError(
            f"unknown background colour {name!r}: give a name such as white, or #rrggbb"
        ) from error
    if max(red, green, blue) > 255:
        raise CloudError(f"background colour {name!r} is out of range: the maximum is 255 or 100%")
    if alpha not in ([], [255]):
        raise CloudError(f"background colour {name!r} is transparent: give an opaque one")
    return red, green, blue


def readable_colours(colormap: str, background: RGB, *, at_most: int) -> list[RGB]:
    """Take up to `at_most` colours, evenly spread over what is readable of a colormap.

    Every colour has a contrast of LEAST_CONTRAST or more with the background; if the colormap
    holds none, the answer is black or white alone, whichever contrasts more.

    Raises:
        CloudError: matplotlib has no colormap of that name.
    """
    from hn_luigi.cloud.mpl import colormaps

    if colormap not in colormaps:
        raise CloudError(
            f"unknown colormap {colormap!r}: matplotlib has viridis, plasma, cividis, tab10, Dark2 "
            "and others"
        )
    chosen = colormaps[colormap]
    samples = [
        (int(red), int(green), int(blue))
        for red, green, blue, _ in chosen([i / (_SAMPLES - 1) for i in range(_SAMPLES)], bytes=True)
    ]
    readable = [c for c in dict.fromkeys(samples) if contrast(c, background) >= LEAST_CONTRAST]
    if not readable:
        black, white = (0, 0, 0), (255, 255, 255)
        return [max(black, white, key=lambda colour: contrast(colour, background))]
    count = min(at_most, len(readable))
    step = (len(readable) - 1) / max(count - 1, 1)
    return [readable[round(i * step)] for i in range(count)]


def contrast(one: RGB, other: RGB) -> float:
    """Return the contrast ratio of two colours, 1 to 21, as WCAG 2.2 defines it."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: RGB) -> float:
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (part / 255 for part in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
