"""All of Hacker News over the months: its words counted, and the page that shows them.

Where the archive, Hacker News' marks and the settings meet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING

from hn_luigi.archive import OpenMonth
from hn_luigi.assets import Materialization, View
from hn_luigi.cloud import escape
from hn_luigi.cloud.markdown_page import defined, shown, table
from hn_luigi.history.counting import Count
from hn_luigi.history.errors import UnknownWords
from hn_luigi.history.months import MonthFile
from hn_luigi.history.risen import MONTHS_BEFORE, risen_words
from hn_luigi.history.series import curves_of
from hn_luigi.history.shares import FEWEST, history_of
from hn_luigi.history.years import YearWords, words_of_years
from hn_luigi.pages.look import labelled, listed, passed_over
from hn_luigi.trends.small_multiples import percent, small_multiples

if TYPE_CHECKING:
    import pandas as pd

    from hn_luigi.history.engines import Engine
    from hn_luigi.settings import cloud
    from hn_luigi.trends.curves import Curve

_COLOUR = "#0072b2"
_WORDS_A_YEAR = 10
_MOST_RISEN = 40
_MOST_YEARS = 5
"""Below a curve, where each takes 45 of 290 pixels."""


def history_in(
    months: Sequence[MonthFile],
    *,
    source: str,
    engine: Engine,
    look: cloud,
    progress: Callable[[int, int, str], None],
) -> pd.DataFrame:
    """The words of ``months``, a row a word and month, as ``shares.history_of`` has them.

    Args:
        months: at least one.
        source: the archive that they are in.
        engine: what counts them.
        look: the ``[cloud]`` settings, of which those count that say what is a word.
        progress: is told how many of how many months are done.

    Raises:
        HistoryError: a month can't be counted, or the engine failed.
        SparkError: Spark isn't there, or failed.
    """
    count = Count(OpenMonth.of(source), passed_over(look))

    def tell(done: int) -> None:
        progress(done, len(months), "months")

    tell(0)
    # The largest first, so that none is left for one process at the end.
    by_size = sorted(months, key=attrgetter("size"), reverse=True)
    return history_of(engine(by_size, count, on_done=tell))


def page_of(shares: pd.DataFrame, *, words: str, look: cloud) -> str:
    """The Markdown page: some words over the months, and the words of each year.

    Args:
        shares: with the columns of ``shares.SCHEMA``.
        words: which to draw, separated by commas.
        look: the ``[cloud]`` settings, of which the label counts.

    Raises:
        HistoryError: the history has none of ``words``.
    """
    curves, missing = curves_of(shares, listed(words))
    if not curves:
        raise UnknownWords(
            f"[history] words is {words!r}, and no month has {FEWEST} headlines with one of them: "
            "name others"
        )
    months = curves[0].days
    picture = small_multiples(curves, colour=_COLOUR, told=_told, dates=_years_below(months))
    heading = labelled(f"The words of Hacker News, {months[0]:%Y-%m} to {months[-1]:%Y-%m}", look)
    blocks = [
        f"# {escape(heading)}",
        " · ".join(_facts(shares)),
        "## Words over the months",
        "The share of each month's headlines that held the word.",
        shown("words", _described(curves)),
        *_missing(missing),
        *_of_years(words_of_years(shares, most=_WORDS_A_YEAR)),
        defined("words", picture),
    ]
    return "\n\n".join(blocks) + "\n"


def history_shown(made: Materialization) -> View:
    """The words that rose in the newest month: of half a million rows, those to begin with."""
    shares: pd.DataFrame = made.value
    heading = "The words of Hacker News"
    if shares.empty:
        return View(f"# {heading}\n\nNo word is in {FEWEST} headlines of a month.\n")
    month = f"{shares['month'].max():%Y-%m}"
    blocks = [f"# {heading} in {month}", " · ".join(_facts(shares))]
    if risen := risen_words(shares, most=_MOST_RISEN):
        rows = [
            (escape(each.word), percent(each.share), percent(each.before), f"{each.z:+.1f}")
            for each in risen
        ]
        blocks += [
            "## Rose",
            table([("Word", "Share", "Before", "z"), *rows]),
            f"*Share* is that of the headlines of {month}, *before* of all headlines of the "
            f"{MONTHS_BEFORE} months before. *z* is how much the word rose in standard deviations.",
        ]
    return View("\n\n".join(blocks) + "\n")


def _facts(shares: pd.DataFrame) -> Iterator[str]:
    months = shares.drop_duplicates("month")
    yield f"Months: {len(months)}"
    yield f"Stories: {months['stories'].sum():,}"
    yield f"Words and phrases: {shares['word'].nunique():,}"


def _told(curve: Curve) -> str:
    """The largest share of a word, and its last one."""
    told = zip(curve.shares, curve.days, strict=True)
    known = [(share, f"{month:%Y-%m}") for share, month in told if share is not None]
    share, month = max(known, key=itemgetter(0))
    return f"{percent(share)} in {month}, now {percent(known[-1][0])}"


def _years_below(months: Sequence[date]) -> dict[int, str]:
    """Which years to write below the months, at their Januaries: each, or every few."""
    years = [n for n, month in enumerate(months) if month.month == 1]
    if len(years) < 2:
        return {0: f"{months[0]:%Y-%m}", len(months) - 1: f"{months[-1]:%Y-%m}"}
    every = -(-len(years) // _MOST_YEARS)
    return {n: f"{months[n]:%Y}" for n in years if months[n].year % every == 0}


def _described(curves: Sequence[Curve]) -> str:
    """What the small multiples show."""
    shares = (f"{curve.word} {_told(curve)}" for curve in curves)
    return f"Share of each month's headlines; {'; '.join(shares)}"


def _missing(words: Sequence[str]) -> Iterator[str]:
    if words:
        names = ", ".join(map(escape, words))
        yield f"Not drawn, since no month has {FEWEST} headlines with it: {names}."


def _of_years(years: Sequence[YearWords]) -> Iterator[str]:
    if years:
        yield "## The words of each year"
        yield (
            "Each word is named in the year in which its share was the largest, and first those "
            "that were the least likely by chance, compared with all other years."
        )
        yield "\n".join(
            f"- **{each.year}**: {', '.join(map(escape, each.words))}" for each in years
        )
