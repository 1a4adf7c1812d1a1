"""What pages of a class are drawn by: when that changes, they are drawn anew."""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path

from hn_luigi.assets import Asset

_OTHERS = frozenset({"luigi", *sys.stdlib_module_names})
_SUFFIXES = frozenset({".css", ".html", ".py"})


@cache
def look_of(kind: type[Asset]) -> str:
    """A hash of all code that may show what ``kind`` makes: of hn_luigi, and of its own package.

    Of a class in a module without a package that is what lies beside it. More than ``view()`` uses,
    and nothing of what is installed beside: a page that is drawn anew in vain is a fifth of a
    second, and isn't replaced if it comes out the same.
    """
    names = {each.__module__.partition(".")[0] for each in kind.__mro__} | {"hn_luigi"}
    told = [version("markdown-it-py"), *map(_hash_of, sorted(names - _OTHERS))]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


@cache
def _hash_of(name: str) -> str:
    """Of what is in the files of a package, or beside a module."""
    file = getattr(sys.modules.get(name), "__file__", None)
    if file is None:  # typed in
        return name
    path = Path(file)
    found = path.parent.rglob("*") if path.stem == "__init__" else path.parent.glob("*")
    digest = hashlib.sha256()
    for each in sorted(found):
        if each.suffix in _SUFFIXES and each.is_file():
            digest.update(each.name.encode())
            digest.update(each.read_bytes())
    return digest.hexdigest()
