"""Whether a page that somebody else may have written in parts is all there."""

from __future__ import annotations

import base64

_BEGIN, _PICTURE, _END = b"# Hacker News", b"[cloud]: data:image/png;base64,", b"IEND\xaeB`\x82"


def is_whole_page(data: bytes) -> bool:
    """Whether ``data`` is a page from its heading to its end, which is that of its picture."""
    *_, last = data.removesuffix(b"\n").split(b"\n")
    if not (data.startswith(_BEGIN) and data.endswith(b"\n") and last.startswith(_PICTURE)):
        return False
    return base64.b64decode(last.removeprefix(_PICTURE), validate=False).endswith(_END)
