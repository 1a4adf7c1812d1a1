"""What a record says of an input that is several windows: which were there, and which were read."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, NamedTuple

from hn_luigi.assets import window
from hn_luigi.assets.window import WindowName


class WindowRead(NamedTuple):
    """A window that was stored when an asset was made from it."""

    size: int
    """Bytes."""
    fingerprint: str
    """What the store said of it just before it was read."""
    digest: str = ""
    """The SHA-256 of its bytes in hex; empty if ``compute`` didn't read its value."""

    def is_as(self, size: int, fingerprint: str) -> bool:
        """Whether it hasn't been written since, by what the store says of it now."""
        return (self.size, self.fingerprint) == (size, fingerprint)


@dataclass(frozen=True, eq=False)
class WindowsRead:
    """The windows of one range that an asset was made from."""

    stored: Mapping[WindowName, WindowRead] = field(default_factory=dict)
    """Oldest first."""

    @property
    def version(self) -> str:
        """What tells the values that were read from others: a SHA-256 in hex."""
        lines = (f"{name} {read.digest}\n" for name, read in sorted(self.stored.items()))
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def to_json(self, names: Sequence[WindowName], missing: Sequence[WindowName]) -> dict[str, Any]:
        """As a record holds it.

        Args:
            names: all windows of the range, oldest first.
            missing: those that were over and not stored, told by the ends of each gap.
        """
        # In one text a window: of 1,008, the record takes 113 KB, and 160 as objects with keys.
        stored = {name: f"{r.size} {r.fingerprint} {r.digest}" for name, r in self.stored.items()}
        gaps = [[gap[0], gap[-1]] for gap in _in_a_row(names, set(missing))]
        return {"stored": stored, "missing": len(missing), "gaps": gaps}


def _in_a_row(names: Sequence[WindowName], missing: set[WindowName]) -> Iterator[list[WindowName]]:
    for is_missing, row in groupby(names, missing.__contains__):
        if is_missing:
            yield list(row)


def from_json(content: Mapping[str, Any]) -> WindowsRead:
    """What ``is_form`` has accepted."""
    stored = {}
    for name, text in content["stored"].items():
        size, _, rest = text.partition(" ")
        fingerprint, _, digest = rest.rpartition(" ")
        stored[name] = WindowRead(int(size), fingerprint, digest)
    return WindowsRead(stored)


_SIZE = re.compile(r"\d{1,18} ", re.ASCII)
"""Bytes; what is longer is no size, and from 4,301 digits on Python refuses to read it."""


def is_form(value: Any) -> bool:
    """Whether ``value`` is ranges by their keys, as records hold them."""
    return all(
        isinstance(each, dict)
        and isinstance(each.get("stored"), dict)
        and all(
            window.is_name(name) and isinstance(text, str) and _SIZE.match(text)
            for name, text in each["stored"].items()
        )
        for each in value.values()
    )
