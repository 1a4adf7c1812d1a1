"""The folder of this machine and user for what an object store can't hold: locks, staged files."""

from __future__ import annotations

import os
import secrets
import stat
import tempfile

from hn_luigi.assets.errors import StorageError
from hn_luigi.assets.storage.folder import Folder

STAGED = "staged"


def machine_folder() -> Folder:
    """The folder, made if need be; raises StorageError if it is not this user's own."""
    path = os.path.join(tempfile.gettempdir(), f"hn_luigi-{os.geteuid()}")
    _make(path)
    found = os.lstat(path)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise StorageError(
            f"{path}, for locks, is not a folder of yours alone: remove it, or set TMPDIR to a "
            "folder of your own"
        )
    return Folder(path)


def staging_path() -> str:
    """Where this process may stage a file; ``sweep(STAGED)`` removes it once it is abandoned."""
    folder = machine_folder().path(STAGED)
    _make(folder)
    return os.path.join(folder, f".{secrets.token_hex(6)}.{os.getpid()}.tmp")


def _make(path: str) -> None:
    try:
        os.makedirs(path, mode=0o700, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"can't make {path}, for locks and staged files: {error.strerror}; set TMPDIR to a "
            "folder of your own"
        ) from error
