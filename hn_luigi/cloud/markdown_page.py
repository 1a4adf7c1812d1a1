"""The Markdown page: the leading words, a picture of all of them, and the leading headlines.

It is read in a terminal as well, so the picture's data is the last line of it: a reference, which
all readers of Markdown know. Everything on it but the layout is a stranger's text, and is escaped
where it is put in.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from hn_luigi.cloud.markdown import address, escape
from hn_luigi.cloud.picture import Picture
from hn_luigi.strangers import title_of


@dataclass(frozen=True)
class Headline:
    """A story: its title, where it is, where it is talked about, and how it is doing.

    `url` is None for a story that is its own discussion; `score` is in points.
    """

    title: str
    url: str | None
    discussion: str
    score: int | None
    comments: int | None


def render(
    *,
    heading: str,
    facts: Sequence[tuple[str, str]],
    picture: Picture,
    alt: str,
    words: Sequence[tuple[str, int]],
    headlines: Sequence[Headline],
) -> str:
    """Write the page, with the picture at its end; the same arguments give the same text.

    A title links to its `url` where that is a web address, else to its discussion. A picture
    that leaves words out is followed by how many, and why.

    Args:
        heading: the page's title.
        facts: name and value of what the page was made from.
        alt: what the picture shows, for those who do not see it.
        words: the leading words, each with the number of headlines that hold it.
        headlines: the leading headlines, first one first.
    """
    image = base64.b64encode(picture.png).decode("ascii")
    blocks = [f"# {escape(heading)}"]
    if facts:
        blocks.append(" · ".join(f"{escape(name)}: {escape(value)}" for name, value in facts))
    # marked 16.4.2, which JupyterLab ships, ends the attribute at a quotation mark.
    description = escape(alt).replace('"', "&quot;")
    if words:
        rows = [(escape(word), str(count)) for word, count in words]
        blocks += ["## Leading words", _table([("Word", "Headlines"), *rows])]
    blocks.append(f"![{description}][cloud]")
    if picture.left_out:
        blocks.append(f"Not in the picture: {_left_out(picture)}.")
    if headlines:
        items = (f"{n}. {_item(headline)}" for n, headline in enumerate(headlines, start=1))
        blocks += ["## Leading headlines", "\n".join(items)]
    # No title can define it first, or refer to it: its brackets are escaped.
    blocks.append(f"[cloud]: data:image/png;base64,{image}")
    return "\n\n".join(blocks) + "\n"


def _left_out(picture: Picture) -> str:
    return "; ".join(
        f"{_counted(count, 'word')} ({escape(reason)})"
        for reason, count in Counter(picture.left_out.values()).items()
    )


def _table(rows: Sequence[tuple[str, str]]) -> str:
    """A table of texts and numbers, header first, whose columns are as wide in a terminal."""
    left, right = (max(map(len, column)) for column in zip(*rows, strict=True))
    lines = [f"| {text:{left}} | {number:>{right}} |" for text, number in rows]
    return "\n".join([lines[0], f"| {'-' * left} | {'-' * (right - 1)}: |", *lines[1:]])


def _item(headline: Headline) -> str:
    title = escape(title_of(headline.title))
    discussion = address(headline.discussion)
    target = address(headline.url) or discussion
    said = "discussion" if headline.comments is None else _counted(headline.comments, "comment")
    details = [] if headline.score is None else [_counted(headline.score, "point")]
    details.append(_link(said, discussion))
    return f"{_link(title, target)} — {', '.join(details)}"


def _link(text: str, target: str | None) -> str:
    return f"[{text}]({target})" if target else text


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
