"""The colours of pages can be read by whoever has WCAG's AA contrast, in both schemes."""

from __future__ import annotations

import re

import pytest

from hn_luigi.display import STYLE

TONES = ("good", "soft", "warn", "bad", "busy")
GROUNDS = ("paper", "card", "shade", "well")
TEXT = [(name, on) for name in ("ink", "link", *TONES) for on in GROUNDS]
TEXT += [
    (name, f"{tone}-tint")
    for tone in ("warn", "bad", "busy")
    for name in (tone, "ink", "link", "soft")
]
TEXT += [("on-primary", "primary")]
CONTROLS = [(name, on) for name in ("edge", "primary") for on in GROUNDS]


def schemes():
    """The colours by name, of the light scheme and the dark one."""
    begin, _, dark = STYLE.read_text().partition("(prefers-color-scheme: dark)")
    light, dark = (
        dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", part.partition("* {")[0]))
        for part in (begin, dark)
    )
    return {"light": light, "dark": {**light, **dark}}


def luminance(colour):
    """WCAG 2's relative luminance."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_and_controls_be_seen(scheme):
    colours = schemes()[scheme]
    for pairs, least in ((TEXT, 4.5), (CONTROLS, 3.0)):
        found = {pair: contrast(*(colours[name] for name in pair)) for pair in pairs}
        assert {pair: round(ratio, 2) for pair, ratio in found.items() if ratio < least} == {}


def test_each_scheme_has_colours_of_its_own_and_paper_is_printed_on_in_the_light_one():
    light, dark = schemes().values()
    assert {name for name in light if light[name] == dark[name]} == set()
    assert "screen and (prefers-color-scheme: dark)" in STYLE.read_text()
