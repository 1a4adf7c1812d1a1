"""Writes an archive of the shape of open-index's, all of Hacker News, the same bytes each time.

    .venv/bin/python scripts/sample/archive.py FOLDER [--stories 5500000] [--months 230]

Everything in it is invented: the titles of the sample, recombined, with names made of syllables.
Some names lead and most are rare, so that each month has new ones, as in a language; some belong to
a year. Comments, polls and jobs are there too, with bodies of a few words where the real ones have
a few hundred. Nothing is written over: FOLDER must not hold an archive.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hn_luigi.replica.snapshot import as_sent
from titles import title

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["main", "months_until", "table_of", "write_archive"]

STORIES, MONTHS, LAST = 5_500_000, 230, date(2026, 11, 1)
SEED = 6
COMMENTS = 7.5
"""A story; of 47 million items of Hacker News 87 % are comments."""
RAMP = 72
"""Months in which it grew to its size: from a tenth."""
DEAD, DELETED, OTHER = 0.08, 0.02, 0.01
"""Shares of stories; the last are polls, their parts and jobs, of all items."""

BASES = 20_000
NAMES = 2_000_000
"""How many names there can be: by Zipf's law, 25,000 titles then hold 14,000 of them."""
OF_A_YEAR = 0.3
"""Share of the names that are of the year's own."""
SYLLABLES = (
    *("ba", "be", "bo", "da", "do", "fe", "fi", "ga", "go", "ha", "jo", "ka", "ki", "ko", "la"),
    *("le", "lo", "ma", "mi", "mo", "na", "ne", "no", "pa", "pi", "qua", "ra", "re", "ri", "ro"),
    *("sa", "se", "so", "ta", "ti", "to", "va", "vi", "wo", "ya", "ze", "zo"),
)
FRAMES = ("{}: ", "{} and ", "The {} ", "Show HN: {} – ", "Inside {}: ", "{} Labs: ", "{} Open ")
BODIES = tuple(f"I have seen {n} of these, and it works.<p>What do others do?" for n in range(500))
TYPES = {"story": 1, "comment": 2, "poll": 3, "pollopt": 4, "job": 5}

SCHEMA = pa.schema(
    {
        "id": pa.uint32(),
        "deleted": pa.uint8(),
        "type": pa.int8(),
        "by": pa.string(),
        "time": pa.timestamp("ms", tz="UTC"),
        "text": pa.string(),
        "dead": pa.uint8(),
        "parent": pa.uint32(),
        "poll": pa.uint32(),
        "kids": pa.list_(pa.uint32()),
        "url": pa.string(),
        "score": pa.int32(),
        "title": pa.string(),
        "parts": pa.list_(pa.uint32()),
        "descendants": pa.int32(),
        "words": pa.list_(pa.string()),
    }
)


def main() -> None:
    """Write the archive that the command line names."""
    what, usage, more = __doc__.split("\n\n", 2)
    parser = argparse.ArgumentParser(usage=usage.strip(), description=f"{what} {more}")
    parser.add_argument("folder", type=Path, help="where to make it; it holds data/ then")
    parser.add_argument(
        "--stories", type=int, default=STORIES, help="how many in all (default: %(default)s)"
    )
    parser.add_argument(
        "--months",
        type=int,
        default=MONTHS,
        help=f"how many, up to {LAST:%Y-%m} (default: {MONTHS})",
    )
    given = parser.parse_args()
    if (given.folder / "data").exists():
        sys.exit(f"{given.folder}/data exists: name another folder, or remove it")
    if not (1 <= given.months <= MONTHS and given.months <= given.stories):
        sys.exit(f"--months takes 1 to {MONTHS}, and --stories at least as many")
    from tqdm import tqdm

    try:
        for _ in tqdm(
            write_archive(given.folder, given.stories, months_until(LAST, given.months)),
            total=given.months,
            unit=" months",
            disable=None,  # where nobody sees it
        ):
            pass
    except OSError as error:
        sys.exit(f"{given.folder} can't be written: {error}")


def months_until(last: date, count: int) -> list[date]:
    """The ``count`` months until ``last``, the first one first."""
    ordinals = range(last.year * 12 + last.month - count, last.year * 12 + last.month)
    return [date(n // 12, n % 12 + 1, 1) for n in ordinals]


def write_archive(folder: Path, stories: int, months: list[date]) -> Iterator[Path]:
    """Write the months one by one, with so many stories in all of them, and tell of each."""
    weights = np.minimum(1.0, 0.1 + 0.9 * np.arange(len(months)) / RAMP)
    until = np.round(np.cumsum(weights) / weights.sum() * stories).astype(int)
    bases = _bases()
    first_id = 1
    for n, month in enumerate(months):
        table = table_of(month, int(until[n] - (until[n - 1] if n else 0)), bases, first_id)
        first_id += len(table)
        path = folder / f"data/{month:%Y}/{month:%Y-%m}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, path, compression="zstd")
        yield path


def table_of(month: date, stories: int, bases: list[str], first_id: int) -> pa.Table:
    """A month's items by id, of which so many are stories."""
    # RandomState and not numpy's newer generators, whose numbers may change with its version.
    chance = np.random.RandomState(SEED + 12 * month.year + month.month)
    items = round(stories * (1 + COMMENTS) * (1 + OTHER))
    kinds = np.full(items, TYPES["comment"], dtype=np.int8)
    places = chance.permutation(items)
    others = places[stories : stories + round(items * OTHER)]
    kinds[others] = 3 + chance.randint(0, 3, len(others))
    kinds[places[:stories]] = TYPES["story"]
    is_story = kinds == TYPES["story"]
    deleted = is_story & (chance.random_sample(items) < DELETED)
    ids = np.arange(first_id, first_id + items, dtype=np.uint32)
    columns = {
        "id": pa.array(ids),
        "deleted": pa.array(deleted.astype(np.uint8)),
        "type": pa.array(kinds),
        "by": _picked(chance, [f"user_{n}" for n in range(5_000)], items),
        "time": _times(chance, month, items),
        "text": _where(~is_story, _picked(chance, BODIES, items), ""),
        "dead": pa.array((is_story & (chance.random_sample(items) < DEAD)).astype(np.uint8)),
        "parent": pa.array(np.where(is_story, 0, ids - 1).astype(np.uint32)),
        "poll": pa.array(np.zeros(items, dtype=np.uint32)),
        "kids": _empty(items, pa.uint32()),
        "url": _where(is_story, _picked(chance, ["https://www.example.com/page"], items), ""),
        "score": pa.array(np.where(is_story, chance.randint(1, 50, items), 0).astype(np.int32)),
        "title": _spread(_titles(chance, month.year, bases, stories), is_story & ~deleted),
        "parts": _empty(items, pa.uint32()),
        "descendants": pa.array(np.where(is_story, 3, 0).astype(np.int32)),
        "words": _empty(items, pa.string()),
    }
    return pa.table(columns, schema=SCHEMA)


def _bases() -> list[str]:
    """Titles of the sample's grammar, as the API sends them."""
    chance = Random(SEED)
    return [as_sent(title(chance)) for _ in range(BASES)]


def _titles(chance: np.random.RandomState, year: int, bases: list[str], count: int) -> list[str]:
    """Titles of a year: those of the grammar, of which other ones lead each year, with a name."""
    # Half of them are drawn alike, half as a year's fashion has it.
    fashion = (_ranks(chance, BASES, count) + 997 * year) % BASES
    alike = chance.randint(0, BASES, count)
    picked = np.where(chance.random_sample(count) < 0.5, fashion, alike)
    of_year = chance.random_sample(count) < OF_A_YEAR
    names = _ranks(chance, NAMES, count) + np.where(of_year, (year - 2000) * NAMES, 0)
    frames = chance.randint(0, len(FRAMES), count)
    return [
        FRAMES[frame].format(_name(name)) + bases[base]
        for frame, name, base in zip(frames.tolist(), names.tolist(), picked.tolist(), strict=True)
    ]


def _ranks(chance: np.random.RandomState, most: int, count: int) -> NDArray[np.int64]:
    """Ranks from 0, each as likely as Zipf's law has it: 1/1, 1/2, 1/3 …, up to ``most``."""
    return (np.power(float(most), chance.random_sample(count)) - 1).astype(np.int64)


def _name(number: int) -> str:
    """A name for each number, of two syllables or more."""
    number += len(SYLLABLES)  # of one syllable it might be a word
    parts = []
    while number:
        number, rest = divmod(number, len(SYLLABLES))
        parts.append(SYLLABLES[rest])
    return "".join(parts).capitalize()


def _picked(
    chance: np.random.RandomState, options: list[str] | tuple[str, ...], count: int
) -> pa.Array:
    places = chance.randint(0, len(options), count).astype(np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(places), pa.array(options)).cast(pa.string())


def _where(mask: NDArray[np.bool_], texts: pa.Array, other: str) -> pa.Array:
    import pyarrow.compute as pc

    return pc.if_else(pa.array(mask), texts, other)


def _spread(texts: list[str], mask: NDArray[np.bool_]) -> pa.Array:
    """The texts, one after the other, where ``mask`` is true; elsewhere empty ones."""
    places = np.where(mask, np.cumsum(mask), 0)
    return pa.array(["", *texts[: int(mask.sum())]], pa.string()).take(pa.array(places))


def _times(chance: np.random.RandomState, month: date, count: int) -> pa.Array:
    """Moments of the month's first 28 days, ascending."""
    begin = np.datetime64(month, "ms").astype(np.int64)
    moments = begin + np.sort(chance.randint(0, 28 * 86_400, count)).astype(np.int64) * 1000
    return pa.array(moments).cast(pa.timestamp("ms", tz="UTC"))


def _empty(count: int, kind: pa.DataType) -> pa.Array:
    return pa.ListArray.from_arrays(
        pa.array(np.zeros(count + 1, dtype=np.int32)), pa.array([], kind)
    )


if __name__ == "__main__":
    main()
