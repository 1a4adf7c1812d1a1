"""The documents, and what a reader would take out of them to run."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from .processes import REPOSITORY

FRONT = "README.md"
OPERATE = "scripts/README.md"
INSIDE = "hn_luigi/README.md"
ASSETS = "hn_luigi/assets/README.md"
STORAGE = "hn_luigi/assets/storage/README.md"
WEB = "hn_luigi/web/README.md"
CONTRIBUTE = ".github/CONTRIBUTING.md"
DOCUMENTS = (FRONT, OPERATE, INSIDE, ASSETS, STORAGE, WEB, CONTRIBUTE)

_FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@cache
def text_of(document: str) -> str:
    """A document as it is stored."""
    return Path(REPOSITORY, document).read_text()


def prose_of(document: str) -> str:
    """A document without its code and output."""
    return _FENCED.sub("", text_of(document))


def section(document: str, heading: str) -> str:
    """What stands below a heading of the second level."""
    _, found, rest = text_of(document).partition(f"\n## {heading}\n")
    assert found, f"{document} has no section {heading!r}"
    return re.split(r"^## ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def blocks(language: str, text: str) -> list[str]:
    """The code of that language in ``text``."""
    return [code for kind, code in _FENCED.findall(text) if kind == language]


def commands(start: str = "", *documents: str) -> list[str]:
    """The commands that begin so, as they are printed; of all documents unless some are named."""
    texts = map(text_of, documents or DOCUMENTS)
    lines = [
        line for text in texts for block in blocks("console", text) for line in block.split("\n")
    ]
    return [line.removeprefix("$ ") for line in lines if line.startswith(f"$ {start}")]
