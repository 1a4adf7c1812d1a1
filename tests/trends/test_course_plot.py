"""The picture of a story's day: what is drawn is where it belongs, on white paper."""

from __future__ import annotations

import io
from itertools import pairwise

import matplotlib
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from hn_luigi.trends.course_plot import course_plot

BEGIN = pd.Timestamp("2026-11-22", tz="UTC")


def course(ranks, scores=None, comments=None):
    """A course of hours from midnight on; None where there is no value."""
    times = pd.date_range(BEGIN, periods=len(ranks), freq="h")
    counts = {"rank": ranks, "score": scores or ranks, "descendants": comments or ranks}
    return pd.DataFrame(counts, index=times).astype("Float64")


def drawn(course_):
    """Where in each panel's rows the line is, by column of pixels."""
    picture = Image.open(io.BytesIO(course_plot(course_, begin=BEGIN))).convert("RGB")
    pixels = np.asarray(picture).astype(int)
    is_line = (pixels[..., 0] - pixels[..., 2] > 90) & (pixels[..., 0] > 150)
    thirds = np.array_split(is_line, 3)
    return [
        {int(x): float(np.flatnonzero(panel[:, x]).mean()) for x in np.flatnonzero(panel.any(0))}
        for panel in thirds
    ]


def ends(panel):
    """How high a line begins and ends, in pixels from above."""
    return panel[min(panel)], panel[max(panel)]


def test_the_first_rank_is_above_and_more_points_are_above_too():
    rank, points, comments = drawn(course([1, 10, 100], [1, 10, 100], [3, 2, 1]))
    assert ends(rank)[0] < ends(rank)[1]
    assert ends(points)[0] > ends(points)[1]
    assert ends(comments)[0] < ends(comments)[1]


def test_the_panels_share_the_time_which_is_that_of_the_whole_day():
    hours = [None] * 6 + [5] * 7 + [None] * 11
    panels = drawn(course(hours))
    begins, finishes = [min(panel) for panel in panels], [max(panel) for panel in panels]
    assert max(begins) - min(begins) <= 1
    assert max(finishes) - min(finishes) <= 1
    left, right = 0.13 * 480, 0.95 * 480
    assert abs(begins[0] - (left + (right - left) / 4)) < 4
    assert abs(finishes[0] - (left + (right - left) / 2)) < 4


def test_a_line_breaks_where_there_is_no_value_and_one_value_is_a_dot():
    columns = [*drawn(course([5] * 6 + [None] * 6 + [5] + [None] * 6 + [5] * 5))[0]]
    gaps = [b - a for a, b in pairwise(columns) if b - a > 1]
    assert len(gaps) == 2
    assert min(gaps) > 40


@pytest.mark.parametrize(
    "values",
    [[1], [1, 1], [500] * 24, [None, 3000, None], [32767]],
    ids=["once", "first", "last of a list", "far down", "as far as can be"],
)
def test_whatever_it_was_is_drawn(values):
    assert all(drawn(course(values)))


def test_counts_that_nobody_knows_leave_their_panel_empty():
    rank, points, comments = drawn(course([1, 2], [None, None], [None, None]))
    assert rank
    assert not points
    assert not comments


def test_it_is_small_white_and_the_same_each_time():
    first, second = (
        course_plot(course([*range(1, 25)], [n**3 for n in range(24)]), begin=BEGIN)
        for _ in range(2)
    )
    assert first == second
    assert len(first) < 8_000
    picture = Image.open(io.BytesIO(first)).convert("RGB")
    assert picture.size == (480, 390)
    corners = {picture.getpixel((x, y)) for x in (0, 479) for y in (0, 389)}
    assert corners == {(255, 255, 255)}


def test_it_is_the_same_whatever_a_user_has_set_of_matplotlib():
    plain = course_plot(course([3, 1, 2]), begin=BEGIN)
    own = {"savefig.dpi": 300, "savefig.bbox": "tight", "text.color": "white", "font.size": 30}
    with matplotlib.rc_context(own):
        assert course_plot(course([3, 1, 2]), begin=BEGIN) == plain
        assert matplotlib.rcParams["savefig.dpi"] == 300
