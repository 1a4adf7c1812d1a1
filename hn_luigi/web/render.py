"""Outputs as people would look at them: the page and its picture, the stories, the ids.

All of it is strangers' text. What is made HTML of here is Markdown, by a parser that passes no
HTML on and no address but of the web and of pictures; templates escape and isolate the rest.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, TypeAlias

from hn_luigi.assets import Asset
from hn_luigi.assets.operations import FormatError, Record, WindowName, formats
from hn_luigi.hackernews import discussion
from hn_luigi.strangers import one_line, title_of, web_address
from hn_luigi.tasks import Stories

if TYPE_CHECKING:
    import pandas as pd
    from markdown_it.token import Token

_PICTURE = re.compile(r"\(data:image/png;base64,([A-Za-z0-9+/=]+)\)")
COLUMNS = {"rank": False, "score": True, "descendants": True, "title": False, "by": False}
"""What the table of stories can be sorted by, and whether the largest come first."""

Area: TypeAlias = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels."""
_AREA = re.compile("[0-9]{1,5}(,[0-9]{1,5}){3}")

_OPTIONAL = {"score": Real, "descendants": Real}
_KINDS = {"rank": Integral, "id": Integral, "title": str, **_OPTIONAL}
"""What values are; numpy's numbers count as numbers."""


@dataclass(frozen=True)
class Story:
    """A row of the table."""

    rank: int
    title: str
    url: str | None
    """None where the story's own address is none of the web."""
    discussion: str
    score: int | None
    comments: int | None
    by: str | None


def frame_of(data: bytes) -> pd.DataFrame:
    """The stories of a window; raises FormatError."""
    frame: pd.DataFrame = formats.decode(".parquet", data, what="top/stories")
    if lacking := {"rank", "id", "title"} - set(frame.columns):
        raise FormatError(
            f"top/stories lacks the columns {', '.join(sorted(lacking))}: was it stored by others?"
        )
    for column, kind in _KINDS.items():
        found = frame.get(column, ())
        if not all(isinstance(value, kind) or _may_lack(column, value) for value in found):
            raise FormatError(f"top/stories has another kind of {column}: is it another's?")
    return frame


def _may_lack(column: str, value: object) -> bool:
    from pandas import NA

    return column in _OPTIONAL and (value is NA or value is None)


def stories_of(frame: pd.DataFrame, rows: Sequence[int] | None = None) -> list[Story]:
    """The stories, or those of ``rows``, in rank order."""
    found: list[Any] = frame.astype(object).where(frame.notna(), None).to_dict("records")
    numbers = range(len(found)) if rows is None else rows
    return [_story(found[number]) for number in numbers]


def _story(row: dict[str, Any]) -> Story:
    return Story(
        rank=row["rank"],
        title=title_of(row.get("title")),
        url=web_address(row.get("url")),
        discussion=discussion(row["id"]),
        score=row.get("score"),
        comments=row.get("descendants"),
        by=one_line(str(row.get("by") or "")) or None,
    )


def sort(stories: list[Story], column: str) -> list[Story]:
    """``stories`` by one of ``COLUMNS``; those without a value last."""
    attribute = "comments" if column == "descendants" else column
    with_value = [s for s in stories if getattr(s, attribute) is not None]
    without = [s for s in stories if getattr(s, attribute) is None]

    def key(story: Story) -> Any:
        value = getattr(story, attribute)
        return value.casefold() if isinstance(value, str) else value

    return sorted(with_value, key=key, reverse=COLUMNS[column]) + without


def ids_of(data: bytes) -> list[tuple[int, str]]:
    """The ids of a window with the addresses of their discussions; raises FormatError."""
    ids = formats.decode(".json", data, what="top/story_ids")
    return [(i, discussion(i)) for i in ids if isinstance(i, int)] if isinstance(ids, list) else []


def picture_of(page: bytes) -> bytes | None:
    """The PNG in a page."""
    found = _PICTURE.search(page.decode(errors="replace"))
    try:
        return base64.b64decode(found[1]) if found else None
    except binascii.Error:
        return None


def size_of(page: bytes) -> tuple[int, int]:
    """Width and height of the picture in a page, in pixels; of a PNG, by its first chunk."""
    picture = picture_of(page) or b""
    width, height = picture[16:20], picture[20:24]
    return int.from_bytes(width), int.from_bytes(height)


@dataclass(frozen=True)
class Html:
    """A page as HTML, without its picture."""

    title: str
    """Its heading, as text."""
    before: str
    """What stands before the picture."""
    after: str
    alt: str
    """What the picture shows."""


def to_html(page: bytes, link: Callable[[str], str]) -> Html:
    """A page of Markdown as HTML, its headings a level lower.

    Args:
        page: what Wordcloud makes.
        link: the address of the stories behind a word.
    """
    from markdown_it import MarkdownIt

    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(page.decode(errors="replace"))
    title = _heading(tokens)
    pictures = [number for number, token in enumerate(tokens) if _is_picture(token)]
    alt = _text(tokens[pictures[0]]) if pictures else ""
    for token in tokens:
        _tame(token)
    for number, token in enumerate(tokens):
        if token.type == "td_open" and tokens[number - 1].type == "tr_open":
            _link(tokens[number + 1], link)

    def render(part: list[Token]) -> str:
        html: str = markdown.renderer.render(part, markdown.options, {})
        return html

    if not pictures:
        return Html(title, render(tokens), "", "")
    # A picture is a paragraph of its own: three tokens.
    before, after = tokens[: pictures[0] - 1], tokens[pictures[0] + 2 :]
    return Html(title, render(before), render(after), alt)


def _heading(tokens: Sequence[Token]) -> str:
    """The first heading."""
    headings = (n for n, token in enumerate(tokens) if token.type == "heading_open")
    first = next(headings, None)
    return "" if first is None else _text(tokens[first + 1])


def _text(token: Token) -> str:
    return "".join(child.content for child in token.children or ())


def _is_picture(token: Token) -> bool:
    """Whether it is all that a paragraph of its own holds."""
    return token.level == 1 and [child.type for child in token.children or ()] == ["image"]


def _tame(token: Token) -> None:
    """Leave nothing of ``token`` that asks for anything, leads elsewhere than to the web, or moves.

    What moves what stands beside it is the text of links: titles, in whatever direction.
    """
    for child in token.children or ():
        if child.type == "image":
            child.type = "text"
        elif child.type == "link_open":
            child.attrs["rel"] = "noopener noreferrer"
            if web_address(child.attrs["href"]) is None:
                del child.attrs["href"]
    if token.children:
        token.children = list(_isolated(token.children))
    if token.type in ("heading_open", "heading_close"):
        token.tag = f"h{min(int(token.tag[1:]) + 1, 6)}"
    if token.attrs.pop("style", None):  # how a column of numbers is told, and not allowed
        token.attrs["class"] = "number"


def _link(cell: Token, link: Callable[[str], str]) -> None:
    """Have the text of a table's cell lead to where ``link`` says."""
    from markdown_it.token import Token

    begin = Token("link_open", "a", 1, {"href": link(one_line(_text(cell)))})
    end = Token("link_close", "a", -1)
    cell.children = list(_isolated([begin, *(cell.children or []), end]))


def _isolated(tokens: Sequence[Token]) -> Iterator[Token]:
    """``tokens`` with the text of each link in an element that isolates it."""
    from markdown_it.token import Token

    for token in tokens:
        if token.type == "link_close":
            yield Token("bdi_close", "bdi", -1)
        yield token
        if token.type == "link_open":
            yield Token("bdi_open", "bdi", 1)


@dataclass(frozen=True)
class Words:
    """The words of a page."""

    stories: pd.DataFrame
    """What it was made of."""
    rows: Mapping[str, Sequence[int]]
    """In which rows of the stories each occurs, those of most first."""
    areas: Mapping[str, Area]
    """Where the picture has it. Empty if that wasn't recorded of this page."""


def words_behind(asset: Asset, name: WindowName) -> Words | None:
    """The words of the page of a window, None if it isn't stored with what it was made of.

    Args:
        asset: a Wordcloud of any window.
        name: of the window.

    Raises:
        FormatError: the stories are damaged.
    """
    from hn_luigi.page import rows_by_word

    partition = asset.dataset.partition(name)
    page, record = partition.read(), partition.record()
    stories = asset.clone(Stories).dataset.partition(name).read()
    if page is None or stories is None or not isinstance(record, Record):
        return None
    frame = frame_of(stories)
    rows = rows_by_word(frame, str(record.settings.get("cloud.stopwords", "")))
    recorded = record.data_version == hashlib.sha256(page).hexdigest()
    areas = _areas_of(record.metadata.get("areas"), size_of(page)) if recorded else {}
    return Words(frame, rows, {word: area for word, area in areas.items() if word in rows})


def _areas_of(reported: object, size: tuple[int, int]) -> dict[str, Area]:
    """Where the words of a picture of ``size`` are, by what Wordcloud ``reported`` of them.

    Older records hold nothing of it, and others may have written into this one: what is no area
    within the picture is passed over.
    """
    found = {}
    for word, text in (reported if isinstance(reported, dict) else {}).items():
        if isinstance(text, str) and _AREA.fullmatch(text):
            left, top, right, bottom = map(int, text.split(","))
            if left < right <= size[0] and top < bottom <= size[1]:
                found[word] = (left, top, right, bottom)
    return found
