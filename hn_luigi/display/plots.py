"""Plots of values over time, as numbers that a template makes SVG of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True)
class Plot:
    """A line over time in a box of ``width`` by ``height`` pixels."""

    line: str
    """The points of an SVG polyline."""
    dots: Sequence[tuple[float, float]]
    least: float
    most: float
    last: float
    begin: datetime
    end: datetime
    width: ClassVar[int] = 320
    height: ClassVar[int] = 90


_MARGIN = 6  # so that no dot at the edge is cut


def plot(points: Sequence[tuple[datetime, float]]) -> Plot:
    """The plot of values over time, at least one; the vertical axis begins at 0."""
    times = [at.timestamp() for at, _ in points]
    values = [value for _, value in points]
    # No plotting library: matplotlib takes 0.7 s to import and 57 ms a plot, where all of a page
    # takes 13 ms; and a page's style, which follows the reader's scheme, doesn't reach into images.
    first, span = times[0], (times[-1] - times[0]) or 1.0
    top = max([*values, 0.0]) or 1.0
    dots = [
        (
            round(_MARGIN + (Plot.width - 2 * _MARGIN) * (at - first) / span, 1),
            round(Plot.height - _MARGIN - (Plot.height - 2 * _MARGIN) * max(value, 0.0) / top, 1),
        )
        for at, value in zip(times, values, strict=True)
    ]
    line = " ".join(f"{x},{y}" for x, y in dots)
    return Plot(line, dots, min(values), max(values), values[-1], points[0][0], points[-1][0])
