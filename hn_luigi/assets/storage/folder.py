"""A store in a local folder.

A file is replaced in one step (``replace.py``); what a killed process has staged is swept away by
a later run, which can tell by its lock that the writer is dead.
"""

from __future__ import annotations

import errno
import logging
import os
import re
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from stat import S_ISREG
from typing import ClassVar, NoReturn, TypeVar

import luigi
from luigi.format import UTF8, Nop
from luigi.target import FileSystemTarget

from hn_luigi.assets.errors import FileUnavailable
from hn_luigi.assets.storage import lock
from hn_luigi.assets.storage.recent import Recent
from hn_luigi.assets.storage.replace import replacing
from hn_luigi.assets.storage.store import FileKey, Stat

_Value = TypeVar("_Value")

logger = logging.getLogger("luigi-interface.assets")

_STAGED = re.compile(r"\..+\.\d+\.tmp")
_ASIDE = re.compile(r"\..+\.\w+\.aside")
_LOCKS = "_locks"
_LONGEST_PATH = 4096
"""Bytes, the zero byte at its end included (PATH_MAX of Linux)."""


@dataclass(frozen=True)
class Folder:
    """A store in the local folder ``root``; its methods raise FileUnavailable."""

    root: str

    # No system call removes many, and one window at a time is whole or gone if it is killed.
    windows_per_request: ClassVar[int] = 1

    @property
    def lock_is_global(self) -> bool:
        """Always: flock(2) reaches other machines on NFS since Linux 2.6.12, where it has locks."""
        return True

    @property
    def identity(self) -> str:
        """The folder's whole path."""
        return os.path.abspath(self.root)

    def path(self, key: str) -> str:
        """The path of the file at ``key``."""
        return os.path.join(self.root, key)

    def target(self, key: str, *, binary: bool) -> FileSystemTarget:
        """Luigi's view of the file at ``key``."""
        return luigi.LocalTarget(self.path(key), format=Nop if binary else UTF8)

    def require_reachable(self) -> None:
        """Nothing: what is wrong with a folder shows at once where it is used."""

    def require_writable(self) -> None:
        """Nothing: taking an asset's lock has written there."""

    def stat(self, key: str) -> Stat | None:
        """What tells whether the file at ``key`` has changed, or None if there is none."""
        return self._stat(self.path(key))

    def read(self, key: str) -> bytes | None:
        """The bytes at ``key``, or None if there are none."""
        if self.stat(key) is None:
            return None  # opening what is no file might wait for ever
        try:
            with open(self.path(key), "rb") as file:
                return file.read()
        except FileNotFoundError:
            return None
        except OSError as error:
            _explain("read", self.path(key), error)

    def load(self, key: str, parse: Callable[[bytes], _Value]) -> _Value | None:
        """What ``parse`` makes of the bytes at ``key``; cached by what ``stat`` says."""
        stat = self.stat(key)
        if stat is None:
            return None
        return _LOADED.get((self.root, key, parse), stat, lambda: self._parsed(key, parse))

    def cache_ahead(self, folder: str, names: Iterable[str], loaded: Iterable[str]) -> None:
        """Nothing: a folder answers at once."""

    def write(self, key: str, data: bytes) -> Stat:
        """Replace what is at ``key`` by ``data`` in one step that survives a loss of power.

        If it fails, as for want of space, what was there stays. A folder in its place goes, if it
        is empty; else, since it may hold somebody's work, it is moved aside and told of.
        """
        path = self.path(key)
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with replacing(path, data) as fd:
                stat = _stat_of(os.fstat(fd))
                if os.path.isdir(path) and not os.path.islink(path):
                    _clear(path)
        except OSError as error:
            _explain("write", path, error)
        return stat

    def names(self, key: str, prefix: str = "") -> list[str]:
        """The names of the files directly below ``key`` that begin so, staged ones left out."""
        try:
            with os.scandir(self.path(key)) as entries:
                begun = [
                    e for e in entries if (name := e.name).startswith(prefix) and name[0] != "."
                ]
                return [e.name for e in begun if _is_file(e)]
        except OSError as error:
            if self._is_missing(error):
                return []
            _explain("list", self.path(key), error)

    def folders(self, key: str) -> list[str]:
        """The folders below ``key``, however deep, that hold files, by their paths from there.

        One that can't be listed is among them, for whoever looks into it to tell why.
        """
        found, pending = [], [""]
        while pending:
            folder = pending.pop()
            try:
                with os.scandir(os.path.join(self.path(key), folder)) as entries:
                    ours = [entry for entry in entries if entry.name[0] not in "._"]
            except OSError as error:
                if not self._is_missing(error):
                    found.append(folder)
                continue
            inner = {entry.name: entry.is_symlink() for entry in ours if _is_folder(entry)}
            if len(inner) < len(ours):
                found.append(folder)
            for name, is_link in inner.items():
                (found if is_link else pending).append(os.path.join(folder, name))
        return sorted(filter(None, found))

    def there(self, key: str, names: Sequence[str]) -> Iterator[str]:
        """Those of ``names`` that are files directly below ``key``, in their order, one by one."""
        folder = self.path(key)
        if names and not os.path.lexists(folder) and self._stat(folder) is None:
            return iter(())  # or a first making would ask for a day's names in vain: 8 ms
        return (name for name in names if self._stat(f"{folder}/{name}") is not None)

    def stats(self, key: str, names: Sequence[str]) -> dict[str, Stat]:
        """What ``stat`` says of those of ``names`` that are files directly below ``key``."""
        stats = {name: self.stat(f"{key}/{name}") for name in names}
        return {name: stat for name, stat in stats.items() if stat is not None}

    def are_as(self, key: str, expected: Mapping[str, tuple[int, str] | None]) -> bool:
        """Whether each file directly below ``key`` has the size and fingerprint ``expected``."""
        # 1,008 calls of stat take 1.6 ms relative to an open folder and 1.9 by whole paths; a Stat
        # of each would add 1.3.
        folder, stat, name = self.path(key), os.stat, ""
        try:
            fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            if not self._is_missing(error):
                _explain("list", folder, error)
            return not any(expected.values())
        try:
            for name, then in expected.items():
                if then is None:
                    if self.stat(f"{key}/{name}") is not None:
                        return False
                    continue
                now = stat(name, dir_fd=fd)
                if now.st_size != then[0] or str(now.st_mtime_ns) != then[1]:
                    return False
        except OSError as error:
            if error.errno not in _NO_FILE:
                _explain("read", f"{folder}/{name}", error)
            return False
        finally:
            os.close(fd)
        return True

    def listed(self, key: str, parse: Callable[[Iterable[str]], _Value]) -> _Value:
        """What ``parse`` makes of ``names(key)``; cached by when the folder last changed."""
        try:
            found = os.stat(self.path(key))
        except OSError:
            return parse(self.names(key))  # which explains it
        # ctime and not mtime, which a copy or a restore sets back. While it may yet stay the same
        # over a change, nothing is cached; a reader of what is just written lists each time.
        if time.time_ns() - found.st_ctime_ns < _NS_OF_A_TICK:
            return parse(self.names(key))
        changed = (found.st_dev, found.st_ino, found.st_ctime_ns)
        return _LISTED.get((self.root, key, parse), changed, lambda: parse(self.names(key)))

    def by_time(self, key: str) -> Sequence[tuple[int, str]]:
        """When each file directly below ``key`` was written, and its name, the oldest first."""
        return self.listed(key, _ByTime(self.path(key)))

    def remove(self, *keys: str) -> None:
        """Remove the files at ``keys`` in turn, if there are any."""
        for key in keys:
            try:
                os.unlink(self.path(key))
            except OSError as error:
                if error.errno not in _NO_FILE:
                    _explain("remove", self.path(key), error)

    def remove_folder(self, key: str) -> None:
        """Remove the folder at ``key``, unless there is anything in it."""
        with suppress(OSError):
            os.rmdir(self.path(key))

    def escapes_root(self, key: str) -> bool:
        """Whether the folder at ``key`` is outside the root, by a symbolic link."""
        root = os.path.realpath(self.root)
        return os.path.commonpath([root, os.path.realpath(self.path(key))]) != root

    def sweep(self, key: str) -> None:
        """Remove what killed processes left staged directly below ``key``, and its locks.

        Of folders that were moved aside, those that are empty by now.
        """
        with suppress(OSError), os.scandir(self.path(key)) as entries:
            for entry in entries:
                if _STAGED.fullmatch(entry.name):
                    lock.remove_if_abandoned(entry.path)
                elif _ASIDE.fullmatch(entry.name):
                    with suppress(OSError):
                        os.rmdir(entry.path)
        with suppress(OSError), os.scandir(self.path(f"{_LOCKS}/{key}")) as entries:
            for entry in entries:
                lock.remove_if_abandoned(entry.path)

    def is_held(self, key: str) -> bool:
        """Whether a living process holds the lock named ``key``; at once if none ever did."""
        path = self._lock_path(key)
        return os.path.exists(path) and lock.is_held(path)

    @contextmanager
    def lock(self, key: str, *, wait: bool = True, guards: FileKey | None = None) -> Iterator[None]:
        """Hold the lock named ``key``; raises BlockingIOError if busy and not to ``wait``."""
        path = self._lock_path(key)
        with ExitStack() as stack:
            try:
                os.makedirs(os.path.dirname(path), exist_ok=True)
                stack.enter_context(lock.hold(path, wait=wait))
            except BlockingIOError:
                raise
            except OSError as error:
                _explain("write", path, error)
            yield

    def require_guarded(self, key: FileKey) -> None:
        """Nothing: the kernel takes a lock from its holder only when that ends."""

    def write_guarded(self, key: FileKey, data: bytes) -> None:
        """``write``, since its lock can't be lost."""
        self.write(key, data)

    def _stat(self, path: str) -> Stat | None:
        try:
            found = os.stat(path)
        except OSError as error:
            if error.errno == errno.ENOENT or self._is_missing(error):
                return None
            _explain("read", path, error)
        return _stat_of(found) if S_ISREG(found.st_mode) else None

    def _is_missing(self, error: OSError) -> bool:
        """Whether it says that there is no file, and not that the root itself is no folder."""
        is_usable = os.path.isdir(self.root) or not os.path.lexists(self.root)
        return error.errno in _NO_FILE and is_usable

    def _parsed(self, key: str, parse: Callable[[bytes], _Value]) -> _Value | None:
        data = self.read(key)
        return None if data is None else parse(data)

    def _lock_path(self, key: str) -> str:
        return self.path(f"{_LOCKS}/{key}.lock")


# Before this, a run over a diamond of 200 tasks took 15.6 s for 39,407 upstream checks, although
# each complete() was linear: Luigi 3.8.1 asks each task. A day of 10-minute windows has 144.
_LOADED = Recent(5_000)
# Three folders of an asset are listed: outputs, records, also by time, and failed attempts.
_LISTED = Recent(50)


@dataclass(frozen=True)
class _ByTime:
    """Makes names of files in ``folder`` into the times at which they were written, with them."""

    folder: str

    def __call__(self, names: Iterable[str]) -> tuple[tuple[int, str], ...]:
        times: list[tuple[int, str]] = []
        for name in names:
            with suppress(OSError):  # it was removed meanwhile
                times.append((os.stat(f"{self.folder}/{name}").st_mtime_ns, name))
        return tuple(sorted(times))


_NS_OF_A_TICK = 2 * 10**9
"""The coarsest clock of a file system, FAT's: within it a folder may change twice unnoticed."""
_NO_FILE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
_REMEDIES = {
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space or raise the quota",
    errno.EROFS: "mount it writable, or set another [storage] root",
    errno.EACCES: "give this user the right to it, or set another [storage] root",
    errno.EPERM: "give this user the right to it, or set another [storage] root",
    errno.ENOTDIR: "something in this path is a file: set another [storage] root",
    errno.EEXIST: "something in this path is a file: set another [storage] root",
    errno.EISDIR: "a folder stands where a file should: remove it",
    errno.EFBIG: "raise the limit on file sizes (ulimit -f)",
}


def _explain(verb: str, path: str, error: OSError) -> NoReturn:
    if error.errno in lock.NO_LOCKS:
        raise FileUnavailable(
            f"can't lock {path}: {error.strerror}; the file system at {_mount_point(path)} has no "
            "locks (flock): mount it with locks (for NFS, check that lockd or NFSv4 works), or "
            "set a [storage] root on another disk, and run again"
        ) from error
    if error.errno == errno.ENAMETOOLONG:
        remedy = _shorten(path)
    else:
        remedy = _REMEDIES.get(error.errno or 0, "check that the disk works, or set another root")
    raise FileUnavailable(
        f"can't {verb} {path}: {error.strerror}; {remedy}, and run again"
    ) from error


def _shorten(path: str) -> str:
    """What is too long about ``path``: one of its parts, or all of it."""
    length = {part: len(os.fsencode(part)) for part in path.split(os.sep)}
    part = max(length, key=length.__getitem__)
    whole = len(os.fsencode(path))
    if whole >= _LONGEST_PATH:
        what = f"the path takes {whole} bytes, and may take {_LONGEST_PATH - 1}"
        return f"{what}: shorten the parameters' values, or set a shorter [storage] root"
    return (
        f"{part!r} takes {length[part]} bytes, more than a name may have there: shorten that "
        "parameter's value or name, or set a [storage] root on another file system"
    )


def _mount_point(path: str) -> str:
    path = os.path.realpath(path)
    while not os.path.ismount(path):
        path = os.path.dirname(path)
    return path


def _clear(path: str) -> None:
    """Have no folder at ``path``, which rename(2) doesn't replace by a file, and lose nothing."""
    try:
        os.rmdir(path)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
        folder, base = os.path.split(path)
        aside = os.path.join(folder, f".{base}.{secrets.token_hex(3)}.aside")
        os.rename(path, aside)
        logger.warning(
            "The folder %s is where an output belongs, and is not empty: it was moved to %s. "
            "Take out what you need; once it is empty, it is removed",
            path,
            aside,
        )


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:  # a link that leads to itself
        return False


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _stat_of(found: os.stat_result) -> Stat:
    return Stat(found.st_size, str(found.st_mtime_ns), found.st_ino)
