"""Rows of different lengths as flat arrays, so that a month of titles is handled at once.

A month has 25,000 titles of nine tokens. To go through them token by token, in lists, took twice as
long in all (Python 3.11, numpy 2.4).
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, chain, islice
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


def first_of_each(numbers: Numbers) -> Numbers:
    """The different ones, in the order in which they first occur; none is negative."""
    first = np.empty(int(numbers.max(initial=-1)) + 1, dtype=np.int64)
    places = np.arange(len(numbers))
    first[numbers[::-1]] = places[::-1]  # of several for one, the last stays
    different: Numbers = numbers[first[numbers] == places]
    return different


class Rows:
    """Rows of numbers, to which more can be added; each is numbered by its place."""

    def __init__(self) -> None:
        self._items, self._ends = array("q"), array("q", [0])

    def __len__(self) -> int:
        return len(self._ends) - 1

    def add(self, rows: Iterable[Sequence[int]]) -> None:
        """Add some after the last."""
        rows = list(rows)
        self._items.extend(chain.from_iterable(rows))
        self._ends.extend(islice(accumulate(map(len, rows), initial=self._ends[-1]), 1, None))

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

    def rows(self, numbers: Numbers, row_of: Callable[[int], Sequence[int]]) -> Ragged:
        """The rows of `numbers`, one for each; what is new is made in their order, by `row_of`.

        It isn't kept: a method of the table's owner would make a circle, which only Python's
        collector of garbage frees, and that may be paused while months are counted.
        """
        self._places.extend([-1] * (int(numbers.max(initial=-1)) + 1 - len(self._places)))
        places = np.array(self._places)
        new = first_of_each(numbers[places[numbers] < 0])
        places[new] = np.arange(len(self._rows), len(self._rows) + len(new))
        self._rows.add(map(row_of, new.tolist()))
        self._places = array("q", places.tobytes())
        return self._rows.of(places[numbers])

    def row(self, number: int) -> Sequence[int]:
        """The row of a number that there is one for."""
        return self._rows[self._places[number]]
