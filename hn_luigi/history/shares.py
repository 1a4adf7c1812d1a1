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
_AT_A_TIME = 50_000
"""Forms."""
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
    table = pa.concat_tables([counts_schema().empty_table(), *by_month])
    spelt = table["word"].combine_chunks().dictionary_encode()
    form_of = spelt.indices.to_numpy()
    headlines = table["headlines"].to_numpy()
    months, month_of = np.unique(table["month"].to_numpy(), return_inverse=True)
    stories = np.zeros(len(months), dtype=np.int64)
    stories[month_of] = table["stories"].to_numpy()

    most_of = np.zeros(len(spelt.dictionary), dtype=np.int32)
    np.maximum.at(most_of, form_of, headlines)
    total_of = np.bincount(form_of, headlines, len(spelt.dictionary)).astype(np.int64)
    words, word_of = _joined(spelt.dictionary, total_of, most_of >= FEWEST)
    kept = word_of[form_of] >= 0
    # One number for each word and month, in the order of the rows.
    cells, place = np.unique(
        word_of[form_of[kept]] * len(months) + month_of[kept], return_inverse=True
    )
    word, month = np.divmod(cells, max(len(months), 1))
    held = np.bincount(place, headlines[kept]).astype(np.int64)
    held = np.minimum(held, stories[month])  # two forms may be in one headline
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
    forms: pa.StringArray, headlines: NDArray[np.int64], often: NDArray[np.bool_]
) -> tuple[list[str], NDArray[np.int64]]:
    """The words that are kept, by the alphabet, and of each form the place of its word, or -1.

    What is rare only counts as a form of what isn't: of a million forms that 5 million headlines
    have, 99 % are in no word that is kept, and objects for all took 1.5 GB.

    Args:
        forms: as months show them, each once.
        headlines: of all months, with each form.
        often: whether a month has it in ``FEWEST`` headlines.
    """
    import numpy as np

    from hn_luigi.cloud.forms import Lemmas, commonest, related_keys, shown_form
    from hn_luigi.cloud.tokens import key_of

    spellings: dict[str, Counter[str]] = {}
    for place in np.flatnonzero(often).tolist():
        form = forms[place].as_py()
        spellings.setdefault(key_of(form), Counter())[form] = int(headlines[place])
    known = {key: commonest(counter) for key, counter in spellings.items()}
    lemmas = Lemmas(known)
    words: dict[str, Counter[str]] = {}
    for key, counter in spellings.items():
        words.setdefault(lemmas.of(key, known[key]), Counter()).update(counter)
    related = related_keys(known)
    lemma_of: dict[int, str] = {}
    for begin in range(0, len(forms), _AT_A_TIME):
        lemmas = Lemmas(known)  # which remembers each word that it is asked for
        for place, form in enumerate(forms[begin : begin + _AT_A_TIME].to_pylist(), begin):
            key = key_of(form)
            # Of a million forms few are related, and to look for the lemmas of all took 3 s more.
            if key in related and (lemma := lemmas.of(key, form)) in words:
                lemma_of[place] = lemma
                words[lemma][form] = int(headlines[place])
    shown = {lemma: shown_form(counter) for lemma, counter in words.items()}
    names = sorted(set(shown.values()), key=lambda word: (word.casefold(), word))
    place_of = {name: n for n, name in enumerate(names)}
    found = np.full(len(forms), -1, dtype=np.int64)
    found[[*lemma_of]] = [place_of[shown[lemma]] for lemma in lemma_of.values()]
    return names, found
