"""How the name and the parameters of an asset become its folder."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote


def folder_named(name: str, parameters: Iterable[str]) -> str:
    """The folder of the asset class ``name``: a part for each parameter, then it in snake case.

    What is no letter, digit or plain sign is percent-encoded, so that none leaves the root.
    """
    return "/".join([*map(_part, parameters), _snake(name)])


def _part(text: str) -> str:
    """``text`` as one part of a path that no reserved name can collide with."""
    part = quote(text, safe=" +,;=@")
    return f"%{ord(part[0]):02X}{part[1:]}" if part[:1] in ("_", ".") else part or "%"


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
