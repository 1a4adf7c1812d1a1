"""This machine's packages, for workers to import."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory


@contextmanager
def packed(names: Sequence[str]) -> Iterator[list[str]]:
    """A zip of each package, with all files in it, for ``SparkContext.addPyFile``.

    Python imports from a zip what is written in Python, and that alone; so libraries can't be
    shipped like that. Files are taken as they are on the disk, and not as they were imported.
    """
    with TemporaryDirectory() as folder:
        archives = []
        for name in names:
            archives.append(f"{folder}/{name}.zip")
            with zipfile.ZipFile(archives[-1], "w", zipfile.ZIP_DEFLATED) as archive:
                for path in _files_of(name):
                    archive.write(path, Path(name, path.relative_to(_folder_of(name))))
        yield archives


def _folder_of(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"there is no package {name}", name=name)
    return Path(spec.submodule_search_locations[0])


def _files_of(name: str) -> list[Path]:
    found = _folder_of(name).rglob("*")
    return sorted(path for path in found if path.is_file() and path.suffix != ".pyc")
