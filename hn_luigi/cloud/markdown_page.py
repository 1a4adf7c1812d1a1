"""The Markdown page: the leading words, a picture of all of them, and headlines.

It is read in a terminal as well, so the picture's data is the last line of it: a reference, which
all readers of Markdown know. Everything on it but the layout is a stranger's text, and is escaped
where it is put in.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
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
    place: str = ""
    """What to say of its place in a list, if anything, such as `rank 3`."""


def render(
    *,
    heading: str,
    facts: Sequence[tuple[str, str]],
    picture: Picture,
    alt: str,
    words: Sequence[tuple[str, int]],
    measure: str = "Headlines",
    headlines: Sequence[Headline],
    news: Sequence[str] = (),
    note: str = "",
    examples: Sequence[tuple[str, int, Sequence[Headline]]] = (),
) -> str:
    """Write the page, with the picture at its end; the same arguments give the same text.

    A title links to its `url` where that is a web address, else to its discussion. A picture
    that leaves words out is followed by how many, and why.

    Args:
        heading: the page's title.
        facts: name and value of what the page was made from.
        alt: what the picture shows, for those who do not see it.
        words: the leading words, each with its weight.
        measure: what the weights are.
        headlines: the leading headlines, first one first.
        news: blocks of Markdown that come first, as `table` and `listed` write them.
        note: what is to be said of the picture.
        examples: of the first words, each with the number of headlines that hold it, and some.
    """
    blocks = [f"# {escape(heading)}"]
    if facts:
        blocks.append(" · ".join(f"{escape(name)}: {escape(value)}" for name, value in facts))
    blocks += news
    if words:
        rows = [(escape(word), str(count)) for word, count in words]
        blocks += ["## Leading words", table([("Word", measure), *rows])]
    blocks.append(shown("cloud", alt))
    if note:
        blocks.append(escape(note))
    if picture.left_out:
        blocks.append(f"Not in the picture: {_left_out(picture)}.")
    if examples:
        blocks += ["## Headlines of the leading words", "\n".join(_examples(examples))]
    if headlines:
        items = (f"{n}. {item(headline)}" for n, headline in enumerate(headlines, start=1))
        blocks += ["## Leading headlines", "\n".join(items)]
    blocks.append(defined("cloud", picture.png))
    return "\n\n".join(blocks) + "\n"


def shown(name: str, alt: str) -> str:
    """A picture, which `defined` gives that name further down."""
    # marked 16.4.2, which JupyterLab ships, ends the attribute at a quotation mark.
    description = escape(alt).replace('"', "&quot;")
    return f"![{description}][{name}]"


def defined(name: str, png: bytes) -> str:
    """The line that is the picture of that name; no title can be another, or refer to it."""
    return f"[{name}]: data:image/png;base64,{base64.b64encode(png).decode('ascii')}"


def table(rows: Sequence[Sequence[str]]) -> str:
    """A table of texts and, right of them, numbers, whose columns are as wide in a terminal.

    Args:
        rows: Markdown, the header first.
    """
    first, *others = (max(map(len, column)) for column in zip(*rows, strict=True))
    lines = []
    for text, *numbers in rows:
        cells = (f"{number:>{width}}" for number, width in zip(numbers, others, strict=True))
        lines.append(" | ".join([f"| {text:{first}}", *cells]))
    lines.insert(1, " | ".join([f"| {'-' * first}", *(f"{'-' * (n - 1)}:" for n in others)]))
    return "\n".join(f"{line} |" for line in lines)


def listed(headlines: Iterable[Headline]) -> str:
    """A list of headlines."""
    return "\n".join(f"- {item(headline)}" for headline in headlines)


def item(headline: Headline) -> str:
    """A headline in a line: its place, in sight of a terminal, its points and its discussion."""
    title = escape(title_of(headline.title))
    discussion = address(headline.discussion)
    target = address(headline.url) or discussion
    said = "discussion" if headline.comments is None else counted(headline.comments, "comment")
    place = f"{escape(headline.place)}: " if headline.place else ""
    details = [] if headline.score is None else [counted(headline.score, "point")]
    details.append(_link(said, discussion))
    return f"{place}{_link(title, target)} — {', '.join(details)}"


def counted(count: int, noun: str) -> str:
    """`1 word`, `3,012 words`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _examples(words: Sequence[tuple[str, int, Sequence[Headline]]]) -> Iterator[str]:
    for number, (word, count, headlines) in enumerate(words, start=1):
        yield f"{number}. **{escape(word)}**: {counted(count, 'headline')}"
        # By four spaces: that is within an item of the list whose number has two digits, too.
        yield from (f"    - {item(headline)}" for headline in headlines)


def _left_out(picture: Picture) -> str:
    return "; ".join(
        f"{counted(count, 'word')} ({escape(reason)})"
        for reason, count in Counter(picture.left_out.values()).items()
    )


def _link(text: str, target: str | None) -> str:
    return f"[{text}]({target})" if target else text
