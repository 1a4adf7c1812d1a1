"""What the layer knows of a plain Luigi task upstream: whether it is done, and its bytes."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from typing import Any

import luigi
from luigi.task import flatten_output

from hn_luigi.assets.errors import InputMissing
from hn_luigi.assets.provenance import State, Verdict


def verdict_on(task: luigi.Task) -> Verdict:
    """The verdict of the task's own ``complete()``; what is behind it is Luigi's business."""
    if not task.complete():
        return Verdict(State.MISSING, ("it is not complete",))
    try:
        return Verdict(State.CURRENT, version=outputs_version(task))
    except InputMissing as error:
        return Verdict(State.MISSING, (str(error),))


def outputs_version(task: luigi.Task) -> str:
    """The data version of a plain task: a hash of the bytes its outputs hold now, in order.

    A task without outputs, such as a wrapper, has those of the tasks it requires. An output
    that can't be read as a file counts by its name.

    Raises:
        InputMissing: an output isn't there, whatever the task's ``complete()`` says.
    """
    whole = hashlib.sha256()
    for target in flatten_output(task):
        try:
            for part in _contents(target):
                whole.update(part)
        except FileNotFoundError as error:
            raise InputMissing(
                f"{error.filename} is missing, though {task} says that it is complete: "
                "correct its complete(), or run it again"
            ) from error
        whole.update(b"\0")
    return whole.hexdigest()


def _contents(target: Any) -> Iterator[bytes]:
    path = getattr(target, "path", None)
    if isinstance(target, luigi.LocalTarget) and path is not None:
        for file in sorted(_files(path)):
            with open(file, "rb") as content:
                yield hashlib.file_digest(content, "sha256").digest()
    elif hasattr(target, "open"):
        with target.open("r") as content:
            text = content.read()
        yield text.encode() if isinstance(text, str) else text
    else:
        yield repr(path or target).encode()


def _files(path: str) -> Iterator[str]:
    """``path`` itself, or the files below it if it is a folder."""
    if not os.path.isdir(path):
        yield path
    for folder, _, names in os.walk(path):
        yield from (os.path.join(folder, name) for name in names)
