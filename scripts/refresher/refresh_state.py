"""What is known of the runs since the last good one, and what was reported of them.

The file has a line per fact, ``since TIME``, ``count KIND N``, ``tries KIND N`` and ``said KIND``;
equal counts add up, so that the shell can append. Lines that make no sense are ignored: to report
something twice is better than not to run. What is reported when follows the rule of ``hn-luigi
alert``, which is in ``hn_luigi/alerts/incidents.py``.
"""

from __future__ import annotations

import errno
import os
import tempfile
import zlib
from collections.abc import Collection, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from shared import incidents, own_folder


@dataclass(frozen=True)
class RefreshState:
    """When the first run that wasn't good was (UTC), and what came since."""

    since: str
    counts: Mapping[str, int] = field(default_factory=dict)
    """How many runs of which kind there were."""
    said: Set[str] = frozenset()
    """The troubles that were reported."""
    tries: Mapping[str, int] = field(default_factory=dict)
    """In how many runs in a row each trouble was met, up to the last."""

    def with_run(self, kind: str, troubles: Collection[str], *, proves: bool) -> RefreshState:
        """The state after one more run of ``kind`` that met these ``troubles``.

        ``proves`` is whether the run breaks the tries in a row of what it didn't meet.
        """
        counts = {**self.counts, kind: self.counts.get(kind, 0) + 1}
        tries = {} if proves else dict(self.tries)
        tries |= {trouble: self.tries.get(trouble, 0) + 1 for trouble in troubles}
        return RefreshState(self.since, counts, self.said, tries)

    @property
    def reported(self) -> list[incidents.Incident]:
        """What was reported, and is not yet over."""
        return [incidents.Incident(kind, self.since, "", told=True) for kind in sorted(self.said)]

    def __str__(self) -> str:
        lines = [f"since {self.since}"]
        lines += [f"count {kind} {n}" for kind, n in self.counts.items()]
        lines += [f"tries {kind} {n}" for kind, n in self.tries.items()]
        lines += [f"said {kind}" for kind in sorted(self.said)]
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def parse(cls, text: str) -> RefreshState | None:
        """The state in ``text``; None if it has no ``since``."""
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
"""What an older version called a trouble: ``said run 30``."""


class RefreshStateFile:
    """Stores the state of the repository at ``root`` in ``logs/refresh.incident``.

    Where that can't be written, another private folder is used; the last of them is in memory, for
    a machine whose only disk is full. A state there takes precedence: it is removed as soon as the
    first file can be written again.
    """

    def __init__(self, root: Path) -> None:
        self._first = root / "logs/refresh.incident"
        # The repository's path as a short name: several may run on one machine. A checksum will do,
        # since the folder is private.
        mine, name = f"hn_luigi-{os.geteuid()}", f"refresh-{zlib.crc32(os.fsencode(root)):08x}"
        folders = [Path(_temporary(), mine), Path("/dev/shm", mine)]
        self._others = [folder / f"{name}.incident" for folder in folders]

    def load(self) -> RefreshState | None:
        """The state, None if all was good."""
        for path in (*self._others, self._first):
            with suppress(OSError):
                if path is self._first or own_folder.is_own(path.parent):
                    return RefreshState.parse(path.read_text(errors="replace"))
        return None

    def save(self, state: RefreshState | None) -> str | None:
        """Store ``state``, None if all is good; returns why it can't be, or None."""
        troubles = []
        for path in (self._first, *self._others):
            try:
                if path is self._first:
                    _replace(path, str(state) if state else "")
                else:
                    path.parent.mkdir(mode=0o700, exist_ok=True)
                    if not own_folder.is_own(path.parent):
                        raise PermissionError(errno.EPERM, "its folder belongs to another user")
                    _replace(path, str(state) if state else "over\n")
            except OSError as error:
                troubles.append(f"{path} ({error.strerror})")
                continue
            for other in self._others:
                if other != path:
                    with suppress(OSError):
                        other.unlink()
            return None
        return f"none of these files can be written: {', '.join(troubles)}"


def _temporary() -> str:
    try:
        return tempfile.gettempdir()
    except FileNotFoundError:  # none of them can be written, as on a full disk
        return os.environ.get("TMPDIR") or "/tmp"


def _replace(path: Path, text: str) -> None:
    """Write ``text`` to ``path`` in one step; remove it for no text."""
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
