"""Where words go, and how large they are."""

from __future__ import annotations

import numpy as np
import pytest

from hn_luigi.cloud.fonts import choose
from hn_luigi.cloud.placement import Layout, font_sizes, lay_out

from .words import WORDS


def layout_of(words: dict[str, int], width: int = 600, height: int = 300) -> Layout:
    ranked = sorted(words.items(), key=lambda item: (-item[1], item[0]))
    return lay_out(ranked, choose(words).faces, width=width, height=height)


def test_no_two_words_touch() -> None:
    words = {f"{word}{n}": count for n in range(3) for word, count in WORDS.items()}
    taken = np.zeros((300, 600), dtype=bool)

    layout = layout_of(words)

    for placed in layout.placed:
        rows, columns = placed.mask.shape
        top, left = placed.top, placed.left
        own = taken[top : top + rows, left : left + columns]
        assert own.shape == placed.mask.shape, f"{placed.word} is cut off by the picture's edge"
        around = taken[top - 1 : top + rows + 1, left - 1 : left + columns + 1]
        assert not (around & np.pad(placed.mask > 0, 1)).any(), f"{placed.word} is on another"
        rim = np.concatenate([*around[[0, -1]], *around[:, [0, -1]].T])
        assert not rim.any(), f"{placed.word} touches"
        own |= placed.mask > 0
    assert len(layout.placed) > 100


def test_no_word_is_smaller_than_can_be_read_and_the_rest_is_named() -> None:
    words = {f"{word}{n}": 1 for n in range(20) for word in WORDS}

    layout = layout_of(words, width=200, height=200)

    assert min(placed.size for placed in layout.placed) >= 11
    assert layout.left_out
    assert set(layout.left_out) == set(words) - {placed.word for placed in layout.placed}


def test_heavier_words_are_larger_and_the_leader_takes_its_share() -> None:
    layout = layout_of({"heavy": 40, "medium": 20, "light": 10, "faint": 5}, 1200, 600)

    sizes = [placed.size for placed in layout.placed]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > 1.5 * sizes[-1]
    assert 0.25 < max(layout.placed[0].mask.shape) / 1200 < 0.8


def test_font_sizes_fill_what_they_are_told_to() -> None:
    weights = [20.0 / n for n in range(1, 101)]
    boxes = [(4.0, 1.0)] * 100

    sizes = font_sizes(weights, boxes, width=1200, height=600, fill=0.5)

    assert sum(size * size * 4 for size in sizes) == pytest.approx(0.5 * 1200 * 600, rel=0.02)
