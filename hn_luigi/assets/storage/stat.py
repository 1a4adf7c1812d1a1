"""What tells cheaply whether a stored file is still the one it was."""

from __future__ import annotations

from typing import NamedTuple


class Stat(NamedTuple):
    """Of one file in a store."""

    size: int
    """Bytes."""
    fingerprint: str
    """Changes whenever the file is written, except that a copy of it may have the same."""
    place: int | str
    """Changes whenever the file is replaced, also twice within a tick of the clock."""
