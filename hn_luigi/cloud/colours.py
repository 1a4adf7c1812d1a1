"""Which colours words are drawn in: those of a colormap that can be read on the background."""

from __future__ import annotations

from hn_luigi.cloud.errors import CloudError

RGB = tuple[int, int, int]

LEAST_CONTRAST = 3.0
"""WCAG 2.2, success criterion 1.4.3: the least contrast for large or bold text."""

# Of red light the mat of pages leaves 0.67, of blue 0.62, of which rounding takes a little. So the
# least contrast is 3.2 on white, and 4.4 on black.
_DIMMED = 0.58
"""What is left of a picture's light on a dark page, which dims it so that white doesn't dazzle."""

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

    Every colour can be read on the background; if the colormap holds none that can, the answer is
    black or white alone, whichever contrasts more.

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
    readable = [c for c in dict.fromkeys(samples) if is_legible(c, background)]
    if not readable:
        return [(0, 0, 0) if is_light(background) else (255, 255, 255)]
    count = min(at_most, len(readable))
    step = (len(readable) - 1) / max(count - 1, 1)
    return [readable[round(i * step)] for i in range(count)]


def is_legible(ink: RGB, paper: RGB) -> bool:
    """Tell whether they have LEAST_CONTRAST, on a page that dims them too.

    On any paper black is legible or white is, the one that contrasts more.
    """
    dark, light = sorted((_luminance(ink), _luminance(paper)))
    return (light * _DIMMED + 0.05) / (dark * _DIMMED + 0.05) >= LEAST_CONTRAST


def is_light(colour: RGB) -> bool:
    """Tell whether black contrasts more with a colour than white does."""
    return contrast(colour, (0, 0, 0)) > contrast(colour, (255, 255, 255))


def mixed(one: RGB, other: RGB, part: float) -> RGB:
    """Return the light of one colour mixed with that of another, which is `part` of it, 0 to 1."""
    red, green, blue = (
        round(255 * _encoded(_light(below) * (1 - part) + _light(above) * part))
        for below, above in zip(one, other, strict=True)
    )
    return red, green, blue


def contrast(one: RGB, other: RGB) -> float:
    """Return the contrast ratio of two colours, 1 to 21, as WCAG 2.2 defines it."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: RGB) -> float:
    red, green, blue = map(_light, colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _light(value: int) -> float:
    """Return how much light a value of sRGB, 0 to 255, stands for: 0 to 1."""
    part = value / 255
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _encoded(light: float) -> float:
    return light * 12.92 if light <= 0.0031308 else float(1.055 * light ** (1 / 2.4) - 0.055)
