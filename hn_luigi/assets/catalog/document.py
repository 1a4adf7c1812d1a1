"""A JSON document that tells its version: records, failed attempts, the layout, alerts' state.

A key that is added later gets a default where it is read, and a key that isn't known is passed
over, so neither is a new version. A document of a later version is not guessed at.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hn_luigi.assets.errors import in_words
from hn_luigi.assets.formats.json_format import loads


class Damaged(ValueError):
    """It is no such document; the message says why."""


class LaterVersion(Damaged):
    """A newer hn_luigi wrote it."""

    def __init__(self, version: int, content: Mapping[str, Any]) -> None:
        super().__init__(f"it has the later version {version}")
        self.version = version
        self.content = content
        """All it says, of which only what says who wrote it can be trusted."""


def read(data: bytes, *, newest: int, version: str = "version") -> dict[str, Any]:
    """The document in ``data``, a JSON object whose key ``version`` is from 1 to ``newest``.

    Raises:
        LaterVersion: it is above that.
        Damaged: it is no such object.
    """
    try:
        content = loads(data)
        told = content[version]
        if type(told) is not int or told < 1:
            raise ValueError(f"{version} is {told!r}")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Damaged(in_words(error)) from error
    if told > newest:
        raise LaterVersion(told, content)
    return dict(content)


def write(content: Mapping[str, Any]) -> bytes:
    """``content`` as it is stored: for people, and for tools that compare lines."""
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    # Half of a surrogate pair, as Python has it of a file's name that isn't UTF-8, has no bytes in
    # UTF-8; with this it is \udc80, which is how JSON says it.
    return text.encode(errors="backslashreplace")
