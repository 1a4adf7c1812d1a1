"""Which words of new headlines may be noise, too: candidates for hn_luigi/cloud/noise.py.

FILE is a CSV with a column `title`, or has a headline on each line. Of the words in three headlines
or more that aren't noise yet, those that are most like it are printed, each with the number of its
headlines and one of them. Whether a word is noise is for a person to say.

Noise stands where noise stands, after "to" and before "the": words that share their neighbours are
of one kind (Harris, Distributional Structure, 1954). So what counts is how much likelier the
neighbours of a word are beside noise than beside other words (naive Bayes), and how often it is
written small, since names aren't. With a random half of the list hidden, in the 6,000 headlines
that it was made from, the hidden words were 13 % of all and 65 of the first 100 (mean of 5 draws).
"""

from __future__ import annotations

import argparse
import csv
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from math import log, sqrt
from pathlib import Path

from hn_luigi.cloud.noise import noise_of
from hn_luigi.hackernews import DECORATIONS, STOP_WORDS

_TOKEN = re.compile(r"[^\W\d_](?:[\w'.+#-]*[\w+#])?|\d[\d.,]*|[^\w\s]")
_FEWEST = 3


@dataclass
class Use:
    """How headlines use a word."""

    headlines: list[int] = field(default_factory=list)
    neighbours: Counter[tuple[int, str]] = field(default_factory=Counter)
    """By side and word; at an end of a headline that is none."""
    small: int = 0
    """How often it is written small where a sentence has no capital by itself."""
    seen: int = 0


def uses_in(titles: Sequence[str]) -> dict[str, Use]:
    """How each word of ``titles`` is used, by the casefolded word."""
    uses: dict[str, Use] = {}
    for number, title in enumerate(titles):
        tokens = _TOKEN.findall(DECORATIONS.sub(" ", title).replace("\u2019", "'"))
        folded = ["", *(token.casefold() for token in tokens), ""]
        is_sentence = sum(t.islower() for t in tokens) > sum(t[0].isupper() for t in tokens)
        for place, token in enumerate(tokens):
            if not token[0].isalpha():
                continue
            use = uses.setdefault(token.casefold(), Use())
            if number not in use.headlines[-1:]:
                use.headlines.append(number)
            use.neighbours.update([(-1, folded[place]), (1, folded[place + 2])])
            if is_sentence and place > 0:
                use.small += token.islower()
                use.seen += 1
    return uses


def candidates(uses: dict[str, Use], noise: Collection[str]) -> list[str]:
    """The words in three headlines or more that aren't ``noise``, those most like it first."""
    known: Counter[tuple[int, str]] = Counter()
    others: Counter[tuple[int, str]] = Counter()
    for word, use in uses.items():
        (known if word in noise else others).update(use.neighbours)
    ratio = others.total() / max(known.total(), 1)

    def likeness(word: str) -> float:
        use = uses[word]
        # Half a one is added to each, so that what is new beside a word isn't impossible; and the
        # word itself is none of the others that it is compared with.
        odds = sum(
            n * log((known[at] + 0.5) / (others[at] - n + 0.5) * ratio)
            for at, n in use.neighbours.items()
        )
        small = log((use.small + 1) / (use.seen + 2))
        return (odds / use.neighbours.total() + small) * sqrt(len(use.headlines))

    leading = [w for w, use in uses.items() if len(use.headlines) >= _FEWEST and w not in noise]
    return sorted(leading, key=likeness, reverse=True)


def headlines_of(file: Path) -> list[str]:
    """The headlines in a CSV with a column ``title``, or on the lines of another file."""
    with file.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        is_table = "title" in next(csv.reader(lines), [])
        lines.seek(0)
        rows = csv.DictReader(lines) if is_table else ({"title": line} for line in lines)
        return [" ".join((row["title"] or "").split()) for row in rows]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--count", type=int, default=100, help="how many words to print (100)")
    arguments = parser.parse_args()
    try:
        titles = headlines_of(arguments.file)
    except (OSError, csv.Error) as error:
        parser.error(f"{arguments.file} can't be read ({error}): name a CSV or a text file")
    uses, noise = uses_in(titles), noise_of(STOP_WORDS)
    known = {word for word in uses if noise.hides(word.removesuffix("'s"))}
    for word in candidates(uses, known)[: arguments.count]:
        numbers = uses[word].headlines
        print(f"{word:16} {len(numbers):5}  {titles[numbers[0]]}")


if __name__ == "__main__":
    main()
