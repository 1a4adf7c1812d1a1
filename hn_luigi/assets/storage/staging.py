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
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256

from hn_luigi.assets.errors import StorageError
from hn_luigi.assets.storage.folder import Folder
from hn_luigi.own_folder import is_own

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
        f"there is no private folder for locks and staged files: {'; '.join(tried)}; remove "
        "what is there, or set TMPDIR to a folder of your own, for everything that runs hn_luigi"
    )


@contextmanager
def hold(root: str, key: str, *, wait: bool = True) -> Iterator[None]:
    """Hold this machine's lock on ``key`` of the store at ``root``, wherever another looks for it.

    Raises:
        BlockingIOError: it is busy, and not to ``wait`` for.
        StorageError: there is no place for it.
    """
    with ExitStack() as stack:
        for folder in lock_folders(root):
            stack.enter_context(folder.lock(key, wait=wait))
        yield


def lock_folders(root: str) -> list[Folder]:
    """Where locks of the store at ``root`` have to be held, in this order; raises StorageError."""
    runtime = os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.geteuid()}"
    path = os.path.join(runtime, "hn_luigi")
    is_usable = os.path.isabs(path) and is_own(runtime) and not make(path)
    places = [*([Folder(path)] if is_usable else []), machine_folder()]
    return [Folder(folder.path(folder_name_of(root))) for folder in places]


def folder_name_of(root: str) -> str:
    """What the folder for the store at ``root`` is called here, whatever folder a process is in."""
    name = root if "://" in root else os.path.realpath(root)
    return sha256(os.fsencode(name)).hexdigest()[:16]


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
    return "" if is_own(path) else f"{path} is not a private folder of yours"
