"""What is known of the runs since the last that was fine, and what was said of them.

Its file has a line a fact, ``since TIME``, ``count KIND N``, ``tries KIND N`` and ``said KIND``;
equal counts add up, so that the shell can append. Lines that make no sense are passed over: to say
something twice is better than not to run. When a trouble is said is decided by the rule that
``hn-luigi alert`` has, in ``hn_luigi/alerts/incidents.py``.
"""

from __future__ import annotations

import os
import stat
import tempfile
import zlib
from collections.abc import Collection, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from shared import incidents


@dataclass(frozen=True)
class Incident:
    """When the first run that wasn't fine was (UTC), and what came since."""

    since: str
    counts: Mapping[str, int] = field(default_factory=dict)
    """How many runs of which kind it has seen."""
    said: Set[str] = frozenset()
    """The troubles that people were told of."""
    tries: Mapping[str, int] = field(default_factory=dict)
    """In how many runs in a row each trouble was met, up to the last."""

    def with_run(self, kind: str, troubles: Collection[str], *, proves: bool) -> Incident:
        """The same after one more run of ``kind`` that met these ``troubles``.

        ``proves`` is whether what it didn't meet is over, as far as tries in a row go.
        """
        counts = {**self.counts, kind: self.counts.get(kind, 0) + 1}
        tries = {} if proves else dict(self.tries)
        tries |= {trouble: self.tries.get(trouble, 0) + 1 for trouble in troubles}
        return Incident(self.since, counts, self.said, tries)

    @property
    def going_on(self) -> list[incidents.Incident]:
        """What people were told of, and not yet that it is over."""
        return [incidents.Incident(kind, self.since, "", told=True) for kind in sorted(self.said)]

    def __str__(self) -> str:
        lines = [f"since {self.since}"]
        lines += [f"count {kind} {n}" for kind, n in self.counts.items()]
        lines += [f"tries {kind} {n}" for kind, n in self.tries.items()]
        lines += [f"said {kind}" for kind in sorted(self.said)]
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def parse(cls, text: str) -> Incident | None:
        """The incident that ``text`` tells of; None if it has no beginning."""
        since, said = "", set[str]()
        numbers = {"count": dict[str, int](), "tries": dict[str, int]()}
        for line in text.splitlines():
            word, _, rest = line.partition(" ")
            kind, _, number = rest.rpartition(" ")
            if word == "since":
                since = since or rest
            elif word == "said":
                said.add(_FORMERLY.get(rest.partition(" ")[0], rest))
            elif word in numbers and number.isascii() and number.isdigit():
                numbers[word][kind] = numbers[word].get(kind, 0) + int(number)
        if not since:
            return None
        return cls(since, numbers["count"], frozenset(said), numbers["tries"])


_FORMERLY = {"run": str(incidents.Kind.FAILED)}
"""How an older version called a trouble: ``said run 30``."""


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
        new.touch(mode=0o600)
        new.write_text(text)
        new.replace(path)
    except OSError:
        with suppress(OSError):
            new.unlink()
        raise


def _is_private(folder: Path) -> bool:
    found = os.lstat(folder)
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
