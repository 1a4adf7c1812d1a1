"""Files that a command writes where it is told to."""

from __future__ import annotations

import os
from contextlib import suppress

import click


def replace_file(path: str, data: bytes) -> None:
    """Replace the file at ``path`` in one step; raises ClickException.

    It is staged beside its place under a name with a dot, which no reader of a folder takes, and
    is for everybody to read: a web server or node_exporter is another user.
    """
    if os.path.lexists(path) and not os.path.isfile(path):
        raise click.ClickException(f"can't write {path}: it is no file; name another")
    path = os.path.realpath(path)
    folder, name = os.path.split(path)
    staged = os.path.join(folder, f".{name}.{os.getpid()}.tmp")
    try:
        with open(staged, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), 0o644)
            os.fsync(file.fileno())
        os.replace(staged, path)
    except OSError as error:
        with suppress(OSError):
            os.unlink(staged)
        raise click.ClickException(
            f"can't write {path}: {error.strerror}; see that its folder is there and yours to "
            "write, and has space"
        ) from error
