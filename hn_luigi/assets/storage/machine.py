"""The folders of this machine and user for what a store can't hold: locks, staged files, notes.

Another user can make ``/tmp/hn_luigi-UID`` first, and must block nobody by that; and all processes
of one user have to meet in one folder, or their locks exclude nothing. ``XDG_RUNTIME_DIR`` alone is
no such place: cron's jobs have no such variable, and ``/run/user/UID`` comes and goes with logins.
So a lock is taken in each of the places that there are: the runtime folder where there is one, and
the one for temporary files, or else, where that is a stranger's, ``~/.cache``. Of these two, all
processes with the same ``TMPDIR`` and ``HOME`` find the same.
"""

from __future__ import annotations

import os
import secrets
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress

from hn_luigi.assets.errors import StorageError
from hn_luigi.assets.storage.folder import Folder

STAGED = "staged"


def machine_folder() -> Folder:
    """The folder that every process of this user finds; raises StorageError if there is none."""
    tried = []
    for path in found_by_all():
        if trouble := make(path):
            tried.append(trouble)
        else:
            return Folder(path)
    raise StorageError(
        f"there is no folder of yours alone for locks and staged files: {'; '.join(tried)}; remove "
        "what is there, or set TMPDIR to a folder of your own, the same for all that runs hn_luigi"
    )


def lock_folders() -> list[Folder]:
    """Where a lock has to be held, in this order; raises StorageError if there is no place."""
    runtime = os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.geteuid()}"
    path = os.path.join(runtime, "hn_luigi")
    is_usable = os.path.isabs(path) and is_own(runtime) and not make(path)
    return [*([Folder(path)] if is_usable else []), machine_folder()]


def staging_path() -> str:
    """Where this process may stage a file; ``sweep(STAGED)`` removes it once it is abandoned.

    Not in the runtime folder, which is in memory, and small.
    """
    folder = machine_folder().path(STAGED)
    if trouble := make(folder):
        raise StorageError(f"{trouble}; set TMPDIR to a folder of your own")
    return os.path.join(folder, f".{secrets.token_hex(6)}.{os.getpid()}.tmp")


def found_by_all() -> Iterator[str]:
    """Where every process of this user looks, the first choice first."""
    yield os.path.join(_temporary(), f"hn_luigi-{os.geteuid()}")
    home = os.path.expanduser("~")
    if os.path.isabs(home):
        # XDG_CACHE_HOME is a login's alone, too
        yield os.path.join(home, ".cache", f"hn_luigi-{os.geteuid()}")


def _temporary() -> str:
    """The folder for temporary files, full or not.

    ``tempfile.gettempdir`` takes the first that it can write a file in, and so another one in a
    process that begins while a disk is full; and where all are, it raises FileNotFoundError.
    """
    named = (tempfile.tempdir, *map(os.environ.get, ("TMPDIR", "TEMP", "TMP")))
    return next((os.path.abspath(each) for each in named if each and os.path.isdir(each)), "/tmp")  # noqa: S108


def make(path: str) -> str:
    """Make the folder at ``path``. What is wrong with it, empty if it is there and our own."""
    try:
        os.makedirs(path, mode=0o700, exist_ok=True)
    except OSError as error:
        return f"can't make {path}: {error.strerror}"
    return "" if is_own(path) else f"{path} is not a folder of yours alone"


def is_own(path: str) -> bool:
    """Whether there is a folder at ``path`` which only this user may change."""
    with suppress(OSError):
        found = os.lstat(path)
        is_ours = found.st_uid == os.geteuid() and not found.st_mode & 0o022
        return stat.S_ISDIR(found.st_mode) and is_ours
    return False
