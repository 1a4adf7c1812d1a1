"""A page of a day's stories, each of which leads to its own: how it stood as the day went on."""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from hn_luigi.assets import View
from hn_luigi.cloud.markdown import address, escape
from hn_luigi.cloud.markdown_page import table
from hn_luigi.formatting import NOTHING, counted, cut_off
from hn_luigi.hackernews import discussion
from hn_luigi.pages.headlines import link_to
from hn_luigi.strangers import title_of
from hn_luigi.trends.course_plot import course_plot
from hn_luigi.trends.standings import Standing, by_the_hour, course_of, standings

if TYPE_CHECKING:
    import pandas as pd

_LEADING = 20
"""Stories on the page. A file of it has their own pages, too: 12 kB each as HTML."""
_LISTED = 200
"""Stories in a list. Pages make HTML of 200,000 characters at most, and a title of 80 Chinese ones
takes 720 in an address."""
_LONGEST_NAME = 150
"""Characters of a name, which stands in addresses; Hacker News takes titles of 80."""


def day_view(day: pd.DataFrame, *, feed: str, as_of: datetime) -> View:
    """The page of a day: the stories that stood highest for longest, and a way to all of them.

    Args:
        day: with the columns of ``trends.days.SCHEMA``.
        feed: which list it is of.
        as_of: when it begins, UTC.
    """
    stories = standings(day)
    lists = _lists(len(stories))
    named = _named(stories, taken=lists)
    details = {name: partial(_list, named, lists, name) for name in lists}
    details |= {name: partial(_story, day, story) for name, story in named.items()}
    leading = [*named][:_LEADING]
    page = (
        f"# Hacker News' {escape(feed)} stories on {as_of:%Y-%m-%d}\n\n"
        f"{len(leading)} of {link_to(next(iter(lists)), _stories(len(stories)))} in "
        f"{counted(day['as_of'].nunique(), 'window')}: those that stood highest for longest.\n\n"
        f"{_items(named, range(len(leading)))}"
    )
    return View(page, details, in_file=leading)


def _lists(stories: int) -> dict[str, range]:
    """The places of the stories in each list, by its name."""
    if stories <= _LISTED:
        return {f"All of {_stories(stories)}": range(stories)}
    parts = [range(n, min(n + _LISTED, stories)) for n in range(0, stories, _LISTED)]
    return {f"Stories {part.start + 1:,} to {part.stop:,}": part for part in parts}


def _stories(count: int) -> str:
    return f"{count:,} {'story' if count == 1 else 'stories'}"


def _list(named: Mapping[str, Standing], lists: Mapping[str, range], name: str) -> str:
    others = " · ".join(link_to(other) for other in lists if other != name)
    return f"{_items(named, lists[name])}\n\n{others}"


def _items(named: Mapping[str, Standing], places: range) -> str:
    some = islice(named.items(), places.start, places.stop)
    return "\n".join(
        f"{place + 1}. {link_to(name, title_of(story.title))} — {_in_short(story)}"
        for place, (name, story) in zip(places, some, strict=True)
    )


def _named(stories: Iterable[Standing], *, taken: Collection[str]) -> dict[str, Standing]:
    """``stories`` by what their pages are called: the title, or that and the id if it is taken."""
    named: dict[str, Standing] = {}
    for story in stories:
        name = cut_off(title_of(story.title), _LONGEST_NAME)
        while name in named or name in taken:
            name += f" ({story.id})"
        named[name] = story
    return named


def _in_short(story: Standing) -> str:
    points = [] if story.score is None else [counted(story.score, "point")]
    comments = [] if story.comments is None else [counted(story.comments, "comment")]
    return ", ".join([f"best rank {story.best}", *points, *comments])


def _story(day: pd.DataFrame, story: Standing) -> str:
    """How a story stood through the day: a picture, and a row an hour."""
    course = course_of(day, story.id)
    plot = course_plot(course, begin=day["as_of"].min().normalize())
    seen = f"{story.first:%H:%M} to {story.last:%H:%M} UTC"
    what = f"Rank, points and comments from {seen}: {_in_short(story)}"
    return "\n\n".join(
        [
            f"{_links(story)}\n\nSeen from {seen}: {_in_short(story)}.",
            f"![{what}](data:image/png;base64,{base64.b64encode(plot).decode()})",
            _table(by_the_hour(course)),
        ]
    )


def _links(story: Standing) -> str:
    """Where it is and where it is talked about, and who submitted it when."""
    url = address(story.url)
    by = f" by {escape(story.by)}" if story.by else ""
    when = f" on {story.time:%Y-%m-%d %H:%M} UTC" if story.time else ""
    parts = [
        *([f"[Story]({url})"] if url else []),
        f"[Discussion]({discussion(story.id)})",
        *([f"submitted{by}{when}"] if by or when else []),
    ]
    return " · ".join(parts)


def _table(rows: pd.DataFrame) -> str:
    import pandas as pd

    cells = (
        (f"{at:%H:%M}", *(NOTHING if n is pd.NA else f"{n:,.0f}" for n in numbers))
        for at, *numbers in rows.astype("Float64").itertuples()
    )
    return table([("UTC", "Rank", "Points", "Comments"), *cells])
