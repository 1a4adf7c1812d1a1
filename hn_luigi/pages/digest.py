"""The page of a day: its stories and its words in, Markdown out.

It is read in a terminal as well, so the data of its pictures are its last lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from hn_luigi.cloud import Picture, escape, vocabulary_of
from hn_luigi.cloud.markdown_page import defined, listed, shown, table
from hn_luigi.formatting import clock, duration
from hn_luigi.pages.headlines import headlines_of
from hn_luigi.pages.look import drawn, labelled, passed_over, weights_of
from hn_luigi.trends.curves import days_compared, fallen, risen, rises
from hn_luigi.trends.days import latest_of_each
from hn_luigi.trends.movers import best_first, climbed_fastest, most_discussed, stayed_longest
from hn_luigi.trends.shares import DAYS_BEFORE
from hn_luigi.trends.small_multiples import percent, small_multiples

if TYPE_CHECKING:
    import pandas as pd

    from hn_luigi.settings import cloud
    from hn_luigi.trends.curves import Curve

_FRONT_PAGE = 30
"""Stories; of its list Hacker News shows that many on a page."""
_MOST_WORDS, _MOST_STORIES = 12, 5
_RISE, _FALL = "#0072b2", "#c45600"
"""Of Okabe and Ito (2008), the latter a little darker: told apart by those who see no red, too."""
_MOST_NAMED = 3
"""Missing days; more are counted."""


def digest_of(
    day: pd.DataFrame, trends: pd.DataFrame, *, feed: str, as_of: datetime, look: cloud
) -> str:
    """The Markdown page of a day.

    Args:
        day: a row a story and window, with the columns of ``trends.days.SCHEMA``.
        trends: of its words, with the columns of ``trends.shares.SCHEMA``.
        feed: which list they are from.
        as_of: start of the day, UTC.
        look: the ``[cloud]`` settings.

    Raises:
        CloudError: no word can be drawn, or a setting that can't be drawn with.
    """
    up, down = risen(trends, most=_MOST_WORDS), fallen(trends, most=_MOST_WORDS)
    picture = _cloud(day, trends, look)
    pictures = {"cloud": picture.png}
    pictures |= {"risen": small_multiples(up, colour=_RISE)} if up else {}
    pictures |= {"fallen": small_multiples(down, colour=_FALL)} if down else {}
    heading = labelled(f"Hacker News on {as_of:%Y-%m-%d}: its {feed} stories", look)
    largest = ", ".join([*picture.drawn][:5])
    blocks = [
        f"# {escape(heading)}",
        " · ".join(_facts(day, trends)),
        shown("cloud", f"Word cloud of the day's headlines; largest: {largest}"),
        *_words(trends, up, down),
        *_stories(day),
        *(defined(name, png) for name, png in pictures.items()),
    ]
    return "\n\n".join(blocks) + "\n"


def _cloud(day: pd.DataFrame, trends: pd.DataFrame, look: cloud) -> Picture:
    """The picture of all headlines of ``day``, each once."""
    stories = best_first(day)
    vocabulary = vocabulary_of(stories["title"], **passed_over(look))
    words = weights_of(stories, vocabulary.find(stories["title"]), look)
    told = rises(trends)
    changes = {form: told[word] for word, form in vocabulary.forms_of(told).items()}
    return drawn(words, look, changes if told else None)


def _facts(day: pd.DataFrame, trends: pd.DataFrame) -> Iterator[str]:
    windows = day["as_of"].drop_duplicates()
    yield f"Windows: {len(windows)}, the last of {clock(windows.max().tz_localize(None))} UTC"
    yield f"Stories: {day['id'].nunique():,}"
    days = days_compared(trends)
    if days.before:
        few = days.missing if len(days.missing) <= _MOST_NAMED else ()
        without = f", without {', '.join(map(str, few))}" if few else ""
        yield f"Compared with {len(days.before)} of the {DAYS_BEFORE} days before{without}"


def _words(trends: pd.DataFrame, up: Sequence[Curve], down: Sequence[Curve]) -> Iterator[str]:
    if not days_compared(trends).before:
        yield "## What rose and fell"
        yield "This is the first day: there is nothing to compare it with."
        return
    for curves, name, verb in ((up, "risen", "rose"), (down, "fallen", "fell")):
        yield f"## What {verb}"
        if not curves:
            yield f"No word {verb} clearly."
            continue
        yield table(
            [
                ("Word", "Stories", "Share", "Before"),
                *(
                    (
                        escape(curve.word),
                        str(curve.headlines[-1]),
                        percent(curve.share),
                        percent(curve.share_before or 0),
                    )
                    for curve in curves
                ),
            ]
        )
        yield shown(name, _described(curves, verb))


def _described(curves: Sequence[Curve], verb: str) -> str:
    """What the small multiples of ``curves`` show."""
    first, last = curves[0].days[0], curves[0].days[-1]
    shares = (
        f"{curve.word} {percent(curve.share)}, before {percent(curve.share_before or 0)}"
        for curve in curves
    )
    return f"Share of each day's headlines of what {verb}, {first} to {last}: {'; '.join(shares)}"


def _stories(day: pd.DataFrame) -> Iterator[str]:
    stays = stayed_longest(day, within=_FRONT_PAGE, most=_MOST_STORIES)
    climbs = climbed_fastest(day, within=_FRONT_PAGE, most=_MOST_STORIES)
    talks = most_discussed(day, most=_MOST_STORIES)
    stories = latest_of_each(day).set_index("id", drop=False)
    for heading, places in (
        (
            f"Longest among the first {_FRONT_PAGE}",
            {s.story: f"{duration(3600 * s.hours)}, best rank {s.best}" for s in stays},
        ),
        (
            f"Fastest to the first {_FRONT_PAGE}",
            {
                c.story: f"from rank {c.start} to {c.best} in {duration(3600 * c.hours)}"
                for c in climbs
            },
        ),
        ("Most discussed", {t.story: f"{t.new:,} new comments" for t in talks}),
    ):
        if places:
            yield f"## {heading}"
            yield listed(headlines_of(stories.loc[[*places]], [*places.values()]))
