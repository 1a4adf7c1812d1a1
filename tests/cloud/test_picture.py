"""The picture: its bytes, what is in it, and that it can be read."""

from __future__ import annotations

import hashlib
import io
import itertools
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from fontTools.fontBuilder import FontBuilder  # type: ignore[import-untyped]
from fontTools.pens.ttGlyphPen import TTGlyphPen  # type: ignore[import-untyped]
from PIL import Image

from hn_luigi.cloud import CloudError, Picture, draw
from hn_luigi.cloud.change_colours import LABELLED, change_inks
from hn_luigi.cloud.colours import RGB, background_colour, contrast, readable_colours
from hn_luigi.cloud.fonts import NO_FONT
from hn_luigi.cloud.picture import TOO_LONG

from .words import WORDS

INVENTED = "\ue010\ue011"


def pixels(picture: Picture) -> Image.Image:
    return Image.open(io.BytesIO(picture.png)).convert("RGB")


def colours_in(image: Image.Image, box: tuple[int, int, int, int]) -> dict[RGB, int]:
    """The colours of the pixels in a box, each with how many have it."""
    found = image.crop(box).getcolors(1 << 20) or []
    return {colour: count for count, colour in found}  # type: ignore[misc]


@pytest.mark.parametrize(("width", "height"), [(1200, 600), (333, 777), (100, 100)])
def test_it_is_a_png_of_the_size_asked_for(width: int, height: int) -> None:
    picture = draw(WORDS, width=width, height=height)

    with Image.open(io.BytesIO(picture.png)) as image:
        assert (image.format, image.size) == ("PNG", (width, height))
    assert (picture.width, picture.height) == (width, height)


def test_every_word_is_drawn_most_frequent_first() -> None:
    picture = draw(WORDS)

    assert tuple(picture.drawn) == tuple(sorted(WORDS, key=lambda word: (-WORDS[word], word)))
    assert picture.left_out == {}


def test_each_word_s_box_has_ink_in_it_and_there_is_none_elsewhere() -> None:
    picture = draw(WORDS)

    ink = np.any(np.asarray(pixels(picture)) != 255, axis=2)
    for left, top, right, bottom in picture.drawn.values():
        assert ink[top:bottom, left:right].any()
    for left, top, right, bottom in picture.drawn.values():
        ink[top:bottom, left:right] = False
    assert not ink.any()


@pytest.mark.parametrize(("width", "height"), [(1200, 600), (333, 777), (150, 100), (2400, 900)])
def test_no_word_is_on_another_or_near_an_edge(width: int, height: int) -> None:
    picture = draw(
        {f"{word}{n}": 40 for n in range(4) for word in WORDS}, width=width, height=height
    )

    drawn = list(picture.drawn.values())
    for one, other in itertools.combinations(drawn, 2):
        apart = one[0] >= other[2] or other[0] >= one[2] or one[1] >= other[3] or other[1] >= one[3]
        assert apart, (one, other)
    margin = 0.03 * min(width, height) - 1
    lefts, tops, rights, bottoms = zip(*drawn, strict=True)
    assert min(*lefts, *tops) >= margin
    assert max(rights) <= width - margin
    assert max(bottoms) <= height - margin


@pytest.mark.parametrize("background", ["white", "#fff8e7", "#808080", "#131519"])
@pytest.mark.parametrize("colours", ["viridis", "YlOrRd", "Pastel1", "changes"])
def test_every_word_has_pixels_that_can_be_read(colours: str, background: str) -> None:
    words = {f"{word}{n}": count for n in range(3) for word, count in WORDS.items()}
    changes = {word: n % 9 - 4 for n, word in enumerate(words)}
    how = {"changes": changes} if colours == "changes" else {"colormap": colours}

    picture = draw(words, background=background, **how)  # type: ignore[arg-type]

    paper, image = background_colour(background), pixels(picture)
    for word, box in picture.drawn.items():
        found = colours_in(image, box)
        inked = sum(found.values()) - found.get(paper, 0)
        clear = {colour: n for colour, n in found.items() if contrast(colour, paper) >= 3}
        # The rest are the soft edges of letters.
        assert sum(clear.values()) > 0.4 * inked, word
        dimmed = max(contrast(as_on_a_dark_page(c), as_on_a_dark_page(paper)) for c in clear)
        assert dimmed >= 3, word


def as_on_a_dark_page(colour: RGB) -> RGB:
    """Multiplied with the mat of display/output.css."""
    red, green, blue = (
        part * mat // 255 for part, mat in zip(colour, (214, 212, 206), strict=True)
    )
    return red, green, blue


@pytest.mark.parametrize("background", ["white", "#131519"])
def test_colours_tell_how_words_changed(background: str) -> None:
    paper = background_colour(background)
    falling, steady, rising, new = (change_inks(paper)[place] for place in LABELLED)
    changes = {"up": 3.0, "down": -3.0, "same": 0.0, "fresh": math.inf, "not drawn": 99.0}

    picture = draw(
        {"up": 5, "down": 4, "same": 3, "fresh": 2, "unknown": 1},
        background=background,
        changes=changes,
    )

    shown = {}
    for word, box in picture.drawn.items():
        found = colours_in(pixels(picture), box)
        shown[word] = max((c for c in found if c != paper), key=lambda c: found[c])
    assert shown == {"up": rising, "down": falling, "same": steady, "fresh": new, "unknown": steady}


def test_a_legend_of_the_four_colours_is_below_all_words_and_no_word() -> None:
    changes = {word: n % 9 - 4 for n, word in enumerate(WORDS)}

    picture = draw(WORDS, changes=changes)

    assert set(picture.drawn) == set(WORDS)
    lowest = max(bottom for _, _, _, bottom in picture.drawn.values())
    found = colours_in(pixels(picture), (0, lowest, picture.width, picture.height))
    inks = change_inks((255, 255, 255))
    assert all(found[inks[place]] > 100 for place in LABELLED)
    assert picture.height - lowest < 0.12 * picture.height


def test_there_is_a_legend_as_soon_as_colours_mean_something() -> None:
    def ink_below_words(changes: dict[str, float] | None) -> int:
        picture = draw({"word": 1}, changes=changes)
        (_, _, _, bottom) = picture.drawn["word"]
        found = colours_in(pixels(picture), (0, bottom, picture.width, picture.height))
        return len(found) - 1

    assert ink_below_words(None) == 0
    assert ink_below_words({}) > 0


@pytest.mark.parametrize(
    "word", ["New York Times", "a rather long name of forty characters.", "C 3"]
)
def test_a_phrase_is_one_word_of_one_line(word: str) -> None:
    picture = draw({word: 99, **WORDS})

    (first, (left, top, right, bottom)), *_ = picture.drawn.items()
    assert first == word
    assert right - left > bottom - top
    assert picture.left_out == {}


def test_words_of_a_phrase_are_nearer_to_each_other_than_to_other_words() -> None:
    picture = draw({"HH HH": 1})

    ink = np.any(np.asarray(pixels(picture)) != 255, axis=2)
    (left, top, right, bottom) = picture.drawn["HH HH"]
    empty = ~ink[top:bottom, left:right].any(axis=0)
    gaps = [len(list(run)) for is_empty, run in itertools.groupby(empty) if is_empty]
    assert max(gaps) < 0.65 * (bottom - top)  # with a space as DejaVu Sans Bold has it 0.73


def test_only_the_most_frequent_words_are_asked_for() -> None:
    picture = draw({"rare": 1, "common": 9, "middling": 5, "never": 0}, max_words=2)

    assert tuple(picture.drawn) == ("common", "middling")
    assert picture.left_out == {}


def test_of_words_of_one_weight_the_first_comes_first() -> None:
    assert tuple(draw({"small": 1, "zebra": 2, "apple": 2}).drawn) == ("zebra", "apple", "small")


@pytest.mark.slow
@pytest.mark.parametrize("seed", ["0", "1234"])
def test_another_process_draws_the_same_bytes(seed: str) -> None:
    code = (
        "import hashlib, sys; from hn_luigi.cloud import count_words, draw\n"
        "titles = ['Alpha beta', 'alpha Gamma', 'delta Beta', 'epsilon', 'שלום']\n"
        "print(hashlib.sha256(draw(count_words(titles), width=300, height=200).png).hexdigest())"
    )
    environment = {
        **os.environ,
        "PYTHONHASHSEED": seed,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "PYTHONUTF8": "1",
    }

    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )

    words = {"Alpha": 2, "Beta": 2, "Gamma": 1, "delta": 1, "epsilon": 1, "שלום": 1}
    here = draw(words, width=300, height=200).png
    assert done.stdout.strip() == hashlib.sha256(here).hexdigest()


def test_importing_the_room_imports_no_heavy_library() -> None:
    code = (
        "import sys, types; from pathlib import Path\n"
        "package = types.ModuleType('hn_luigi'); package.__path__ = [sys.argv[1]]\n"
        "sys.modules['hn_luigi'] = package\n"
        "import hn_luigi.cloud\n"
        "print({'numpy', 'PIL', 'matplotlib', 'wordcloud', 'luigi'} & set(sys.modules))"
    )
    import hn_luigi.cloud

    root = str(Path(hn_luigi.cloud.__file__ or "").parent.parent)

    done = subprocess.run(
        [sys.executable, "-c", code, root], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "set()"


def test_a_word_without_room_stops_no_later_one() -> None:
    words = {"short": 9, "w" * 40: 8, "brief": 7, "tiny": 6}

    picture = draw(words, width=150, height=150)

    assert tuple(picture.drawn) == ("short", "brief", "tiny")
    assert set(picture.left_out) == {"w" * 40}


def test_a_word_of_300_characters_is_left_out_and_stops_nothing() -> None:
    picture = draw({"x" * 300: 99, **WORDS})

    assert picture.left_out == {"x" * 300: TOO_LONG}
    assert set(picture.drawn) == set(WORDS)


def test_a_word_no_font_has_is_left_out_and_stops_nothing() -> None:
    picture = draw({INVENTED: 99, "before": 50, "after": 1})

    assert picture.left_out == {INVENTED: NO_FONT}
    assert tuple(picture.drawn) == ("before", "after")


def test_a_word_is_drawn_in_a_font_of_the_callers(tmp_path: Path) -> None:
    make_bars(tmp_path / "bars.ttf")

    picture = draw({INVENTED: 1}, font_folders=[tmp_path])

    assert tuple(picture.drawn) == (INVENTED,)
    ink = np.asarray(pixels(picture).convert("L")) < 128
    # Two solid bars of a word's width, where .notdef boxes would be nearly empty.
    rows, columns = np.nonzero(ink)
    box = ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    assert box.mean() > 0.8


def test_a_font_that_leaves_the_letters_blank_does_not_count(tmp_path: Path) -> None:
    make_bars(tmp_path / "blank.ttf", blank=True)

    picture = draw({INVENTED: 9, "word": 1}, font_folders=[tmp_path])

    assert picture.left_out == {INVENTED: NO_FONT}
    assert tuple(picture.drawn) == ("word",)


def test_the_picture_holds_the_colours_it_was_given() -> None:
    paper = background_colour("#fff8e7")
    inks = set(readable_colours("tab10", paper, at_most=17))

    picture = draw(WORDS, background="#fff8e7", colormap="tab10")

    counts = {colour: n for n, colour in pixels(picture).getcolors(1 << 20) or []}
    common = set(sorted(counts, key=lambda colour: -counts[colour])[: len(inks) + 1])
    assert max(counts, key=lambda colour: counts[colour]) == paper
    assert common <= inks | {paper}


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        ({"words": {}}, "no words"),
        ({"words": {"zero": 0}}, "no words"),
        ({"words": {INVENTED: 1}}, "font"),
        ({"words": {"a": 1}, "colormap": "no such map"}, "no such map"),
        ({"words": {"a": 1}, "background": "no such colour"}, "no such colour"),
        ({"words": {"a": 1}, "background": "#ffffff80"}, "#ffffff80"),
        ({"words": {"a": 1}, "background": "rgb(300,0,0)"}, "out of range"),
        ({"words": {"a": 1}, "width": 99}, "99"),
        ({"words": {"a": 1}, "height": 8001}, "8001"),
        ({"words": {"a": 1}, "max_words": 0}, "0"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_one_line(arguments: dict[str, object], names: str) -> None:
    with pytest.raises(CloudError, match=names) as caught:
        draw(**arguments)  # type: ignore[arg-type]

    assert "\n" not in str(caught.value)


def make_bars(path: Path, *, blank: bool = False) -> None:
    """Write a font for INVENTED whose letters are solid bars that meet, or nothing at all."""
    bar = TTGlyphPen(None)
    if not blank:
        bar.moveTo((0, 0))
        bar.lineTo((0, 700))
        bar.lineTo((1000, 700))
        bar.lineTo((1000, 0))
        bar.closePath()
    letter, notdef = bar.glyph(), TTGlyphPen(None).glyph()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "one", "two"])
    builder.setupCharacterMap(dict(zip(map(ord, INVENTED), ["one", "two"], strict=True)))
    builder.setupGlyf({".notdef": notdef, "one": letter, "two": letter})
    builder.setupHorizontalMetrics(dict.fromkeys((".notdef", "one", "two"), (1000, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Bars", "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=800, usWinAscent=800, usWinDescent=200)
    builder.setupPost()
    builder.save(path)
