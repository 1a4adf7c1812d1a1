"""A page as its reader has it: elements with their text, nothing of which may run or lure away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

PICTURE = re.compile("data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+")
"""An address that is a picture itself, and can't hold a script, as an SVG could."""


@dataclass
class Element:
    """An element of a page, or all of it."""

    tag: str
    attributes: dict[str, str]
    inside: list[Element | str] = field(default_factory=list)

    def __iter__(self) -> Iterator[Element]:
        """It, and the elements within."""
        yield self
        for child in self.inside:
            if isinstance(child, Element):
                yield from child

    def __getitem__(self, name: str) -> str:
        return self.attributes[name]

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """The elements called ``tag`` whose attributes hold those words; ``_`` may end a name."""
        wanted = {name.rstrip("_").replace("_", "-"): v for name, v in attributes.items()}
        return [
            element
            for element in self
            if element.tag == tag
            and all(v in element.attributes.get(n, "").split() for n, v in wanted.items())
        ]

    def one(self, tag: str, **attributes: str) -> Element:
        """The only element that ``all`` finds."""
        (found,) = self.all(tag, **attributes)
        return found

    @property
    def text(self) -> str:
        """What a reader reads of it, on one line."""
        return " ".join(self.verbatim.split())

    @property
    def verbatim(self) -> str:
        return "".join(c if isinstance(c, str) else c.verbatim for c in self.inside)


class _Reader(HTMLParser):
    EMPTY = frozenset({"meta", "link", "img", "input", "br", "hr"})

    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("", {})]

    def handle_starttag(self, tag, attrs):
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(element)
        if tag not in self.EMPTY:
            self.open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.open[-1].inside.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag):
        assert self.open.pop().tag == tag, f"</{tag}> ends what it didn't begin"

    def handle_data(self, data):
        self.open[-1].inside.append(data)


def parsed(text: str) -> Element:
    """A page, each of whose elements ends where it should."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    (page,) = reader.open
    return page


def require_harmless(page: Element) -> None:
    """Nothing on ``page`` runs, has a look of its own, or leads anywhere but to the web."""
    for script in page.all("script"):
        assert re.fullmatch(r"/assets/_static/[a-z]+\.js\?v=\w+", script["src"])
        assert not script.inside
    for element in page:
        assert element.tag not in ("style", "iframe", "object", "embed", "base"), element
        for name, value in element.attributes.items():
            assert not name.startswith("on"), element
            assert name != "style", element
            if element.tag == "img" and PICTURE.fullmatch(value):
                continue
            if name in ("href", "src", "action", "xlink:href"):
                require_of_the_web(value, ours=name != "href" or element.tag == "link")
    for meta in page.all("meta", http_equiv="refresh"):
        assert re.fullmatch(r"\d+", meta["content"])


def require_of_the_web(url: str, *, ours: bool) -> None:
    """``url`` is one of this server, or also, unless it has to be ``ours``, of the web."""
    parts = urlsplit(url)
    if url.startswith("#") or (url.startswith("/") and not url.startswith("//")):
        return
    assert not ours, url
    assert parts.scheme in ("http", "https"), url
    assert parts.netloc, url
