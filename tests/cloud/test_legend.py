"""The strip that says what colours mean."""

from __future__ import annotations

import numpy as np
import pytest

from hn_luigi.cloud.change_colours import LABELS
from hn_luigi.cloud.legend import legend


@pytest.mark.parametrize(("width", "height"), [(1164, 564), (94, 94), (320, 760), (7760, 7760)])
def test_labels_are_within_it_side_by_side_in_lines(width: int, height: int) -> None:
    placed, strip = legend(LABELS, width=width, height=height)

    taken = np.zeros((strip, width), dtype=np.uint8)
    for label in placed:
        rows, columns = label.mask.shape
        part = taken[label.top : label.top + rows, label.left : label.left + columns]
        assert part.shape == label.mask.shape
        assert not part.any()
        part += 1
    assert [label.word.split()[1] for label in placed] == list(LABELS)


def test_it_is_one_line_below_a_picture_of_the_usual_size() -> None:
    placed, strip = legend(LABELS, width=1164, height=564)

    # Dots are of one height on a line; of the labels, which have letters of all heights, none is.
    middles = {
        label.top + int(np.flatnonzero(label.mask[:, : label.size // 2].any(axis=1)).mean())
        for label in placed
    }
    assert len(middles) == 1
    assert strip < 0.06 * 564


def test_of_no_labels_it_takes_no_room() -> None:
    assert legend((), width=1164, height=564) == ([], 0)
