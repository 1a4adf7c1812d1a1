"""Which cells of a picture are taken, and where there is room for one more word.

Looking for room costs time in proportion to the cells, so a cell is coarser than a pixel in any
but a small picture. All cells of a word's box are taken: no word stands between the letters of
another, where it could hardly be read, nor can two be hit by one click.
"""

from __future__ import annotations

import math
import random

# Two pixels wide at 1200 x 600, where the sample's 150 words take 140 ms of CPU; by the pixel it
# was 360 ms. With half as many cells it was 90 ms, but of 571 words 53 had no room instead of 31.
_CELLS = 180_000


class Grid:
    """A picture of `width` x `height` pixels, in cells; `chance` picks among free places."""

    def __init__(self, width: int, height: int, chance: random.Random) -> None:
        import numpy as np

        # Of wordcloud only this, which is compiled. Its WordCloud took 480 ms where ours takes 140,
        # made four times the bytes, and draws boxes for letters that its font lacks (1.9.6).
        from wordcloud.wordcloud import IntegralOccupancyMap

        self._cell = max(1, round(math.sqrt(width * height / _CELLS)))
        self._taken = np.zeros((height // self._cell, width // self._cell), dtype=np.uint8)
        self._map = IntegralOccupancyMap(*self._taken.shape, None)
        self._chance = _Chance(chance)

    def find(
        self, box: tuple[int, int], gap: tuple[float, float], *, tries: int
    ) -> tuple[int, int] | None:
        """Return the row and column of a free place for a box: of `tries`, the most central.

        The box and the gap to leave on each side of it are width and height in pixels.
        """
        beside, above = (max(1, round(part / self._cell)) for part in gap)
        columns, rows = self._cells(box)
        height, width = self._taken.shape

        def off_centre(spot: tuple[int, int]) -> float:
            row, column = spot
            down, across = (row + rows / 2) / height, (column + columns / 2) / width
            return float(abs(down - 0.5) + abs(across - 0.5))

        spots = []
        for _ in range(tries):
            spot = self._map.sample_position(rows + 2 * above, columns + 2 * beside, self._chance)
            if spot is None:
                return None
            # The map looks at the cells after the one it names.
            spots.append((spot[0] + 1 + above, spot[1] + 1 + beside))
        return min(spots, key=off_centre)

    def take(self, box: tuple[int, int], spot: tuple[int, int]) -> None:
        """Mark every cell that the box, its width and height in pixels, touches."""
        columns, rows = self._cells(box)
        row, column = spot
        self._taken[row : row + rows, column : column + columns] = 1
        self._map.update(self._taken, row, column)

    def _cells(self, box: tuple[int, int]) -> tuple[int, int]:
        width, height = box
        return -(-width // self._cell), -(-height // self._cell)

    def pixel(self, spot: tuple[int, int]) -> tuple[int, int]:
        """Return the left and top, in pixels, of the cell at this row and column."""
        row, column = spot
        return column * self._cell, row * self._cell


class _Chance:
    """What `IntegralOccupancyMap` draws from.

    It asks for a number from 0 to the count of free places, then takes the place of that number,
    counting from one: a 0 would read as no room (`query_integral_image.pyx` of wordcloud 1.9.6).
    """

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def randint(self, low: int, high: int) -> int:
        return self._chance.randint(max(low, 1), high)
