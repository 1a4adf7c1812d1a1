"""What the layer knows of a plain Luigi task upstream: whether it is done, and its bytes."""

from __future__ import annotations

import copy
import glob
import hashlib
import os
from collections.abc import Iterator
from typing import Any

import luigi
from luigi.format import Nop
from luigi.target import FileSystemException
from luigi.task import flatten_output

from hn_luigi.assets.catalog.record import DataVersion
from hn_luigi.assets.errors import AssetError, InputMissing
from hn_luigi.assets.staleness.evaluate import Category, Cause, Staleness, State
from hn_luigi.assets.staleness.target_name import name_of, path_of

_CHUNK = 1 << 20  # bytes; a target may be larger than memory

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

    A task without outputs, such as a wrapper, has those of the tasks it requires. An output
    that can't be read as a file, such as a table or a folder of an object store, counts by its
    name.

    Raises:
        InputMissing: an output isn't there, whatever the task's ``complete()`` says.
    """
    # At each look, since nothing says of a file that is not the layer's with which size and time it
    # had which hash; what of it is written while it is read shows at the next look.
    whole = hashlib.sha256()
    for target in flatten_output(task):
        digest = _read(target, whole) or _read(target, whole, raw=True)
        if digest is None:
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
        for file in sorted(_files(path)):
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


def _files(path: str) -> Iterator[str]:
    """``path`` itself, or the files below it if it is a folder, or those that it matches."""
    if not os.path.lexists(path) and glob.has_magic(path) and (matches := glob.glob(path)):
        for match in matches:
            yield from _files(match)
        return
    if not os.path.isdir(path):
        yield path
    for folder, _, names in os.walk(path):
        yield from (os.path.join(folder, name) for name in names)
