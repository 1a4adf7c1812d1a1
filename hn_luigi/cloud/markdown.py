"""Strangers' text and addresses in Markdown: text stays text, and only the web is linked to.

The rules are CommonMark's with GitHub's extensions: tables, strikethrough, bare addresses that
turn into links, `$formulas$`, `:emoji:` and @mentions. Where a character cannot start anything
it is left as it is, so that an ordinary headline reads well in the source too.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, urlsplit

_BIDI_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"

_SPECIAL = re.compile(
    r"""
    [\\`*_\[\]#|~$@{}]
    | :(?=\S)(?!(?<=\d:)\d\d(?![\d:]))    # :emoji: and http://, but not "Title: more" and 12:30
    | /(?=/)                    # //example.org
    | (?<=\S)\.(?=[^\W\d_])     # example.org, but not a full stop
    | (?<=\{)%                  # {% the templates of static site generators %}
    | ^[-+=:]                   # lists, underlines of headings
    """,
    re.VERBOSE,
)
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}

_LIST_NUMBER = re.compile(r"^([0-9]{1,9})([.)])(?=\s|$)")

_AUTHORITY = re.compile(r"(?:[\w.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?")
"""A host and its port. A name before the host only serves to pass for another host."""

_KEPT = "/:@!$'*+,;=~%?&#"
"""What may stand in the rest of an address as it is, beside letters, digits and `-._`."""


def plain(text: str) -> str:
    """Return what a reader is to see of `text`: one line, with nothing that reorders its rest.

    Line breaks, tabs and control characters become spaces, and runs of spaces one; explicit
    direction controls go. Text with right-to-left letters is isolated, so that what follows it
    keeps its place.
    """
    text = "".join(
        "\ufffd" if category == "Cs" else " " if category in {"Cc", "Zl", "Zp"} else char
        for char, category in ((char, unicodedata.category(char)) for char in text)
    )
    text = re.sub(" +", " ", _BIDI_CONTROLS.sub("", text)).strip()
    if any(unicodedata.bidirectional(char) in {"R", "AL"} for char in text):
        return f"{_FIRST_STRONG_ISOLATE}{text}{_POP_ISOLATE}"
    return text


def escape(text: str) -> str:
    """Write `text` in Markdown such that it is read as `plain(text)`, whatever it holds.

    It is safe in a paragraph, a heading, a table cell, a link's text and an image's description.
    """
    escaped = _SPECIAL.sub(lambda match: "\\" + match.group(), plain(text))
    escaped = _LIST_NUMBER.sub(r"\1\\\2", escaped)
    return re.sub("[&<>]", lambda match: _ENTITIES[match.group()], escaped)


def address(url: str | None) -> str | None:
    """Write a web address as the destination of a Markdown link.

    Whatever could end the destination, the link or a table cell is percent-encoded.

    Returns:
        None for anything but an absolute http or https address with a host and no user name.
    """
    try:
        parts = urlsplit((url or "").strip())
        rest = quote(parts._replace(scheme="", netloc="").geturl(), safe=_KEPT)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not _AUTHORITY.fullmatch(parts.netloc):
        return None
    # A formula's sign and what reads as an entity are undone by the Markdown parser.
    rest = re.sub(r"&(?=#?\w+;)", "&amp;", rest.replace("$", "\\$"))
    return f"{parts.scheme}://{parts.netloc}{rest}"
