"""What strangers write, wherever it is shown: the line a reader is to see, and what may be linked.

Markdown and HTML, written or served, follow these rules alike; each then escapes in its own way.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, urlsplit

UNTITLED = "(untitled)"

_BIDI_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"

_SHOWS_NOTHING = re.compile(
    "["
    r"\s\u0000-\u001f\u007f-\u009f"
    # Default_Ignorable_Code_Point (Unicode 16, DerivedCoreProperties.txt)
    r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    # Blanks that the standard lists nowhere: the empty Braille pattern, interlinear anchors,
    # Egyptian blanks, the Khitan filler, the musical null notehead
    r"\u2800\ufff9-\ufffb\U00013441\U00013442\U00016fe4\U0001d159"
    "]*"
)

_AUTHORITY = re.compile(r"(?:[\w.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?")
"""A host and its port. A name before the host only serves to pass for another host."""

_KEPT = "/:@!$'*+,;=~%?&#"
"""What may stand in the rest of an address as it is, beside letters, digits and `-._`."""


def shows_nothing(text: str) -> bool:
    """Whether a reader would see no mark of ``text``, so that nobody could click on it."""
    return _SHOWS_NOTHING.fullmatch(text) is not None


def one_line(text: str) -> str:
    """What a reader is to see of ``text``: one line, with nothing that reorders its rest.

    Line breaks, tabs and control characters become spaces, and runs of spaces one; explicit
    direction controls go. Right-to-left letters still pull at what stands beside them: the place
    that the line is put in isolates it, as ``plain`` or HTML's ``<bdi>`` do.
    """
    text = "".join(
        "\ufffd" if category == "Cs" else " " if category in {"Cc", "Zl", "Zp"} else char
        for char, category in ((char, unicodedata.category(char)) for char in text)
    )
    return re.sub(" +", " ", _BIDI_CONTROLS.sub("", text)).strip()


def plain(text: str) -> str:
    """``one_line(text)``, isolated by characters where there is no element to do it.

    That takes text with letters or digits of right-to-left writing; the rest can't move anything.
    """
    text = one_line(text)
    if any(unicodedata.bidirectional(char) in {"R", "AL", "AN"} for char in text):
        return f"{_FIRST_STRONG_ISOLATE}{text}{_POP_ISOLATE}"
    return text


def title_of(text: object) -> str:
    """``text`` as a title on one line, ``UNTITLED`` where nothing of it would be seen."""
    line = one_line(text) if isinstance(text, str) else ""
    return UNTITLED if shows_nothing(line) else line


def web_address(url: object) -> str | None:
    """``url``, if a reader can be led there; what is special to a page is percent-encoded.

    Returns:
        None for anything but an absolute http or https address with a host and no user name.
    """
    try:
        parts = urlsplit(url.strip() if isinstance(url, str) else "")
        rest = quote(parts._replace(scheme="", netloc="").geturl(), safe=_KEPT)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not _AUTHORITY.fullmatch(parts.netloc):
        return None
    return f"{parts.scheme}://{parts.netloc}{rest}"
