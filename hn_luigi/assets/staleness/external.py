"""What the layer knows of a plain Luigi task upstream: whether it is done, and its outputs."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

import luigi
from luigi.format import Nop
from luigi.target import FileSystemException
from luigi.task import flatten_output

from hn_luigi.assets.catalog.record import DataVersion
from hn_luigi.assets.errors import AssetError, InputMissing
from hn_luigi.assets.staleness.evaluate import Category, Cause, Staleness, State
from hn_luigi.assets.staleness.stored_files import StoredFile, files_behind, local_files
from hn_luigi.assets.staleness.target_name import name_of, path_of

_CHUNK = 1 << 20  # bytes; a target may be larger than memory

# A look at what is stored reads nothing of an asset whose size and time are as recorded; no record
# says that of a plain task's output, so it would be read at each, and a no-op takes two. SHA-256
# does 600 MB/s (OpenSSL 3, one core): for 4 MB 7 ms, of the 280 that a no-op takes, and for 2 GB
# 3.4 s. A limit for each file was rejected: 230 files just below it would still be read.
_MOST_READ = 4_000_000
"""Bytes of a task's outputs up to which they count by what they hold."""

# What an open() raises that a target only has because its base class does, as PostgresTarget's
# and SQLAlchemyTarget's NotImplementedError, or that takes no "r". Trouble with a network or a
# disk is of other kinds: it says nothing about the target, and is raised to the caller. Whether a
# target has an open() says nothing either.
_CANT_OPEN = (AttributeError, RuntimeError, TypeError, ValueError)
# Luigi's stores raise their own for an object that isn't there, and for a folder.
_NO_FILE = (FileNotFoundError, IsADirectoryError, FileSystemException)


def staleness_of_task(task: luigi.Task) -> Staleness:
    """What the task's own ``complete()`` says; what is upstream of it is Luigi's business."""
    if not task.complete():
        return Staleness(State.MISSING, (Cause(Category.MISSING, "it is not complete"),))
    try:
        return Staleness(State.CURRENT, version=outputs_version(task))
    except InputMissing as error:
        return Staleness(State.MISSING, (Cause(Category.OUTPUT, str(error)),))


def outputs_version(task: luigi.Task) -> DataVersion:
    """The data version of a plain task: a hash of the bytes its outputs hold now, in order.

    Where these are more than 4 MB, each file counts by its name, size and time instead, an object
    by its ETag or the like, and nothing is read. A task without outputs, such as a wrapper, has
    those of the tasks it requires. An output that can't be read as a file, such as a table or a
    folder of an object store, counts by its name.

    Raises:
        InputMissing: an output isn't there, whatever the task's ``complete()`` says.
    """
    # At each look, since nothing says of a file that is not the layer's with which size and time it
    # had which hash; what of it is written while it is read shows at the next look.
    whole = hashlib.sha256()
    targets = [(target, files_behind(target)) for target in flatten_output(task)]
    is_large = sum(file.size for _, files in targets for file in files or ()) > _MOST_READ
    for target, files in targets:
        if is_large and files is not None:
            digest = whole
            digest.update(_told(files))
        elif (digest := _read(target, whole) or _read(target, whole, raw=True)) is None:
            if not target.exists():
                raise InputMissing(
                    f"{path_of(target) or name_of(target)} is missing, though {task} "
                    "says that it is complete: correct its complete(), or run it again"
                )
            digest = whole
            digest.update(name_of(target).encode(errors="backslashreplace"))
        whole = digest
        whole.update(b"\0")
    return DataVersion(whole.hexdigest())


def _told(files: Iterable[StoredFile]) -> bytes:
    lines = (f"{name}\0{size}\0{changed}\0" for name, size, changed in files)
    return "".join(lines).encode(errors="backslashreplace")


def _read(target: Any, before: Any, *, raw: bool = False) -> Any:
    """The hash ``before``, with what ``target`` holds; None if that can't be read as a file."""
    digest = before.copy()
    try:
        for part in _contents(_as_bytes(target) if raw else target):
            digest.update(part.encode() if isinstance(part, str) else part)
    except AssetError:  # of a store of ours, which has said what is wrong
        raise
    except (*_NO_FILE, *_CANT_OPEN):
        return None
    except Exception as error:
        if type(error) is Exception:  # as Luigi, and who follows it, raises what it can't do
            return None
        raise
    return digest


def _contents(target: Any) -> Iterator[bytes | str]:
    path = getattr(target, "path", None)
    if isinstance(target, luigi.LocalTarget) and path is not None:
        for file in local_files(path):
            with open(file, "rb") as content:
                yield hashlib.file_digest(content, "sha256").digest()
        return
    with target.open("r") as content:
        while part := content.read(_CHUNK):
            yield part


def _as_bytes(target: Any) -> Any:
    """``target``, read as it is stored: its format may take it for text that it isn't."""
    # A copy, since a task may hand out the same target each time.
    raw = copy.copy(target)
    raw.format = Nop
    return raw
