"""What a store promises, wherever it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import ClassVar, NamedTuple, NewType, Protocol, TypeVar

from luigi.target import FileSystemTarget

_Value = TypeVar("_Value")
FileKey = NewType("FileKey", str)
"""The path of a file below the root, with ``/``; folders and locks are named by plain text."""


class Stat(NamedTuple):
    """What tells cheaply whether a stored file is still the one it was."""

    size: int
    """Bytes."""
    fingerprint: str
    """Changes whenever the file is written, except that a copy of it may have the same."""
    place: int | str
    """Changes whenever the file is replaced, also twice within a tick of the clock."""


class Store(Protocol):
    """Whole files by key, a path below a root with ``/``; all methods raise StorageError.

    A file appears whole under its key or not at all, and is replaced in one step.
    """

    @property
    def root(self) -> str:
        """The folder or URL below which everything is."""

    @property
    def lock_is_global(self) -> bool:
        """Whether a lock keeps out all that can write here, not just this machine's processes.

        Of an object store it isn't known before ``require_writable``.
        """

    @property
    def identity(self) -> str:
        """What names it whatever folder a process is in."""

    windows_per_request: ClassVar[int]
    """How many windows' files to hand to ``remove`` in one call."""

    def path(self, key: str) -> str:
        """The path or URL of the file at ``key``."""

    def target(self, key: FileKey, *, binary: bool) -> FileSystemTarget:
        """Luigi's view of the file at ``key``."""

    def require_reachable(self) -> None:
        """Raise if the store doesn't answer; only looks."""

    def require_writable(self) -> None:
        """Raise if nothing can be written, before something is made that would be lost."""

    def stat(self, key: FileKey) -> Stat | None:
        """What tells whether the file at ``key`` has changed, or None if there is none."""

    def read(self, key: FileKey) -> bytes | None:
        """The bytes at ``key``, or None if there are none."""

    def load(self, key: FileKey, parse: Callable[[bytes], _Value]) -> _Value | None:
        """What ``parse`` makes of the bytes at ``key``; it isn't read twice while it stays."""

    def cache_ahead(self, folder: str, names: Iterable[str], loaded: Iterable[FileKey]) -> None:
        """Within one question: find out together what ``stat`` and ``load`` will ask one by one.

        ``names`` are files directly below ``folder``, ``loaded`` keys.
        """

    def write(self, key: FileKey, data: bytes) -> Stat:
        """Replace what is at ``key`` by ``data`` in one step; if it fails, what was there stays."""

    def names(self, key: str, prefix: str = "") -> list[str]:
        """The names of the files directly below ``key`` that begin so; unordered."""

    def folders(self, key: str) -> list[str]:
        """The folders below ``key``, however deep, that hold files, by their paths from there.

        What begins with ``_`` or ``.`` is left out. A folder's symbolic link is one of them, and
        what is below it is none: that may be all of a disk.
        """

    def there(self, key: str, names: Sequence[str]) -> Iterator[str]:
        """Those of ``names`` that are files directly below ``key``, in their order, one by one.

        The cost grows with how many of ``names`` are taken, or with how many files begin as all
        of them do, and not with how many files there are.
        """

    def stats(self, key: str, names: Sequence[str]) -> dict[str, Stat]:
        """What ``stat`` says of those of ``names`` that are files directly below ``key``.

        The cost grows with ``names``, and not with how many files there are.
        """

    def are_as(self, key: str, expected: Mapping[str, tuple[int, str] | None]) -> bool:
        """Whether each file directly below ``key`` has the size and fingerprint ``expected``.

        None is expected of one that is not there.
        """

    def listed(self, key: str, parse: Callable[[Iterable[str]], _Value]) -> _Value:
        """What ``parse`` makes of ``names(key)``; a folder isn't listed twice while it stays."""

    def by_time(self, key: str) -> Sequence[tuple[int, str]]:
        """When each file directly below ``key`` was written, in ns since 1970, and its name.

        The oldest come first. A store that has no clock of its own to tell says nothing of any.
        """

    def remove(self, *keys: FileKey) -> None:
        """Remove the files at ``keys``, if there are any."""

    def remove_folder(self, key: str) -> None:
        """Remove the folder at ``key``, if it is one that remains when its files are gone."""

    def escapes_root(self, key: str) -> bool:
        """Whether the folder at ``key`` is outside the root, by a symbolic link."""

    def sweep(self, key: str) -> None:
        """Remove what killed processes of this machine left of files directly below ``key``."""

    def is_held(self, key: str) -> bool:
        """Whether a living process holds the lock named ``key``."""

    def lock(
        self, key: str, *, wait: bool = True, guards: FileKey | None = None
    ) -> AbstractContextManager[None]:
        """Hold the lock named ``key``; raises BlockingIOError if busy and not to ``wait``.

        A lock of an object store may be lost while it is held, to somebody who finds that this
        process was paused. ``guards`` is the file that is then left to that other:
        ``require_guarded`` and ``write_guarded`` raise LockLost.
        """

    def require_guarded(self, key: FileKey) -> None:
        """Raise if the lock that guards the file at ``key`` may be another's by now."""

    def write_guarded(self, key: FileKey, data: bytes) -> None:
        """``write``, unless another has written there since the lock that guards it was taken."""
