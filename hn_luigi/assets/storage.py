"""Where assets live: one line of configuration, ``[storage] root``.

A store reads and writes whole files by key, a path below the root with ``/``. A file appears
whole under its name or not at all: it is staged beside it under a name that begins with a dot,
which engines that read a folder as one table pass over, flushed to disk, and renamed.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import NoReturn

import luigi
from luigi.format import UTF8, Nop

from hn_luigi.assets import lock
from hn_luigi.assets.errors import StorageError
from hn_luigi.assets.parameters import Text

_STAGED = ".tmp"
_LOCK = ".lock"


class storage(luigi.Config):
    """The ``[storage]`` section."""

    root = Text(
        "data",
        required=True,
        description="Folder under which everything is stored.",
        always_in_help=True,
    )


@dataclass(frozen=True)
class Stat:
    """What tells cheaply that a file is still the one that was recorded.

    ``size`` is in bytes, ``modified_ns`` in nanoseconds since 1970.
    """

    size: int
    modified_ns: int


@dataclass(frozen=True)
class Folder:
    """A store in a local folder."""

    root: str

    def path(self, key: str) -> str:
        """The path of the file at ``key``."""
        return os.path.join(self.root, *key.split("/"))

    def target(self, key: str, *, binary: bool) -> luigi.LocalTarget:
        """Luigi's view of the file at ``key``."""
        return luigi.LocalTarget(self.path(key), format=Nop if binary else UTF8)

    def stat(self, key: str) -> Stat | None:
        """Size and time of the file at ``key``, or None if there is none."""
        try:
            found = os.stat(self.path(key))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            _explain("read", self.path(key), error)
        return Stat(found.st_size, found.st_mtime_ns)

    def read(self, key: str) -> bytes | None:
        """The bytes at ``key``, or None if there are none; raises StorageError."""
        try:
            with open(self.path(key), "rb") as file:
                return file.read()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            _explain("read", self.path(key), error)

    def write(self, key: str, data: bytes) -> Stat:
        """Replace what is at ``key`` by ``data`` in one step that survives a loss of power.

        Raises:
            StorageError: the disk is full, the folder can't be written, …; what was there stays.
        """
        path = self.path(key)
        folder, base = os.path.split(path)
        staged = os.path.join(folder, f".{base}.{os.getpid()}{_STAGED}")
        try:
            os.makedirs(folder, exist_ok=True)
            with lock.hold(staged) as fd:
                os.ftruncate(fd, 0)  # a killed process of the same id may have left one
                with open(fd, "wb", closefd=False) as file:
                    file.write(data)
                os.fsync(fd)
                found = os.fstat(fd)
                os.replace(staged, path)
            _flush_folder(folder)
        except OSError as error:
            _explain("write", path, error)
        return Stat(found.st_size, found.st_mtime_ns)

    def names(self, key: str) -> list[str]:
        """The names of the files directly below ``key``, staged ones left out; unordered."""
        try:
            with os.scandir(self.path(key)) as entries:
                return [e.name for e in entries if not e.name.startswith(".") and e.is_file()]
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            _explain("list", self.path(key), error)

    def sweep(self, key: str) -> None:
        """Remove the staged files and locks directly below ``key`` that nobody holds.

        Killed processes leave them.
        """
        with suppress(OSError), os.scandir(self.path(key)) as entries:
            for entry in entries:
                if entry.name.endswith((_STAGED, _LOCK)):
                    lock.remove_if_abandoned(entry.path)

    @contextmanager
    def lock(self, key: str, *, wait: bool = True) -> Iterator[None]:
        """Hold the lock named ``key``; raises BlockingIOError if busy and not to ``wait``."""
        path = self.path(f"_locks/{key}{_LOCK}")
        with ExitStack() as stack:
            try:
                os.makedirs(os.path.dirname(path), exist_ok=True)
                stack.enter_context(lock.hold(path, wait=wait))
            except BlockingIOError:
                raise
            except OSError as error:
                _explain("write", path, error)
            yield


def open_store(root: str) -> Folder:
    """The store at ``root``; raises StorageError for a root of a kind that is not known."""
    if "://" in root:
        raise StorageError(
            f"[storage] root = {root}: only a folder can be a root; give a path (--storage-root)"
        )
    return Folder(os.path.expanduser(root))


_REMEDIES = {
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space or raise the quota",
    errno.EROFS: "mount it writable, or set another [storage] root",
    errno.EACCES: "give this user the right to it, or set another [storage] root",
    errno.EPERM: "give this user the right to it, or set another [storage] root",
    errno.ENOTDIR: "something in this path is a file: set another [storage] root",
    errno.EEXIST: "something in this path is a file: set another [storage] root",
    errno.EFBIG: "raise the limit on file sizes (ulimit -f)",
}


def _explain(verb: str, path: str, error: OSError) -> NoReturn:
    remedy = _REMEDIES.get(error.errno or 0, "see that the disk works, or set another root")
    raise StorageError(f"can't {verb} {path}: {error.strerror}; {remedy}, and run again") from error


def _flush_folder(folder: str) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
