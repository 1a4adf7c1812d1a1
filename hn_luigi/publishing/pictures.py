"""Pictures within a page as files beside it: a feed's readers show no others."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from hn_luigi.display import PICTURE
from hn_luigi.formatting import size

_SHOWN = re.compile(rf'<img src="({PICTURE.pattern})"([^>]*)>(\s*<svg .*?</svg>)?', re.DOTALL)
"""A picture as ``display`` shows it, with what lies above it."""
DETAILS = '<section class="detail'
"""How what is hidden at first begins, as ``display`` has it."""


@dataclass(frozen=True)
class Apart:
    """A page, and the pictures it shows."""

    html: str
    pictures: Mapping[str, bytes]
    """By the names of their files."""


def apart(html: str, stem: str, *, largest: int | None) -> Apart:
    """``html`` with its pictures in files.

    A name stays as long as the page does, so that no old feed shows a gap; what is in the file is
    in the query, which no server of files minds, so that no browser shows an old picture.

    Args:
        html: by ``display``.
        stem: what the names of the files begin with.
        largest: bytes that all of them may have; one more is told of instead.
    """
    pictures: dict[str, bytes] = {}
    shown = html.partition(DETAILS)[0]

    def file(found: re.Match[str]) -> str:
        source, kind, rest, above = found[1], found[2], found[3], found[4] or ""
        try:
            data = base64.b64decode(source.partition(",")[2], validate=True)
        except binascii.Error:
            return '<span class="cut">A damaged picture is left out.</span>'
        if largest is not None and len(data) + sum(map(len, pictures.values())) > largest:
            return f'<span class="cut">A picture of {size(len(data))} is left out.</span>'
        name = f"{stem}-{len(pictures) + 1}.{kind}"
        pictures[name] = data
        # Or a browser asks for what is hidden, too, which may be a plot for each of 35 links.
        when = "" if found.start() < len(shown) else ' loading="lazy"'
        return f'<img src="{name}?{hashlib.sha256(data).hexdigest()[:12]}"{rest}{when}>{above}'

    return Apart(_SHOWN.sub(file, html), pictures)
