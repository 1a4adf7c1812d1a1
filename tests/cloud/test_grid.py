"""Free places."""

from __future__ import annotations

import random

from hn_luigi.cloud.grid import Grid


def test_the_first_free_place_is_one_too() -> None:
    class Least(random.Random):
        def randint(self, a: int, b: int) -> int:
            return a

    grid = Grid(300, 200, Least())

    assert grid.find((50, 20), (1, 1), tries=1) is not None
