"""All months in one table: the share of a month's headlines that each word and phrase had.

What a month calls a word is learnt from that month alone. So that a word has one row a month, and
one name, its spellings and plurals are joined here once more, by what all months say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from hn_luigi.history.counting import counts_schema

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    from numpy.typing import NDArray

FEWEST = 5
"""Headlines of one month; a word that no month had so often is left out, with all its months.

It is left out whole, since what is kept only where it is frequent would seem to come and go: in a
month without a row, no headline held the word.
"""
SCHEMA: dict[str, str] = {
    "word": "string",  # or phrase, as it is shown
    "month": "datetime64[us, UTC]",  # its begin
    "headlines": "int32",  # of that month that hold it, 1 or more
    "stories": "int32",  # all headlines of that month
    "share": "float64",  # headlines / stories
}
"""Columns and dtypes of the history, a row a word and month, by word and month."""


def history_of(counts: Sequence[pa.Table]) -> pd.DataFrame:
    """The history of all months.

    Args:
        counts: of each month, with the columns of ``counting.counts_schema``.

    Returns:
        A frame of the columns and dtypes of ``SCHEMA``; the same for the same counts, in whatever
        order the months come.
    """
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    by_month = sorted(filter(len, counts), key=_month_of)
    table = pa.concat_tables([counts_schema().empty_table(), *by_month]).combine_chunks()
    spelt = table["word"].combine_chunks().dictionary_encode()
    forms: list[str] = spelt.dictionary.to_pylist()
    headlines = table["headlines"].to_numpy().astype(np.int64)
    form_of = spelt.indices.to_numpy()
    months, month_of = np.unique(table["month"].to_numpy(), return_inverse=True)
    stories = np.zeros(len(months), dtype=np.int64)
    stories[month_of] = table["stories"].to_numpy()

    words, word_of_form = _joined(forms, np.bincount(form_of, headlines, len(forms)).tolist())
    # One number for each word and month, in the order of the rows.
    cells, place = np.unique(
        word_of_form[form_of].astype(np.int64) * len(months) + month_of, return_inverse=True
    )
    held = np.bincount(place, headlines).astype(np.int64)
    word, month = np.divmod(cells, max(len(months), 1))
    held = np.minimum(held, stories[month])  # two forms may be in one headline
    most = np.zeros(len(words), dtype=np.int64)
    np.maximum.at(most, word, held)
    kept = most[word] >= FEWEST
    word, month, held = word[kept], month[kept], held[kept]
    frame = pd.DataFrame(
        {
            "word": pd.array(
                pa.array(words, pa.large_string()).take(pa.array(word)), dtype="string"
            ),
            "month": pd.DatetimeIndex(months.astype("datetime64[us]")[month], tz="UTC"),
            "headlines": held,
            "stories": stories[month],
            # Rounded, as the quotients of other machines may differ in the last digit; a headline
            # of the largest months is 0.00002.
            "share": (held / stories[month]).round(7),
        }
    )
    return frame.astype(SCHEMA)


def _month_of(counts: pa.Table) -> date:
    month: date = counts["month"][0].as_py()
    return month


def _joined(
    forms: Sequence[str], headlines: Sequence[float]
) -> tuple[list[str], NDArray[np.int64]]:
    """The words that ``forms`` are of, by the alphabet, and of each form the place of its word.

    Args:
        forms: as months show them.
        headlines: of all months, with each form.
    """
    import numpy as np

    from hn_luigi.cloud.forms import Lemmas, commonest, shown_form
    from hn_luigi.cloud.tokens import key_of

    spellings: dict[str, Counter[str]] = {}
    for form, number in zip(forms, map(int, headlines), strict=True):
        spellings.setdefault(key_of(form), Counter())[form] = number
    lemmas = Lemmas({key: commonest(counter) for key, counter in spellings.items()})
    words: dict[str, Counter[str]] = {}
    for key, counter in spellings.items():
        words.setdefault(lemmas.of(key, commonest(counter)), Counter()).update(counter)
    shown = {lemma: shown_form(counter) for lemma, counter in words.items()}
    names = sorted(set(shown.values()), key=lambda word: (word.casefold(), word))
    place = {name: n for n, name in enumerate(names)}
    word_of = {form: place[shown[lemma]] for lemma, counter in words.items() for form in counter}
    return names, np.array([word_of[form] for form in forms], dtype=np.int64)
