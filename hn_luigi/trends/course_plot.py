"""A picture of a story's day: its rank, points and comments over time, one panel above another."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Pixels, at which the labels can be read on a phone, which shows it at three quarters.
_WIDTH, _HEIGHT, _DPI = 480, 390, 100
_LINE, _GRID, _INK = (185, 58, 8), (217, 215, 210), (0, 0, 0)
_PANELS = (("rank", "Rank"), ("score", "Points"), ("descendants", "Comments"))
_FEW_RANKS, _RANKS = (1, 2, 5, 10), (1, 3, 10, 30, 100, 300, 1000, 3000)
_HOURS = range(0, 25, 6)


def course_plot(course: pd.DataFrame, *, begin: datetime) -> bytes:
    """A PNG on white paper of ``course`` over a day; a line breaks where there is no value.

    Args:
        course: ``rank``, ``score`` and ``descendants`` by time, oldest first.
        begin: when the day begins, UTC as the times of ``course``.
    """
    from hn_luigi.cloud import mpl  # noqa: F401 - first, since it may have to be helped to import

    # isort: split
    from matplotlib import style

    # Or a matplotlibrc of the user's could have white letters on it, or twice the size.
    with style.context("default"):
        return _as_png(_drawn(course, begin))


def _drawn(course: pd.DataFrame, begin: datetime) -> Figure:
    import pandas as pd
    from matplotlib.figure import Figure

    # Not by pyplot, which is for one thread, and keeps figures.
    figure = Figure(figsize=(_WIDTH / _DPI, _HEIGHT / _DPI), dpi=_DPI, facecolor="white")
    panels = figure.subplots(3, sharex=True)
    figure.subplots_adjust(left=0.13, right=0.95, top=0.94, bottom=0.07, hspace=0.36)
    at = (pd.DatetimeIndex(course.index) - begin) / timedelta(hours=1)
    for panel, (name, label) in zip(panels, _PANELS, strict=True):
        values = course[name].to_numpy(dtype="float64", na_value=float("nan"))
        panel.plot(at, values, color=_colour(_LINE), linewidth=1.5, marker=".", markersize=3)
        _dress(panel, label)
    _turn_to_ranks(panels[0], last=int(course["rank"].max()))
    panels[-1].set_xlim(0, 24)
    panels[-1].set_xticks(_HOURS, [f"{hour:02}:00" for hour in _HOURS])
    return figure


def _colour(parts: tuple[int, ...]) -> str:
    return "#" + bytes(parts).hex()


def _dress(panel: Axes, label: str) -> None:
    from matplotlib.ticker import MaxNLocator

    # With a y, since to look for a place takes matplotlib half of the time of the picture.
    panel.set_title(label, loc="left", fontsize=11, y=1.02, pad=0)
    panel.grid(color=_colour(_GRID), linewidth=0.8)
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


def _as_png(figure: Figure) -> bytes:
    """5 kB, of all the colours of anti-aliasing 23; those that are rare aren't lost either."""
    from PIL import Image

    pixels, png, palette = io.BytesIO(), io.BytesIO(), Image.new("P", (1, 1))
    palette.putpalette([part for colour in _palette() for part in colour])
    figure.savefig(pixels, format="rgba")
    picture = Image.frombytes("RGBA", (_WIDTH, _HEIGHT), pixels.getvalue()).convert("RGB")
    picture = picture.quantize(palette=palette, dither=Image.Dither.NONE)
    picture.save(png, "PNG", optimize=True)
    return png.getvalue()


def _palette() -> Iterator[tuple[int, ...]]:
    """16 colours: the grid's, white, and what lies between that and the line's and the ink's."""
    yield _GRID
    yield 255, 255, 255
    for colour in (_LINE, _INK):
        for n in range(1, 8):
            yield tuple(round(255 + (part - 255) * n / 7) for part in colour)
