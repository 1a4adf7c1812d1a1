"""Files that a command writes where it is told to."""

from __future__ import annotations

import os

import click

from hn_luigi.assets.operations import replacing


def replace_file(path: str, data: bytes) -> None:
    """Replace the file at ``path`` in one step; raises ClickException.

    It is for everybody to read, whatever the umask: a web server or node_exporter is another user.
    """
    if os.path.lexists(path) and not os.path.isfile(path):
        raise click.ClickException(f"can't write {path}: it is no file; name another")
    try:
        with replacing(os.path.realpath(path), data, mode=0o644, locked=False):
            pass
    except OSError as error:
        raise click.ClickException(
            f"can't write {path}: {error.strerror}; check that the folder exists, is "
            "writable and has space"
        ) from error
