"""The page of a window, which is Markdown, as HTML, and the picture in it.

Its words are strangers' text. What is made HTML of them comes from a parser that passes no HTML
on, and of what that makes no image stays, and no link but to the web.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hn_luigi.strangers import one_line, web_address

if TYPE_CHECKING:
    from markdown_it.token import Token

_PICTURE = re.compile(r"\(data:image/png;base64,([A-Za-z0-9+/=]+)\)")


def picture_of(page: bytes) -> bytes | None:
    """The PNG in a page."""
    match = _PICTURE.search(page.decode(errors="replace"))
    try:
        return base64.b64decode(match[1]) if match else None
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
    # Imported here, as all that is slow is: it takes 30 ms, and a server is there sooner.
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
    # markdown-it aligns a column of numbers by a style attribute, which the pages' policy forbids.
    if token.attrs.pop("style", None):
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
