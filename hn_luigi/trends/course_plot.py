"""A picture of a story's day: its rank, points and comments over time, one panel above another."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from hn_luigi.trends.paper import paper, png_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Pixels, at which the labels can be read on a phone, which shows it at three quarters.
_WIDTH, _HEIGHT = 480, 390
_LINE, _INK, _GRID = "#b93a08", "#000000", "#dbdbdb"
"""The last is the ink's first shade."""
_SHADES = 7
"""With white 15 colours, of half a byte a pixel: 6 kB."""
_PANELS = (("rank", "Rank"), ("score", "Points"), ("descendants", "Comments"))
_FEW_RANKS, _RANKS = (1, 2, 5, 10), (1, 3, 10, 30, 100, 300, 1000, 3000)
_HOURS = range(0, 25, 6)


def course_plot(course: pd.DataFrame, *, begin: datetime) -> bytes:
    """A PNG on white paper of ``course`` over a day; a line breaks where there is no value.

    Args:
        course: ``rank``, ``score`` and ``descendants`` by time, oldest first.
        begin: when the day begins, UTC as the times of ``course``.
    """
    with paper(_WIDTH, _HEIGHT) as figure:
        _draw(figure, course, begin)
        return png_of(figure, _LINE, _INK, shades=_SHADES)


def _draw(figure: Figure, course: pd.DataFrame, begin: datetime) -> None:
    import pandas as pd

    panels = figure.subplots(3, sharex=True)
    figure.subplots_adjust(left=0.13, right=0.95, top=0.94, bottom=0.07, hspace=0.36)
    at = (pd.DatetimeIndex(course.index) - begin) / timedelta(hours=1)
    for panel, (name, label) in zip(panels, _PANELS, strict=True):
        values = course[name].to_numpy(dtype="float64", na_value=float("nan"))
        panel.plot(at, values, color=_LINE, linewidth=1.5, marker=".", markersize=3)
        _dress(panel, label)
    _turn_to_ranks(panels[0], last=int(course["rank"].max()))
    panels[-1].set_xlim(0, 24)
    panels[-1].set_xticks(_HOURS, [f"{hour:02}:00" for hour in _HOURS])


def _dress(panel: Axes, label: str) -> None:
    from matplotlib.ticker import MaxNLocator

    # With a y, since to look for a place takes matplotlib half of the time of the picture.
    panel.set_title(label, loc="left", fontsize=11, y=1.02, pad=0)
    panel.grid(color=_GRID, linewidth=0.8)
    panel.spines[["top", "right"]].set_visible(False)
    panel.tick_params(labelsize=10)
    panel.yaxis.set_major_locator(MaxNLocator(3, integer=True, min_n_ticks=1))
    panel.yaxis.set_major_formatter("{x:,.0f}")


def _turn_to_ranks(panel: Axes, *, last: int) -> None:
    """The first above; from there to the tenth is as far as from the tenth to the hundredth."""
    panel.set_yscale("log")
    ticks = [rank for rank in (_FEW_RANKS if last <= 10 else _RANKS) if rank <= last]
    panel.set_yticks(ticks, [str(rank) for rank in ticks])
    panel.minorticks_off()
    panel.set_ylim(max(last, 3) * 1.2, 0.8)
