"""Small multiples: a curve for each word, in one picture, over days or months.

Two columns, and letters that can still be read where a phone shows it at half its size.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from hn_luigi.cloud.fonts import choose
from hn_luigi.trends.paper import paper, png_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

    from hn_luigi.trends.curves import Curve

# Pixels. A phone of 390 has 330 for a picture, where 22 become 11.
_WIDTH, _COLUMNS = 640, 2
_PANEL, _PLOT = 152, 62
"""Height of a panel, and of the plot in it, between two lines of text and one of dates."""
_GAP, _MARGIN = 40, 10
_LARGE, _SMALL = 22, 19
_RADIUS, _TICK = 5, 5
_INK, _SOFT, _LINE = "#1b1d21", "#5a5f69", "#85888f"
_SHADES = 10
"""Of each colour, for smooth edges: a third of the bytes that all take, and no difference seen."""


def shares_told(curve: Curve) -> str:
    """What the last share is, and what it was before."""
    before = curve.share_before
    return percent(curve.share) + ("" if before is None else f", before {percent(before)}")


def small_multiples(
    curves: Sequence[Curve],
    *,
    colour: str,
    told: Callable[[Curve], str] = shares_told,
    dates: Mapping[int, str] | None = None,
) -> bytes:
    """A PNG with the curve of each word over the days, at least one; the same for the same curves.

    Each has an axis of its own, from 0 to its largest share. The share before is a dashed line in
    it. Where days are missing the line is interrupted.

    Args:
        curves: of the same days.
        colour: of the lines, one that can be seen on white.
        told: what stands above each curve, in 30 letters at most.
        dates: what stands below some days, by their places, which every curve then has a tick for;
            left out, the first and the last day.
    """
    ticks = sorted(dates or ())
    if dates is None:
        days = curves[0].days
        dates = {0: f"{days[0]:%m-%d}", len(days) - 1: f"{days[-1]:%m-%d}"}
    rows = -(-len(curves) // _COLUMNS)
    width, height = (_WIDTH - 2 * _MARGIN - _GAP) / _COLUMNS, 2 * _MARGIN + rows * _PANEL
    faces = choose(curve.word for curve in curves).faces
    with paper(_WIDTH, height) as figure:
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, _WIDTH), ylim=(height, 0))
        axes.axis("off")
        for number, curve in enumerate(curves):
            row, column = divmod(number, _COLUMNS)
            left, top = _MARGIN + column * (width + _GAP), _MARGIN + row * _PANEL
            if face := faces.get(curve.word):
                _cut(_text(axes, left, top, curve.word, face.path), width)
            else:  # no font has its letters, so by its place in the list
                _text(axes, left, top, f"No. {number + 1}")
            _text(axes, left, top + 29, told(curve))
            _plot(axes, curve, left, top + 60, width, colour, ticks)
            if number + _COLUMNS >= len(curves):  # nothing is below it
                _date(axes, dates, len(curve.days) - 1, left, top + _PANEL - 20, width)
        return png_of(figure, _INK, _SOFT, _LINE, colour, shades=_SHADES)


def _text(
    axes: Axes, x: float, y: float, text: str, font: str | None = None, *, align: str = "left"
) -> Text:
    """Write ``text`` with its top at ``y``: in large letters of the file ``font``, or in small."""
    from matplotlib.font_manager import FontProperties

    size = (_LARGE if font else _SMALL) * 72 / 100  # points
    return axes.text(
        x,
        y,
        text,
        color=_INK if font else _SOFT,
        fontproperties=FontProperties(fname=font, size=size),
        horizontalalignment=align,
        verticalalignment="top",
        parse_math=False,
    )


def _date(
    axes: Axes, dates: Mapping[int, str], last: int, left: float, top: float, width: float
) -> None:
    """Write ``dates`` below the days that they are of, within ``width`` pixels."""
    for place, text in dates.items():
        align = "left" if place == 0 else "right" if place == last else "center"
        at = left + width * (align == "right")
        at = _x(place, last, left, width) if align == "center" else at
        written = _text(axes, at, top, text, align=align)
        extent = written.get_window_extent()
        written.set_x(at + max(left - extent.x0, 0) + min(left + width - extent.x1, 0))


def _x(place: int, last: int, left: float, width: float) -> float:
    """Where a day is between the first and the ``last``."""
    return left + _RADIUS + place * (width - 2 * _RADIUS) / max(last, 1)


def _cut(text: Text, width: float) -> None:
    """Leave out the end of ``text``, if it is wider than ``width`` pixels."""
    kept = text.get_text()
    while text.get_window_extent().width > width:
        kept = kept[:-1]
        text.set_text(f"{kept.rstrip()}…")


def _plot(
    axes: Axes,
    curve: Curve,
    left: float,
    top: float,
    width: float,
    colour: str,
    ticks: Sequence[int],
) -> None:
    """Draw the line of ``curve``, on one for 0 that has ``ticks`` at some days."""
    largest = max([share for share in [*curve.shares, curve.share_before] if share], default=1.0)
    last, bottom = len(curve.days) - 1, top + _PLOT

    def height_of(share: float) -> float:
        return bottom - (_PLOT - _RADIUS) * share / largest

    axes.plot([left, left + width], [bottom, bottom], color=_LINE, linewidth=1)
    for place in ticks:
        axes.plot(
            [_x(place, last, left, width)] * 2, [bottom, bottom + _TICK], color=_LINE, linewidth=1
        )
    if curve.share_before is not None:
        before = height_of(curve.share_before)
        axes.plot([left, left + width], [before, before], color=_LINE, linewidth=1, dashes=(4, 3))
    known = [
        (number, _x(number, last, left, width), height_of(share))
        for number, share in enumerate(curve.shares)
        if share is not None
    ]
    # Consecutive days differ from their places among the known ones by the same number.
    for _, run in groupby(enumerate(known), key=lambda each: each[1][0] - each[0]):
        x, y = zip(*((x, y) for _, (_, x, y) in run), strict=True)
        # A day between two that are missing has no line.
        axes.plot(x, y, color=colour, linewidth=1.6, marker="." if len(x) == 1 else "")
    axes.plot(*known[-1][1:], color=colour, marker="o", markersize=2 * _RADIUS * 72 / 100)


def percent(share: float) -> str:
    """``1.2 %``, ``0.04 %``, ``0 %``: two digits below one percent, where rare words differ."""
    if not share:
        return "0 %"
    return f"{100 * share:.{1 if share >= 0.01 else 2}f} %"
