"""One file, replaced in one step that survives a loss of power."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from hn_luigi.assets.storage import lock


@contextmanager
def replacing(
    path: str, data: bytes, *, mode: int | None = None, locked: bool = True
) -> Iterator[int]:
    """Stage ``data`` beside ``path``, and put it there when the block ends.

    If anything fails, also within the block, what was at ``path`` stays, and nothing is left.

    Args:
        path: where the file belongs; its folder is there, and it is no folder when the block ends.
        data: its bytes, on disk by the time the block begins, so that a full disk, a quota or a
            file system that is told of it late (NFS) has had its say.
        mode: permissions, whatever the umask.
        locked: whether a lock says that the writer lives, to whoever sweeps the folder. Where
            nobody does, it isn't needed, and a file system without locks will do.

    Yields:
        The descriptor of the staged file.

    Raises:
        OSError: it can't be written, or is to be locked where the file system has no locks.
    """
    folder, base = os.path.split(path)
    # Engines that read a folder as one table pass over names with a dot. What a killed LocalTarget
    # of Luigi 3.8.1 leaves is called NAME-luigi-tmp-N, and pyarrow fails on it (ArrowInvalid).
    # Beside its place, since rename(2) doesn't reach another file system.
    staged = os.path.join(folder, f".{base}.{os.getpid()}.tmp")
    # The lock says that the writer lives. It goes along with the file when that is renamed, and
    # the name is free for the next at once.
    with lock.hold(staged) if locked else _held_open(staged) as fd:
        os.ftruncate(fd, 0)  # a killed process of the same id may have left one
        with open(fd, "wb", closefd=False) as file:
            file.write(data)
        if mode is not None:
            os.fchmod(fd, mode)
        # Before the rename: a file system with delayed allocation may commit the name before the
        # bytes (XFS, ext4 with noauto_da_alloc), and a loss of power then leaves an empty file
        # where a good one was. On macOS fsync(2) reaches the drive and not its cache; F_FULLFSYNC
        # would, and isn't asked for.
        os.fsync(fd)
        yield fd
        os.replace(staged, path)
    _flush_folder(folder)  # the rename itself, which is a change of the folder


@contextmanager
def _held_open(path: str) -> Iterator[int]:
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
    try:
        yield fd
    finally:
        os.close(fd)
        with suppress(FileNotFoundError):  # it has been renamed
            os.unlink(path)


def _flush_folder(folder: str) -> None:
    try:
        fd = os.open(folder, os.O_RDONLY)
    except PermissionError:
        return  # one that may be written and not listed; the file is there all the same
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
