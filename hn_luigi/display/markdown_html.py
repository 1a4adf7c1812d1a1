"""Markdown of outputs and of ``view()`` as HTML: text of strangers, which stays text.

It comes from a parser that passes no HTML on, and of what that makes no picture stays but those
that are in it, and no link but to the web and to the details of a view.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from tornado.escape import xhtml_escape

from hn_luigi.strangers import one_line, plain, web_address

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

PNG = "data:image/png;base64,"
PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+")
"""The address of a picture that holds it."""
# On a phone of 390 pixels a page has 330 for a picture: letters in a wider one would be less than
# half their size. Photographs, which can shrink, are no PNGs.
_WIDEST_SHRUNK = 660
"""Pixels of width of a PNG up to which it is made to fit any screen."""
_OF_SIZE = re.compile(r"[A-Za-z0-9+/]{32}")
"""The begin of a PNG in base64, its size within."""


@dataclass(frozen=True)
class Html:
    """Markdown as HTML."""

    title: str
    """Its first heading, as text."""
    body: str


def to_html(
    markdown: str,
    link: Callable[[str], str | None] = lambda detail: None,
    areas: Mapping[str, Any] | None = None,
) -> Html:
    """``markdown`` as HTML, its headings a level lower.

    Args:
        markdown: whoever wrote it.
        link: the address of the detail of that name, None if there is none.
        areas: what a view says of places in its first picture; what is none is passed over.
    """
    parser = _parser()
    tokens = parser.parse(markdown)
    title = _heading(tokens)
    for token in tokens:
        _tame(token, link)
    for number, token in enumerate(tokens):
        if _is_picture(token):
            tokens[number - 1].hidden = tokens[number + 1].hidden = True  # a figure in no paragraph
            token.type, token.content = "html_block", _figure(token, link, areas or {})
            areas = None
    return Html(title, parser.renderer.render(tokens, parser.options, {}))


@cache
def _parser() -> MarkdownIt:
    # Imported here, as all that is slow is: it takes 30 ms, and a server is there sooner. To make
    # one takes 1 ms, where a detail of a few lines is HTML in 0.2.
    from markdown_it import MarkdownIt

    class Parser(MarkdownIt):
        """With the addresses of pictures left as they are, which are normal."""

        # To encode one of 110 kB took 60 ms (mdurl 0.1.2), of the 90 of the whole page.
        def normalizeLink(self, url: str) -> str:  # noqa: N802
            return url if PICTURE.fullmatch(url) else super().normalizeLink(url)

    parser = Parser("commonmark", {"html": False}).enable("table")
    parser.add_render_rule("table_open", _table_open)
    parser.add_render_rule("table_close", lambda *_: "</table></div>\n")
    return parser


def _table_open(renderer: Any, tokens: Sequence[Token], number: int, options: Any, env: Any) -> str:
    """The begin of a table, and of what it is in; one of names and numbers is short lines."""
    row = takewhile(lambda token: token.type != "tr_close", tokens[number:])
    columns = [token.attrs.get("class") for token in row if token.type == "th_open"]
    if columns == [None, "number"]:
        return '<div class="counts"><table>\n'
    return '<div class="wide" tabindex="0" role="group" aria-label="Table"><table>\n'


def size_of_png(data: bytes) -> tuple[int, int]:
    """Width and height of a PNG in pixels, by its first chunk; 0 of what is none."""
    return int.from_bytes(data[16:20]), int.from_bytes(data[20:24])


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


def _figure(token: Token, link: Callable[[str], str | None], areas: Mapping[str, Any]) -> str:
    """The picture in ``token``, with links from those ``areas`` that are within it."""
    (image,) = token.children or []
    source = str(image.attrs["src"])
    width, height = _size(source)
    size = f' width="{width}" height="{height}"' if width and height else ""
    alt = xhtml_escape(image.content or "Picture")
    places = "".join(
        f'<a href="{xhtml_escape(url)}" aria-label="{xhtml_escape(one_line(name))}"><title>'
        f'{xhtml_escape(plain(name))}</title><rect x="{left}" y="{top}" width="{right - left}" '
        f'height="{bottom - top}"/></a>\n'
        for name, (left, top, right, bottom) in _within(areas, width, height)
        if (url := link(name)) is not None
    )
    drawn = (
        f'<svg viewBox="0 0 {width} {height}" role="group" aria-label="Links in the picture">\n'
        f"{places}</svg>\n"
    )
    image_html = f'<img src="{xhtml_escape(source)}" alt="{alt}"{size}>'
    sheet = f'<div class="sheet">{image_html}\n{drawn if places else ""}</div>'
    if width <= _WIDEST_SHRUNK:
        return f'<figure class="picture">{sheet}</figure>\n'
    # With the keys of a keyboard it can be scrolled once it, or a link in it, has the focus.
    focus = "" if places else ' tabindex="0" aria-label="Picture"'
    return f'<figure class="picture scrolls"{focus}>{sheet}</figure>\n'


def _size(source: str) -> tuple[int, int]:
    begin = _OF_SIZE.match(source, len(PNG)) if source.startswith(PNG) else None
    try:
        return size_of_png(base64.b64decode(begin[0])) if begin else (0, 0)
    except binascii.Error:
        return 0, 0


def _within(
    areas: Mapping[str, Any], width: int, height: int
) -> Iterator[tuple[str, tuple[int, int, int, int]]]:
    """The ``areas`` that are within a picture of that size; a view takes them from records."""
    for name, area in areas.items():
        if isinstance(area, (tuple, list)) and [type(side) for side in area] == [int] * 4:
            left, top, right, bottom = area
            if 0 <= left < right <= width and 0 <= top < bottom <= height:
                yield str(name), (left, top, right, bottom)


def _tame(token: Token, link: Callable[[str], str | None]) -> None:
    """Leave nothing of ``token`` that asks for anything, leads elsewhere, or moves.

    What moves what stands beside it is the text of links: titles, in whatever direction.
    """
    for child in token.children or ():
        source = str(child.attrs.get("src", ""))
        if child.type == "image" and not PICTURE.fullmatch(source):
            child.type = "text"
        elif child.type == "link_open":
            href = str(child.attrs.pop("href"))
            if href.startswith("#"):
                url = link(unquote(href[1:]))
            else:
                url = web_address(href)
                child.attrs["rel"] = "noopener noreferrer"
            if url is not None:
                child.attrs["href"] = url
    if token.children:
        token.children = list(_isolated(token.children))
    if token.type in ("heading_open", "heading_close"):
        token.tag = f"h{min(int(token.tag[1:]) + 1, 6)}"
    # markdown-it aligns a column of numbers by a style attribute, which the pages' policy forbids.
    if token.attrs.pop("style", None) == "text-align:right":
        token.attrs["class"] = "number"


def _isolated(tokens: Sequence[Token]) -> Iterator[Token]:
    """``tokens`` with the text of each link in an element that isolates it."""
    from markdown_it.token import Token

    for token in tokens:
        if token.type == "link_close":
            yield Token("bdi_close", "bdi", -1)
        yield token
        if token.type == "link_open":
            yield Token("bdi_open", "bdi", 1)
