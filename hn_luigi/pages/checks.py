"""What a page of the cloud has to be, and what of it is odd enough to tell people.

Each takes the Markdown of a page and returns None, or what is wrong with it. They stand apart from
``cloud``, whose every module is code of the page: to change a check makes no page stale.
"""

from __future__ import annotations

import base64
import io
import re

_FEW_WORDS = 10
_PICTURE = re.compile(r"[(\s]data:image/png;base64,([^)\s]*)")
"""At the end of a page, or in those of old where it is shown."""
_LARGE = 1_000_000
"""Bytes. The sample's page has 109 kB; at 8000 x 8000 pixels it has more, which may be meant."""


def picture_decodes(page: str) -> str | None:
    """A PNG is in the page, and all of it, and of every other, can be decoded."""
    from PIL import Image

    pictures = _PICTURE.findall(page)
    for data in pictures:
        try:
            with Image.open(io.BytesIO(base64.b64decode(data, validate=True))) as image:
                image.load()
        except (OSError, ValueError, SyntaxError) as error:  # the last for a broken chunk of a PNG
            return f"its picture can't be decoded: {error}"
    return None if pictures else "it has no picture"


def has_ten_words(page: str) -> str | None:
    """At least ten words are in the table of the leading ones."""
    words = len(re.findall(r"^\| .* \| +[0-9]+ \|$", page, re.MULTILINE))
    return f"{words} words, fewer than {_FEW_WORDS}" if words < _FEW_WORDS else None


def is_below_a_megabyte(page: str) -> str | None:
    """It is no larger than a mail server or a viewer of Markdown easily takes."""
    size = len(page.encode())
    return f"{size / 1e6:.1f} MB, more than {_LARGE / 1e6:.0f}" if size > _LARGE else None
