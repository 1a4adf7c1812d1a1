"""Which colours tell how words changed: orange for what falls, blue for what rises, new ones apart.

The scheme diverges from a grey that recedes. Its four ends are told apart by those as well who see
no red, no green or no blue: they differ in lightness where they don't in hue.
"""

from __future__ import annotations

import math

from hn_luigi.cloud.colours import RGB, is_legible, is_light, mixed

LABELS = ("falling", "steady", "rising", "new")
"""What the legend says of each of ``LABELLED``."""

_STEPS = 7
"""From the grey to an end: with both, and the new, 16 colours, of the 17 that a picture holds."""

LABELLED = (0, _STEPS, 2 * _STEPS, 2 * _STEPS + 1)
"""The places of the four ends among the inks."""

_FULL = 2.0
"""The change that has the full colour: chance alone makes such a one of 20 words."""

# The hues of Okabe and Ito (2008), and for what is new one that is darker, or lighter, than all. As
# simulated by Machado et al. (2009), no two are nearer than 13 hundredths of Oklab.
_ON_LIGHT = ((0xC4, 0x56, 0x00), (0x8C, 0x8C, 0x8C), (0x00, 0x72, 0xB2), (0x92, 0x00, 0x57))
_ON_DARK = ((0xE0, 0x82, 0x14), (0x50, 0x50, 0x50), (0x56, 0xB4, 0xE9), (0xFF, 0xD0, 0xE6))


def change_inks(paper: RGB) -> list[RGB]:
    """Return the colours from what fell most to what rose most, and last that of a new word.

    Each can be read on the paper. Halfway between white and black that leaves the hues little room.
    """
    falling, steady, rising, new = _ON_LIGHT if is_light(paper) else _ON_DARK
    inks = [
        *(mixed(falling, steady, step / _STEPS) for step in range(_STEPS)),
        *(mixed(steady, rising, step / _STEPS) for step in range(_STEPS + 1)),
        new,
    ]
    return [_readable(ink, paper) for ink in inks]


def change_ink(change: float) -> int:
    """Return the place among the inks for a word that rose, above 0, or fell, below 0.

    Args:
        change: in standard deviations, infinite for a new word; not a number counts as steady.
    """
    if change == math.inf:
        return LABELLED[3]
    if math.isnan(change):
        return _STEPS
    # Not by the largest change there is: on a quiet day chance alone would have the full colour.
    return _STEPS + round(_STEPS * max(-1.0, min(1.0, change / _FULL)))


def _readable(hue: RGB, paper: RGB) -> RGB:
    """Return the hue, with as much black or white in it as it takes to be read on the paper."""
    end = (0, 0, 0) if is_light(paper) else (255, 255, 255)
    shades = (mixed(hue, end, part / 64) for part in range(65))
    return next(shade for shade in shades if is_legible(shade, paper))
