"""Rows of different lengths as flat arrays, so that a month of titles is handled at once.

A month has 25,000 titles of nine tokens. To go through them token by token, in lists, took twice as
long in all (Python 3.11, numpy 2.4).
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]


class Ragged(NamedTuple):
    """Several rows of numbers, one after the other."""

    items: Numbers
    rows: Numbers
    """The row of each item, ascending; some may have none."""

    def of_rows(self, wanted: NDArray[np.bool_]) -> Ragged:
        """Only the items of those rows, which keep their numbers."""
        here = wanted[self.rows]
        return Ragged(self.items[here], self.rows[here])

    def distinct(self) -> Ragged:
        """Each item once a row, in ascending order of the items, then of the rows.

        So `rows` ascends for each item only.
        """
        # As one number each, since sorting these is many times as quick as sorting by two.
        rows = int(self.rows.max(initial=0)) + 1
        items, within = np.divmod(distinct(self.items * rows + self.rows), rows)
        return Ragged(items, within)


def distinct(numbers: Numbers) -> Numbers:
    """The different ones, ascending.

    `numpy.unique` took 75 ms for 230,000 where this takes 3: it makes a hash table (2.4).
    """
    ordered = np.sort(numbers)
    return ordered[np.diff(ordered, prepend=ordered[:1] - 1) > 0]


class Rows:
    """Rows of numbers, to which more can be added; each is numbered by its place."""

    def __init__(self) -> None:
        self._items, self._ends = array("q"), array("q", [0])

    def add(self, row: Iterable[int]) -> int:
        """Add one, and return its number."""
        self._items.extend(row)
        self._ends.append(len(self._items))
        return len(self._ends) - 2

    def __getitem__(self, number: int) -> Sequence[int]:
        return self._items[self._ends[number] : self._ends[number + 1]]

    def of(self, numbers: Numbers) -> Ragged:
        """Those rows, one after the other; each is numbered by its place in `numbers`."""
        ends = np.array(self._ends)
        lengths = (ends[1:] - ends[:-1])[numbers]
        rows = np.repeat(np.arange(len(numbers)), lengths)
        before = ends[numbers] - (np.cumsum(lengths) - lengths)
        return Ragged(np.array(self._items)[np.arange(len(rows)) + before[rows]], rows)


class Table:
    """A row of numbers for each number that it is asked about, made when that first occurs."""

    def __init__(self) -> None:
        self._rows = Rows()
        self._places = array("q")
        """Of the rows, -1 for one that isn't made yet."""

    def rows(self, numbers: Numbers, row_of: Callable[[int], Iterable[int]]) -> Ragged:
        """The rows of `numbers`, one for each; what is new is made in their order, by `row_of`.

        It isn't kept: a method of who has the table would make a circle, which only Python's
        collector of garbage frees, and that may be paused while months are counted.
        """
        self._places.extend([-1] * (int(numbers.max(initial=-1)) + 1 - len(self._places)))
        new = numbers[np.array(self._places)[numbers] < 0].tolist()
        add, places = self._rows.add, self._places
        for number in dict.fromkeys(new):
            places[number] = add(row_of(number))
        return self._rows.of(np.array(self._places)[numbers])

    def row(self, number: int) -> Sequence[int]:
        """The row of a number that there is one for."""
        return self._rows[self._places[number]]
