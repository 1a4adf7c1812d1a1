"""Files that count as code, such as queries."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hn_luigi.assets.errors import DefinitionError


def digests_of_files(cls: type, named: Sequence[str | os.PathLike[str]]) -> dict[str, str]:
    """SHA-256 in hex of the bytes of each file, by name, as they are now.

    Paths are relative to the folder of the module whose class names them, and so are the names of
    those that lie in it, so that a moved folder has the same; others go by their last part.

    Raises:
        DefinitionError: one of them can't be read.
    """
    owner = next((each for each in cls.__mro__ if "files" in vars(each)), cls)
    module = sys.modules.get(owner.__module__)
    # What is typed in, or in a notebook, is in no folder but the present one.
    folder = Path(getattr(module, "__file__", None) or "here").absolute().parent
    found: dict[str, str] = {}
    for each in named:
        path = folder / each
        name = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name
        content = hashlib.sha256(_content(cls, path, module)).hexdigest()
        found[name] = content if name not in found else f"{found[name]} {content}"
    return found


def _content(cls: type, path: Path, module: Any) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        try:  # in an archive
            data: bytes = module.__loader__.get_data(str(path))
            return data
        except (AttributeError, OSError):
            raise DefinitionError(
                f"{cls.__qualname__} names {str(path)!r} in files, as part of its code, but it "
                f"can't be read ({error.strerror}): put the file there, give its path from the "
                "folder of the class's module, or, if files means something else, rename that"
            ) from error
