"""What lies behind a Luigi target, told by size and time, without reading it."""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

import luigi

from hn_luigi.assets.staleness.target_name import path_of


class StoredFile(NamedTuple):
    """A file or object as its store tells of it."""

    name: str
    """Its path from where the target's own begins; that of the target by its last part."""
    size: int
    """Bytes."""
    changed: str
    """When it was last changed, in ns, or an object's ETag or the like."""


def files_behind(target: Any) -> list[StoredFile] | None:
    """The files that ``target`` stands for, in order; None where only reading can tell.

    That is so of what isn't there, of what is no file, and of targets of object stores that are
    neither the layer's own nor Luigi's ``S3Target``.
    """
    path = path_of(target)
    if path is None:
        return None
    if isinstance(target, luigi.LocalTarget):
        return _in_a_folder(os.fspath(path))
    return _in_a_bucket(target, path) if isinstance(path, str) and "://" in path else None


def local_files(path: str) -> list[str]:
    """``path`` itself, or the files below it if it is a folder, or those that it matches."""
    return sorted(_files(path))


def _in_a_folder(path: str) -> list[StoredFile] | None:
    base, files = os.path.dirname(path), []
    for file in local_files(path):
        try:
            found = os.stat(file)
        except FileNotFoundError:  # such as a link to nowhere
            return None
        name = os.path.relpath(file, base or os.curdir)
        files.append(StoredFile(name, found.st_size, str(found.st_mtime_ns)))
    return files


def _in_a_bucket(target: Any, url: str) -> list[StoredFile] | None:
    # Only here, as it takes a while to import.
    from hn_luigi.assets.storage.target import StorageTarget

    name = url.rpartition("/")[2]
    if isinstance(target, StorageTarget):
        stat = target.stat()
        return None if stat is None else [StoredFile(name, stat.size, stat.fingerprint)]
    # Whoever has made one has loaded it; to import it loads boto3, which may not be installed.
    # Luigi's GCSTarget and AzureBlobTarget (3.8.1) have no public question for a size, and a folder
    # is told by no object of its own.
    s3 = sys.modules.get("luigi.contrib.s3")
    if s3 is None or not isinstance(target, s3.S3Target):
        return None
    found = target.fs.get_key(url)
    return None if found is None else [StoredFile(name, found.size, found.e_tag)]


def _files(path: str) -> Iterator[str]:
    if not os.path.lexists(path) and glob.has_magic(path) and (matches := glob.glob(path)):
        for match in matches:
            yield from _files(match)
        return
    if not os.path.isdir(path):
        yield path
        return
    for folder, _, names in os.walk(path):
        yield from (os.path.join(folder, name) for name in names)
