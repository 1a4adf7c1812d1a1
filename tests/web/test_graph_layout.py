"""Where boxes and lines are drawn: apart from each other, and as a reader expects them."""

from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from hn_luigi.web.graph_layout import Boxes, laid_out

BOXES = Boxes(width=100, height=40, beside=50, below=10)
WIDTH, HEIGHT = BOXES.width, BOXES.height


def drawn(columns, *edges):
    return laid_out(
        [column.split() for column in columns], [tuple(e.split()) for e in edges], BOXES
    )


def ends(line):
    """Where a line begins, and where it ends or passes the next column."""
    numbers = [int(n) for n in re.match(r"M(\S+) (\S+)C.*? (\S+) (\S+)[hm]", line).groups()]
    return tuple(numbers[:2]), tuple(numbers[2:])


def right_of(layout, node):
    left, top = layout.corners[node]
    return left + WIDTH, top + HEIGHT // 2


def left_of(layout, node):
    left, top = layout.corners[node]
    return left, top + HEIGHT // 2


def test_a_chain_is_a_straight_row():
    layout = drawn(["a", "b", "c"], "a b", "b c")
    assert layout.corners == {"a": (0, 0), "b": (150, 0), "c": (300, 0)}
    assert (layout.width, layout.height) == (400, HEIGHT)
    assert [ends(line) for line in layout.lines] == [((100, 20), (150, 20)), ((250, 20), (300, 20))]


def test_one_box_alone_is_drawn():
    layout = drawn(["a"])
    assert (layout.corners, layout.width, layout.height) == ({"a": (0, 0)}, WIDTH, HEIGHT)


def test_a_diamond_is_one():
    corners = drawn(["a", "b c", "d"], "a b", "a c", "b d", "c d").corners
    (_, a), (_, b), (_, c), (_, d) = (corners[node] for node in "abcd")
    assert a == d == (b + c) / 2
    assert c - b == HEIGHT + BOXES.below


def test_lines_that_needn_t_cross_don_t():
    """Given in an order in which each of them would cross the others."""
    layout = drawn(["a b c", "z y x"], "a x", "b y", "c z")
    assert [layout.corners[node][1] for node in "abc"] == [
        layout.corners[node][1] for node in "xyz"
    ]


def test_a_long_line_passes_beside_what_is_between():
    layout = drawn(["a", "b", "c"], "a b", "b c", "a c")
    (passing,) = [line for line in layout.lines if line.endswith(f"h{WIDTH}")]
    _, (left, y) = ends(passing)
    assert left == layout.corners["b"][0]
    top = layout.corners["b"][1]
    assert not top - BOXES.below < y < top + HEIGHT + BOXES.below


def test_long_lines_of_one_box_are_one_as_far_as_they_go_together():
    layout = drawn(["a", "b", "c", "d e"], "a b", "b c", "c d", "a d", "a e")
    begins = [ends(line)[0] for line in layout.lines]
    assert begins.count(right_of(layout, "a")) == 2  # to b, and past it to d and e


@st.composite
def graphs(draw):
    """Columns of numbers, and edges from any to those farther right, as ``Graph`` has them."""
    sizes = draw(st.lists(st.integers(1, 6), min_size=1, max_size=6))
    numbers = iter(range(sum(sizes)))
    columns = [[next(numbers) for _ in range(size)] for size in sizes]
    edges = {}
    for before, column in pairwise(columns):
        for node in column:
            sources = [draw(st.sampled_from(before))]
            sources += draw(st.lists(st.integers(0, before[-1]), max_size=2))
            edges.update(dict.fromkeys((source, node) for source in sources))
    return columns, list(edges)


@given(graphs())
def test_whatever_the_graph_all_of_it_is_there_and_nothing_covers_another(graph):
    columns, edges = graph
    layout = laid_out(columns, edges, BOXES)
    for number, column in enumerate(columns):
        corners = sorted(layout.corners[node] for node in column)
        assert {x for x, _ in corners} == {number * (WIDTH + BOXES.beside)}
        assert all(b - a >= HEIGHT + BOXES.below - 1 for (_, a), (_, b) in pairwise(corners))
        passing = [ends(line)[1] for line in layout.lines if line.endswith(f"h{WIDTH}")]
        for x, y in passing:
            assert all(not top < y < top + HEIGHT for left, top in corners if left == x)
    for x, y in layout.corners.values():
        assert 0 <= x <= layout.width - WIDTH
        assert 0 <= y <= layout.height - HEIGHT + 1


@given(graphs())
def test_whatever_the_graph_its_lines_lead_along_its_edges(graph):
    columns, edges = graph
    layout = laid_out(columns, edges, BOXES)
    onward = {}
    for line in layout.lines:
        begin, (x, y) = ends(line)
        passes = line.endswith(f"h{WIDTH}")
        onward.setdefault(begin, []).append((x + WIDTH if passes else x, y, passes))

    def reached(point):
        for x, y, passes in onward.get(point, ()):
            yield from reached((x, y)) if passes else [(x, y)]

    # A line that ends at a box ends at its left, so that none goes on behind it.
    for column in columns:
        for node in column:
            targets = {left_of(layout, target) for source, target in edges if source == node}
            assert {*reached(right_of(layout, node))} == targets


def test_the_same_graph_is_drawn_alike():
    columns, edges = ["a b", "c d", "e"], ["a c", "b d", "a d", "c e", "d e", "a e"]
    assert drawn(columns, *edges) == drawn(columns, *edges)
