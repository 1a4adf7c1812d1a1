"""What versions of Python and of libraries a materialization was made with."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, version


def versions_of(libraries: Iterable[str]) -> dict[str, str]:
    """The version of Python and of each of ``libraries`` that is installed, by name."""
    versions = {name: _version_of(name) for name in libraries}
    return {
        "python": platform.python_version(),
        **{name: found for name, found in versions.items() if found is not None},
    }


# Of what this process has loaded, or soon will; a later installation changes nothing about that.
# Each time it would read and parse the library's METADATA: 3 ms of CPU for two of them.
@cache
def _version_of(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None  # run from a checkout, it has none
