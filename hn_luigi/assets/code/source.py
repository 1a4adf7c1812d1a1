"""Source texts, as they were when their modules were loaded.

Reading is all that is done here: nothing is parsed, and no module is imported for it but the
packages that a name leads through.
"""

from __future__ import annotations

import linecache
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, TypeVar

from hn_luigi.assets.errors import DefinitionError

T = TypeVar("T")


@dataclass(frozen=True)
class Text:
    """A source text as it was read."""

    name: str
    """Of the class it defines, or of the module it is."""
    source: bytes | None = field(repr=False)
    """None where it can't be had, as for what is typed into an interpreter."""

    def map(self, function: Callable[[bytes], T]) -> T | None:
        """What ``function`` makes of the source, None without one."""
        return None if self.source is None else function(self.source)


def text_of_class(cls: type) -> Text:
    """The text of the module, or of the notebook's cell, that the class statement stands in."""
    codes = (getattr(value, "__code__", None) for value in vars(cls).values())
    names = [code.co_filename for code in codes if code]
    file = getattr(sys.modules.get(cls.__module__), "__file__", None)
    cell = next((n for n in names if file is None or n.startswith("<")), None)
    if cell not in (None, "<string>"):  # whatever was executed last goes by that name
        file = cell
    return Text(cls.__qualname__, _source(cls.__module__, file))


def text_of_function(function: FunctionType) -> Text:
    """The text of the module, or of the notebook's cell, that the function was written in."""
    file, code = function.__globals__.get("__file__"), function.__code__
    if file is None or code.co_filename.startswith("<"):  # made by exec, or typed in
        file = None if code.co_filename == "<string>" else code.co_filename
    return Text(code.co_qualname, _source(str(function.__globals__.get("__name__")), file))


def texts_of_modules(cls: type, modules: Sequence[ModuleType | str]) -> list[Text]:
    """The texts of ``modules``, packages with all that is in them, in the order of their names.

    The own module of ``cls`` goes without a name: run as a script, it has another one.

    Raises:
        DefinitionError: one of them doesn't exist.
    """
    own = getattr(sys.modules.get(cls.__module__), "__file__", None)
    files: dict[str, str | None] = {}
    for module in modules:
        files.update(_files(*_locate(cls, module)))
    texts = [
        Text("" if file is not None and file == own else name, _source(name, file))
        for name, file in files.items()
    ]
    return sorted(texts, key=lambda text: text.name)


def _locate(cls: type, module: ModuleType | str) -> tuple[str, str | None, Sequence[str]]:
    """Name, file and folders of ``module``; only a package has folders."""
    loaded = sys.modules.get(module) if isinstance(module, str) else module
    if isinstance(loaded, ModuleType):
        file, folders = getattr(loaded, "__file__", None), getattr(loaded, "__path__", ())
        return loaded.__name__, file, list(folders)
    try:
        spec = find_spec(str(module))
    except (ImportError, ValueError) as error:
        raise _unknown(cls, module) from error
    if spec is None:
        raise _unknown(cls, module)
    file = spec.origin if spec.has_location else None
    return spec.name, file, spec.submodule_search_locations or []


def _unknown(cls: type, module: object) -> DefinitionError:
    return DefinitionError(
        f"{cls.__qualname__} names {module!r} as part of its code, but there is no such module; "
        "give a tuple of modules or of their full dotted names"
    )


def _files(name: str, file: str | None, folders: Sequence[str]) -> Iterator[tuple[str, str | None]]:
    """Name and file of a module and of the modules in its folders, whether loaded or not."""
    yield name, file
    for root in folders:
        for folder, inner, files in os.walk(root):
            inner[:] = [each for each in inner if each.isidentifier() and each != "__pycache__"]
            package = [name, *Path(folder).relative_to(root).parts]
            for stem, suffix in map(os.path.splitext, files):
                if suffix == ".py" and stem.isidentifier():
                    parts = package if stem == "__init__" else [*package, stem]
                    yield ".".join(parts), os.path.join(folder, stem + suffix)


_loaded: dict[str, tuple[ModuleType, object, bytes | None]] = {}
"""What loaded modules were loaded from: by name, the module, its ``__spec__`` and the text."""


def _source(name: str, file: str | None) -> bytes | None:
    """The text of ``file``, where the module of that name is.

    If that module is loaded, it is the text of the first time it was asked for since then;
    ``importlib.reload`` gives the module a new ``__spec__``.
    """
    module = sys.modules.get(name)
    if file is None or module is None or getattr(module, "__file__", None) != file:
        return None if file is None else _read(file, {} if module is None else vars(module))
    spec = getattr(module, "__spec__", None)
    known = _loaded.get(name)
    if known is None or known[0] is not module or known[1] is not spec:
        known = _loaded[name] = (module, spec, _read(file, vars(module)))
    return known[2]


def _read(file: str, namespace: dict[str, Any]) -> bytes | None:
    try:
        with open(file, "rb") as stream:
            return stream.read()
    except OSError:  # an archive's, or a notebook's
        lines = linecache.getlines(file, namespace)
        return "".join(lines).encode(errors="surrogatepass") or None
