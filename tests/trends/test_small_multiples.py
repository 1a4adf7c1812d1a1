"""Small multiples: what is in the picture, and that it is the same for the same curves."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hn_luigi.trends.curves import Curve
from hn_luigi.trends.small_multiples import percent, small_multiples

from .invented import DAY

BLUE = "#0072b2"
DAYS = [(DAY - timedelta(days=n)).date() for n in reversed(range(29))]


def curve(word="Rust", shares=None, before=0.01):
    shares = shares or [0.01] * 28 + [0.02]
    counts = [None if share is None else round(1000 * share) for share in shares]
    return Curve(word, DAYS, shares, counts, [1000] * 29, before, 2.0)


def picture(*curves, **options):
    png = small_multiples(curves, colour=BLUE, **options)
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def blue_columns(pixels):
    """The columns of the left panel that the line is in."""
    is_blue = (pixels[:, :, 2].astype(int) - pixels[:, :, 0]) > 60
    return np.flatnonzero(is_blue[:, : pixels.shape[1] // 2].any(axis=0))


@pytest.mark.parametrize("place", [1, 2, 14, 26, 27])
def test_a_date_stays_below_its_panel(place):
    pixels = picture(curve(), dates={place: "2008"})
    is_ink = (pixels < 200).any(axis=2).any(axis=0)
    assert not is_ink[:10].any()
    assert not is_ink[301:330].any()


@pytest.mark.parametrize(("count", "rows"), [(1, 1), (2, 1), (3, 2), (12, 6)])
def test_two_stand_side_by_side(count, rows):
    height, width, _ = picture(*[curve()] * count).shape
    assert width == 640
    assert height == rows * picture(curve()).shape[0] - (rows - 1) * 20


def test_a_missing_day_is_a_gap_in_the_line():
    whole = blue_columns(picture(curve()))
    gap = blue_columns(picture(curve(shares=[0.01] * 10 + [None] * 5 + [0.01] * 13 + [0.02])))
    assert np.diff(whole).max() == 1
    assert np.diff(gap).max() > 40


def test_a_day_between_missing_ones_is_a_dot():
    alone = [None] * 10 + [0.01] + [None] * 17 + [0.02]
    assert len(blue_columns(picture(curve(shares=alone)))) > 12  # the last dot is 10 wide


def test_the_highest_share_is_the_top_and_zero_the_bottom():
    def height_of_dot(last):
        pixels = picture(curve(shares=[0.0] * 27 + [0.04, last], before=None))
        is_blue = (pixels[:, :, 2].astype(int) - pixels[:, :, 0]) > 60
        return int(np.flatnonzero(is_blue[:, blue_columns(pixels)[-1] - 3]).mean())

    top, middle, bottom = map(height_of_dot, (0.04, 0.02, 0.0))
    assert top < middle < bottom
    assert abs((top + bottom) / 2 - middle) <= 2


@pytest.mark.parametrize(
    "word",
    [
        "$x$ costs $1",
        "W" * 40,
        "日本語の長い言葉がここにあります",
        "\U00012000",
        "مرحبا",
        "a_b^c\\d",
        "C++",
    ],
)
def test_any_word_stays_within_its_panel(word):
    pixels = picture(curve(word), curve("i"))
    gap = pixels[:60, 310:328]
    assert (gap > 200).all()
    assert (pixels[:30, :300] < 100).any()


def test_a_word_without_a_font_is_told_by_its_place():
    assert (picture(curve("\U00012000")) == picture(curve("\U00012001"))).all()
    assert (picture(curve("\U00012000")) != picture(curve("Rust"))).any()


def test_shares_are_told_in_two_digits_where_they_are_small():
    assert [percent(share) for share in (0, 0.0004, 0.0099, 0.01, 0.123, 1)] == [
        "0 %",
        "0.04 %",
        "0.99 %",
        "1.0 %",
        "12.3 %",
        "100.0 %",
    ]


@pytest.mark.slow
def test_the_same_curves_give_the_same_bytes_whatever_is_set(tmp_path):
    """A notebook's backend, and somebody's matplotlibrc with a dark style."""
    (tmp_path / "matplotlibrc").write_text(
        "backend: module://nowhere.too\naxes.facecolor: black\nfont.family: serif\n"
        "lines.linewidth: 9\ntext.usetex: True\nsavefig.dpi: 17\npath.simplify_threshold: 1\n"
    )
    code = (
        "import hashlib\n"
        "from tests.trends.test_small_multiples import BLUE, curve, small_multiples\n"
        "print(hashlib.sha256(small_multiples([curve()], colour=BLUE)).hexdigest())\n"
        "import sys, matplotlib; print('matplotlib.pyplot' in sys.modules)\n"
        "print(matplotlib.rcParams['lines.linewidth'])"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=folder,
            env={
                **os.environ,
                "PYTHONPATH": str(Path(__file__).parents[2]),
                "PYTHONHASHSEED": seed,
                "MPLBACKEND": backend,
            },
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout.split()
        for folder, seed, backend in (
            (Path(__file__).parent, "1", "agg"),
            (tmp_path, "2", "module://matplotlib_inline.backend_inline"),
        )
    ]
    assert said[0][0] == said[1][0]
    assert [each[1] for each in said] == ["False", "False"]
    assert float(said[1][2]) == 9  # as it was
