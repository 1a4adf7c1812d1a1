"""Colours that can be read on the background."""

from __future__ import annotations

import pytest

from hn_luigi.cloud.colours import LEAST_CONTRAST, background_colour, contrast, readable_colours


@pytest.mark.parametrize("background", ["white", "black", "#808080", "navy", "hsl(40, 80%, 90%)"])
@pytest.mark.parametrize("colormap", ["viridis", "tab10", "Greys", "Pastel1", "binary"])
def test_every_colour_can_be_read_on_the_background(colormap: str, background: str) -> None:
    paper = background_colour(background)

    inks = readable_colours(colormap, paper, at_most=17)

    assert 1 <= len(inks) <= 17
    assert all(contrast(ink, paper) >= LEAST_CONTRAST for ink in inks)


def test_contrast_is_as_wcag_defines_it() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((0x76, 0x76, 0x76), (255, 255, 255)) == pytest.approx(4.54, abs=0.01)
