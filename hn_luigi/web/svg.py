"""Drawings for the pages, as numbers that a template makes SVG of: the graph, and plots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

_WIDTH, _HEIGHT = 200, 76
_BETWEEN, _BESIDE = 56, 20


@dataclass(frozen=True)
class Node:
    """A box of the graph, in pixels."""

    name: str
    left: int
    top: int
    width: int = _WIDTH
    height: int = _HEIGHT


@dataclass(frozen=True)
class Graph:
    """Boxes with arrows between them, each the path of an SVG."""

    nodes: Sequence[Node]
    arrows: Sequence[str]
    width: int
    height: int


def graph(names: Sequence[str], edges: Sequence[tuple[str, str]], *, upright: bool) -> Graph:
    """The graph of ``edges`` from left to right, or from top to bottom if ``upright``.

    Args:
        names: of all nodes, upstream first.
        edges: from which to which.
    """
    depth: dict[str, int] = {}
    for name in names:
        depth[name] = 1 + max((depth[a] for a, b in edges if b == name and a in depth), default=-1)
    ranks: dict[int, list[str]] = {}
    for name in names:
        ranks.setdefault(depth[name], []).append(name)
    along, across = (_HEIGHT, _WIDTH) if upright else (_WIDTH, _HEIGHT)
    nodes = {}
    for rank, members in ranks.items():
        for place, name in enumerate(members):
            far, aside = rank * (along + _BETWEEN), place * (across + _BESIDE)
            nodes[name] = Node(name, aside, far) if upright else Node(name, far, aside)
    arrows = [_arrow(nodes[a], nodes[b], upright=upright) for a, b in edges]
    return Graph(
        tuple(nodes.values()),
        tuple(arrows),
        max(node.left + node.width for node in nodes.values()),
        max(node.top + node.height for node in nodes.values()),
    )


def _arrow(start: Node, end: Node, *, upright: bool) -> str:
    """A curve from the one's far side to the other's near one, short of its head."""
    if upright:
        x, y = start.left + start.width // 2, start.top + start.height
        u, v = end.left + end.width // 2, end.top - 7
        return f"M{x} {y}C{x} {(y + v) // 2} {u} {(y + v) // 2} {u} {v}"
    x, y = start.left + start.width, start.top + start.height // 2
    u, v = end.left - 7, end.top + end.height // 2
    return f"M{x} {y}C{(x + u) // 2} {y} {(x + u) // 2} {v} {u} {v}"


@dataclass(frozen=True)
class Plot:
    """A line over time in a box of ``WIDTH`` by ``HEIGHT`` pixels."""

    line: str
    """The points of an SVG polyline."""
    dots: Sequence[tuple[float, float]]
    least: float
    most: float
    last: float
    begin: datetime
    end: datetime


WIDTH, HEIGHT = 320, 90
_MARGIN = 6


def plot(points: Sequence[tuple[datetime, float]]) -> Plot:
    """The plot of values over time, at least one; the vertical axis begins at 0."""
    times = [at.timestamp() for at, _ in points]
    values = [value for _, value in points]
    first, span = times[0], (times[-1] - times[0]) or 1.0
    top = max([*values, 0.0]) or 1.0
    dots = [
        (
            round(_MARGIN + (WIDTH - 2 * _MARGIN) * (at - first) / span, 1),
            round(HEIGHT - _MARGIN - (HEIGHT - 2 * _MARGIN) * max(value, 0.0) / top, 1),
        )
        for at, value in zip(times, values, strict=True)
    ]
    line = " ".join(f"{x},{y}" for x, y in dots)
    return Plot(line, dots, min(values), max(values), values[-1], points[0][0], points[-1][0])
