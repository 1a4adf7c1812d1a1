"""An exclusive lock on a file, which the kernel frees when its holder dies.

The file is removed on release, so that locks leave nothing behind. A waiter may then hold a
lock on a file that is no longer there; it notices by comparing inodes and tries anew.

A fork shares the lock, which then stays until the last of them has ended, so a forked process lets
go of it at once: of a pool whose parent was killed, each would hold it for ever.

flock(2), and not the others: POSIX locks (fcntl, lockf) go when the process closes any descriptor
of the file, such as one that a library opened, and a file that is the lock by being there outlives
a killed holder. Luigi's own lock goes by the command line, so that it doesn't keep out a run with
another one. The ``filelock`` package hands out no descriptor, which a writer that locks its file
needs.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

NO_LOCKS = {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS}
"""What flock(2) says where nobody can hold one: NFS without lockd, some FUSE file systems."""
# Read and write, since NFS emulates flock by POSIX locks, which want a descriptor that can write.
# Not across exec, or a program that a step starts would hold the lock after its death; not through
# a link, which another user may put into a folder that is open to all.
_OPEN = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW

_descriptors: set[int] = set()
"""Of the files that this process holds locks on, or waits for."""


@contextmanager
def hold(path: str, *, wait: bool = True) -> Iterator[int]:
    """Hold the lock at ``path`` and yield its open file descriptor.

    The holder may rename the file away: a lock on a file that is being written says that its
    writer lives.

    Raises:
        BlockingIOError: another process holds it, and ``wait`` is false.
        OSError: the file can't be created.
    """
    fd, holder = _acquire(path, wait), os.getpid()
    try:
        yield fd
    finally:
        if os.getpid() == holder:  # and none that was forked meanwhile, and unwinds, too
            _release(path, fd)


def remove_if_abandoned(path: str) -> None:
    """Remove the file at ``path`` unless a living process holds it."""
    is_held(path)


def is_held(path: str) -> bool:
    """Whether a living process holds the lock at ``path``; an abandoned file is removed.

    On a disk that is read-only, or has no locks, none can; of another user's file it can't be told.
    """
    try:
        with hold(path, wait=False):
            return False
    except BlockingIOError:
        return True
    except OSError as error:
        return error.errno in (errno.EACCES, errno.EPERM)


def _acquire(path: str, wait: bool) -> int:
    while True:
        fd = None
        try:
            fd = os.open(path, _OPEN | os.O_CREAT, 0o666)
            _descriptors.add(fd)
            fcntl.flock(fd, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            # Between open and flock the holder may have let go and removed the file: then the
            # next has made another, and both would have "the" lock.
            if _is_at(path, fd):
                return fd
        except BaseException:
            _release(path, fd)
            raise
        _close(fd)


def _release(path: str, fd: int | None) -> None:
    """Close ``fd`` and remove its file, unless that is another's.

    An interrupt may have come after the file was made and before its descriptor was known, or
    before it was locked.
    """
    with suppress(OSError):
        fd = os.open(path, _OPEN) if fd is None else fd
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in NO_LOCKS:
                raise
        if _is_at(path, fd):
            os.unlink(path)
    if fd is not None:
        _close(fd)


def _close(fd: int) -> None:
    _descriptors.discard(fd)
    os.close(fd)


def _let_go() -> None:
    """Close what a forked process shares with its parent, whose locks stay."""
    while _descriptors:
        with suppress(OSError):
            os.close(_descriptors.pop())


os.register_at_fork(after_in_child=_let_go)


def _is_at(path: str, fd: int) -> bool:
    try:
        return os.path.samestat(os.stat(path), os.fstat(fd))
    except FileNotFoundError:
        return False
