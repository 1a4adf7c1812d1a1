"""What this machine notes of a root that can't be written: its disk is full, or it is down.

A note is a small file of this user, by its root and its key. It lies in the folder for states
(XDG), or where that can't be written either, since one disk has both, in one for temporary files,
which may be in memory. Looking for notes makes nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

from hn_luigi.assets.errors import StorageError
from hn_luigi.assets.storage.folder import Folder
from hn_luigi.assets.storage.staging import folder_name_of, found_by_all, make
from hn_luigi.own_folder import is_own

_Value = TypeVar("_Value")


def of(root: str) -> list[Folder]:
    """The folders where notes on ``root`` may be, as stores of the same keys."""
    return [Folder(_place(top, root)) for top in _tops() if is_own(top)]


def load(root: str, key: str, parse: Callable[[bytes], _Value]) -> Iterator[_Value]:
    """What is noted at ``key``, of each place where that can be read."""
    for folder in of(root):
        with suppress(StorageError):
            if (found := folder.load(key, parse)) is not None:
                yield found


def write(root: str, key: str, data: bytes) -> None:
    """Note ``data`` at ``key``, in one place; raises StorageError where there is none."""
    trouble: StorageError | None = None
    for top in _tops():
        if said := make(top):
            trouble = trouble or StorageError(f"{said}; free some space there")
            continue
        try:
            Folder(_place(top, root)).write(key, data)
        except StorageError as error:
            trouble = trouble or error
            continue
        remove(root, key, but=_place(top, root))
        return
    raise trouble or StorageError(f"there is no place for notes on {root}")


@contextmanager
def instead(root: str, key: str, data: bytes) -> Iterator[None]:
    """Within it, where the store at ``root`` can't be written, ``data`` is noted here instead.

    Raises:
        StorageError: the store's own, where there is no place for a note either.
    """
    try:
        yield
    except StorageError as error:
        try:
            write(root, key, data)
        except StorageError:
            raise error from None


def remove(root: str, key: str, *, but: str = "") -> None:
    """Remove the note at ``key``, wherever it is, but for that in the folder ``but``."""
    for folder in of(root):
        if folder.root != but:
            try:
                folder.remove(key)
            except StorageError:
                continue  # such as a disk that is read-only by now: the newest note counts


def _tops() -> Iterator[str]:
    state = os.environ.get("XDG_STATE_HOME", "")
    if not os.path.isabs(state):
        state = os.path.expanduser("~/.local/state")
    if os.path.isabs(state):
        yield os.path.join(state, "hn_luigi")
    yield from found_by_all()
    if os.path.isdir("/dev/shm"):  # noqa: S108 - in memory, for a machine whose only disk is full
        yield f"/dev/shm/hn_luigi-{os.geteuid()}"  # noqa: S108


def _place(top: str, root: str) -> str:
    return os.path.join(top, "notes", folder_name_of(root))
