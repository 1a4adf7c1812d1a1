"""An incident: from the first run that isn't fine to the next that is, and what was said of it.

Its file has a line a fact, ``since TIME``, ``count KIND N`` and ``said KIND``; equal counts add
up, so that the shell can append. Lines that make no sense are passed over: to say something
twice is better than not to run.
"""

from __future__ import annotations

import os
import stat
import tempfile
import zlib
from collections.abc import Mapping, Set
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Incident:
    """When it began (UTC), how many runs of which kind it has seen, and what has been said."""

    since: str
    counts: Mapping[str, int] = field(default_factory=dict)
    said: Set[str] = frozenset()

    def with_run(self, kind: str, said: Set[str]) -> Incident:
        """The same after one more run of ``kind``, and what was said of it."""
        counts = {**self.counts, kind: self.counts.get(kind, 0) + 1}
        return Incident(self.since, counts, self.said | said)

    def __str__(self) -> str:
        lines = [f"since {self.since}"]
        lines += [f"count {kind} {n}" for kind, n in self.counts.items()]
        lines += [f"said {kind}" for kind in sorted(self.said)]
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def parse(cls, text: str) -> Incident | None:
        """The incident that ``text`` tells of; None if it has no beginning."""
        since, counts, said = "", dict[str, int](), set[str]()
        for line in text.splitlines():
            word, _, rest = line.partition(" ")
            kind, _, number = rest.partition(" ")
            if word == "since":
                since = since or rest
            elif word == "said":
                said.add(rest)
            elif word == "count" and number.isascii() and number.isdigit():
                counts[kind] = counts.get(kind, 0) + int(number)
        return cls(since, counts, frozenset(said)) if since else None


class Memory:
    """Keeps the incident of the repository at ``root`` in ``logs/refresh.incident``.

    Where that can't be written, a private folder for temporary files has to do. What is there
    counts for more: it is removed as soon as the first can be written again.
    """

    def __init__(self, root: Path) -> None:
        self._first = root / "logs/refresh.incident"
        private = Path(tempfile.gettempdir(), f"hn_luigi-{os.geteuid()}")
        self._second = private / f"refresh-{zlib.crc32(os.fsencode(root)):08x}.incident"

    def load(self) -> Incident | None:
        """The incident that is on, or None."""
        for path in (self._second, self._first):
            with suppress(OSError):
                if path is self._first or _is_private(path.parent):
                    return Incident.parse(path.read_text(errors="replace"))
        return None

    def save(self, incident: Incident | None) -> str | None:
        """Remember ``incident``, None if there is none; why it can't be, or None if it is."""
        text = str(incident) if incident else ""
        try:
            _replace(self._first, text)
        except OSError:
            try:
                self._second.parent.mkdir(mode=0o700, exist_ok=True)
                if not _is_private(self._second.parent):
                    return f"{self._second.parent} belongs to somebody else"
                _replace(self._second, text or "over\n")
            except OSError as error:
                return f"neither {self._first} nor {self._second} can be written ({error.strerror})"
        else:
            with suppress(OSError):
                self._second.unlink()
        return None


def _replace(path: Path, text: str) -> None:
    """Have ``text`` at ``path`` in one step; nothing there for no text."""
    if not text:
        path.unlink(missing_ok=True)
        return
    new = path.with_name(f".{path.name}.new")
    try:
        new.write_text(text)
        new.replace(path)
    except OSError:
        with suppress(OSError):
            new.unlink()
        raise


def _is_private(folder: Path) -> bool:
    found = os.lstat(folder)
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
