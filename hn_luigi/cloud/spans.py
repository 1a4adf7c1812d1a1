"""Where phrases are in titles: of those that overlap, the surest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np

from hn_luigi.cloud.neighbours import Neighbours
from hn_luigi.cloud.phrases import Phrases
from hn_luigi.cloud.ragged import Numbers, Ragged, distinct
from hn_luigi.cloud.slots import Slot


class Spans:
    """Finds the phrases in titles."""

    def __init__(self, phrases: Phrases) -> None:
        self._neighbours = Neighbours(phrases.pairs)
        self._sure = [*phrases.pairs.values()]
        self._named = np.array([pair in phrases.names for pair in phrases.pairs], dtype=bool)
        number_of = {pair: number for number, pair in enumerate(phrases.pairs)}
        self._triples = {
            (number_of[words[:2]], number_of[words[1:]])
            for words in phrases.names
            if len(words) == 3
        }

    def find(self, titles: Ragged, slots: Sequence[Slot | None]) -> tuple[Numbers, Numbers]:
        """Where phrases are, in any order.

        Args:
            titles: the numbers of the slots of each.
            slots: by their numbers.

        Returns:
            The places in `titles` where one begins, and how many slots each has.
        """
        places, pairs = self._neighbours.places(titles, slots)
        of_titles = titles.rows[places]
        # Elsewhere there is no choice: no two pairs have a word in common.
        choice = np.isin(of_titles, distinct(of_titles[1:][np.diff(places) == 1]))
        begins = places[~choice & self._named[pairs]]
        chosen = self._chosen(Ragged(places[choice], of_titles[choice]), pairs[choice], titles)
        more = np.array([*chosen], dtype=np.int64).reshape(-1, 2)
        lengths = np.full(len(begins), 2)
        return np.concatenate((begins, more[:, 0])), np.concatenate((lengths, more[:, 1]))

    def _chosen(self, places: Ragged, pairs: Numbers, titles: Ragged) -> Iterator[tuple[int, int]]:
        """Where the phrases of some titles begin, and how many slots each has.

        Args:
            places: where pairs begin, of each title.
            pairs: their numbers.
            titles: all of them.
        """
        cuts = np.flatnonzero(np.diff(places.rows, prepend=-1))
        ends = np.searchsorted(titles.rows, places.rows[cuts], side="right").tolist()
        bounds = [*cuts.tolist(), len(pairs)]
        at, numbers = places.items.tolist(), pairs.tolist()
        for (begin, after), end in zip(pairwise(bounds), ends, strict=True):
            yield from self._surest(
                dict(zip(at[begin:after], numbers[begin:after], strict=True)), end
            )

    def _surest(self, pairs: Mapping[int, int], end: int) -> Iterator[tuple[int, int]]:
        """The phrases of a title: the surest that don't overlap, or of those most words.

        Args:
            pairs: by the place where each begins, ascending.
            end: the place after the title.
        """
        first, last = min(pairs), max(pairs)
        # What is best from each place on: how sure it is, how many words, in which phrase first.
        best = [(0.0, 0)] * 3
        lengths: dict[int, int] = {}
        for start in range(last, first - 1, -1):
            option, lengths[start] = best[-1], 0
            pair = pairs.get(start)
            if pair is not None:
                for length, sure in self._options(pair, pairs.get(start + 1), start + 2 == end):
                    rest, words = best[-length]
                    if (rest + sure, words + length) > option:
                        option, lengths[start] = (rest + sure, words + length), length
            best.append(option)
        start = first
        while start <= last:
            if length := lengths[start]:
                yield start, min(length, end - start)
            start += length or 1

    def _options(self, pair: int, following: int | None, ends: bool) -> Iterator[tuple[int, float]]:
        """The phrases that begin with `pair`: how many words they have, and how sure they are."""
        if self._named[pair]:
            yield 2, self._sure[pair]
        if following is not None and (pair, following) in self._triples:
            yield 3, self._sure[pair] + self._sure[following]
        # At the end of a title a pair is worth a word more. So of five words that are equally sure,
        # the last two are cut off.
        elif ends and self._named[pair]:
            yield 3, self._sure[pair]
