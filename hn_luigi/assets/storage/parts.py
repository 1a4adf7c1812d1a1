"""Files that aren't the layer's, read in parts: two columns of a large table take a part of it.

What the layer stores is read whole, so that nobody sees two versions. Here it is who reads in parts
that looks, before and after, whether it was one file all the time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

from hn_luigi.assets.storage.backends import BACKENDS, checked_url
from hn_luigi.assets.storage.folder import Folder
from hn_luigi.assets.storage.store import FileKey, Stat


@dataclass(frozen=True)
class PartReader:
    """Opens files to be read in parts, in whatever process it is pickled to.

    So what the user set of an object store goes with it: an executor of Spark has no luigi.cfg.
    """

    options: Mapping[str, Any] | None
    """Arguments of fsspec's filesystem; None where the files are in a folder."""

    @classmethod
    def of(cls, root: str) -> PartReader:
        """One for what is below ``root``, a folder or a URL, set up as the user has set it."""
        if "://" not in root:
            return cls(None)
        return cls(BACKENDS[checked_url(root).partition("://")[0]].options())

    @contextmanager
    def opened(self, path: str) -> Iterator[IO[bytes]]:
        """The file at ``path``, a local path or a URL.

        Raises:
            FileNotFoundError: there is none.
            StorageError: it can't be read.
        """
        if self.options is None:
            with open(path, "rb") as file:
                yield file
            return
        from hn_luigi.assets.storage.client import client_for

        with client_for(path, dict(self.options)).in_parts(path) as file:
            yield file

    def stat(self, path: str) -> Stat | None:
        """What tells whether the file at ``path`` has changed, None if there is none."""
        if self.options is None:
            folder, name = os.path.split(path)
            return Folder(folder).stat(FileKey(name))
        from hn_luigi.assets.storage.client import client_for

        return client_for(path, dict(self.options)).stat(path)
