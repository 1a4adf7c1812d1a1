"""The shares of a few words over all months, as curves to draw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hn_luigi.trends.curves import Curve

if TYPE_CHECKING:
    import pandas as pd


_FEW = 0.05
"""Share of the median month's headlines; a month that has fewer is no point of a curve.

Of the 61 items of 2006-10 each is 1.6 %, more than many words ever had, and today's month may have
just begun.
"""


def curves_of(shares: pd.DataFrame, words: Sequence[str]) -> tuple[list[Curve], list[str]]:
    """The curve of each of ``words`` over the months, and those of them that have none.

    Args:
        shares: with the columns of ``shares.SCHEMA``.
        words: as people write them, in any case, with hyphens or spaces.

    Returns:
        The curves in the order of ``words``, each once, under the name that the history has for it:
        a share is 0 where no headline of the month holds the word, and None where there is no
        month, or one with far fewer headlines than others. The words without a curve, as they are
        written.
    """
    import pandas as pd

    from hn_luigi.cloud.tokens import key_of

    if shares.empty:
        return [], [*words]
    stories = shares.drop_duplicates("month").set_index("month")["stories"]
    months = pd.date_range(stories.index.min(), stories.index.max(), freq="MS")
    stories = stories.where(stories >= _FEW * stories.median()).reindex(months)
    names = {key_of(name): name for name in shares["word"].unique()}
    wanted = {word: _name_of(word, names) for word in words}
    found = dict.fromkeys(name for name in wanted.values() if name is not None)
    rows = shares[shares["word"].isin([*found])].set_index("month")
    curves = [_curve(name, rows.loc[rows["word"] == name, "headlines"], stories) for name in found]
    return curves, [word for word, name in wanted.items() if name is None]


def _name_of(word: str, names: dict[str, str]) -> str | None:
    """What the history calls ``word``, by ``names`` of keys; it may be a plural."""
    from hn_luigi.cloud.forms import Lemmas
    from hn_luigi.cloud.tokens import key_of

    return names.get(Lemmas(names).of(key_of(word), word))


def _curve(word: str, headlines: pd.Series, stories: pd.Series) -> Curve:
    held = headlines.reindex(stories.index, fill_value=0).where(stories.notna())
    share = (held / stories).astype(object).where(stories.notna(), None)
    return Curve(
        word=word,
        days=[month.date() for month in stories.index],
        shares=[*share],
        headlines=[None if gone else int(n) for n, gone in zip(held, held.isna(), strict=True)],
        stories=[None if gone else int(n) for n, gone in zip(stories, stories.isna(), strict=True)],
        share_before=None,
        z=None,
    )
