"""Colours that tell how words changed, for eyes of every kind."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from hn_luigi.cloud.change_colours import LABELLED, LABELS, change_ink, change_inks
from hn_luigi.cloud.colours import LEAST_CONTRAST, RGB, background_colour, contrast, is_legible

FALLING, STEADY, RISING, NEW = LABELLED

# Machado, Oliveira and Fernandes (2009), table 1, severity 1.0, for linear sRGB.
SIGHTS = {
    "all colours": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "no red": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "no green": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "no blue": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def oklab(colour: RGB, sight: str) -> np.ndarray:
    """The colour as somebody sees it, in Ottosson's Oklab (2020)."""
    part = np.array(colour) / 255
    light = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    cones = np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    ) @ np.clip(np.array(SIGHTS[sight]) @ light, 0, 1)
    return np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    ) @ np.cbrt(cones)


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("background", ["white", "#fff8e7", "#131519", "black", "navy"])
def test_the_four_ends_are_told_apart_by_everybody(background: str, sight: str) -> None:
    inks = change_inks(background_colour(background))

    seen = [oklab(inks[place], sight) for place in LABELLED]

    distances = [np.linalg.norm(one - other) for one, other in itertools.combinations(seen, 2)]
    assert min(distances) > 0.12  # without red, two colours of tab10 are 0.007 apart


def test_all_can_be_read_on_any_background() -> None:
    for background in itertools.product(range(0, 256, 51), repeat=3):
        inks = change_inks(background)
        assert all(is_legible(ink, background) for ink in inks)
        assert min(contrast(ink, background) for ink in inks) >= LEAST_CONTRAST
        assert len({inks[place] for place in LABELLED}) == len(LABELS)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (2.0, RISING),
        (9.0, RISING),
        (-2.0, FALLING),
        (-math.inf, FALLING),
        (0.0, STEADY),
        (math.nan, STEADY),
        (math.inf, NEW),
    ],
)
def test_the_ends_are_what_rose_or_fell_most_and_what_is_new(change: float, place: int) -> None:
    assert change_ink(change) == place


def test_the_more_it_changed_the_nearer_to_the_end() -> None:
    places = [change_ink(change / 1000) for change in range(-2000, 2001)]

    assert places == sorted(places)
    assert len(set(places)) == RISING - FALLING + 1


def test_what_chance_alone_does_is_nearly_steady() -> None:
    assert {change_ink(change) - STEADY for change in (-0.1, 0.1)} == {0}
    assert abs(change_ink(0.5) - STEADY) < (RISING - STEADY) / 2
