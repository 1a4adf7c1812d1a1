"""Source texts, as they were when their modules were loaded.

Reading is all that is done here: nothing is parsed, and no module is imported for it but the
packages that the name of a declared one leads through.
"""

from __future__ import annotations

import linecache
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from itertools import takewhile
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
    package: str = ""
    """What relative imports in it start from; empty in a module that is in no package."""

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
    return Text(cls.__qualname__, _source(cls.__module__, file), _package_of(cls.__module__))


def text_of_function(function: FunctionType) -> Text:
    """The text of the module, or of the notebook's cell, that the function was written in."""
    file, code = function.__globals__.get("__file__"), function.__code__
    if file is None or code.co_filename.startswith("<"):  # made by exec, or typed in
        file = None if code.co_filename == "<string>" else code.co_filename
    return Text(code.co_qualname, _source(str(function.__globals__.get("__name__")), file))


def text_of_module(name: str) -> Text | None:
    """The text of the module of that name, None if there is no such module.

    Nothing is imported for it: what ``compute`` imports late may take long, or have effects. What
    isn't loaded keeps the text of the first time it was asked for; if it was edited before it was
    loaded, that is older than what ran, which costs a remake, and never newer.
    """
    module = sys.modules.get(name)
    if isinstance(module, ModuleType):
        return Text(name, _source(name, getattr(module, "__file__", None)), _package_of(name))
    spec = _spec(name)
    if spec is None:
        return None
    file, source = (spec.origin if spec.has_location else None), None
    if file is not None:
        source = _ahead.get((name, file))
        if source is None:
            source = _read(file, {"__name__": name, "__loader__": spec.loader})
            _ahead[name, file] = source
    return Text(name, source, spec.parent or "")


def note_loaded(package: str) -> None:
    """Read the texts of the modules of ``package`` that are loaded, if that wasn't done yet.

    Which of them count is known only when texts are parsed, by when they may have been edited.
    """
    state = (sys.modules.get(package), len(sys.modules))
    if _noted.get(package) == state:
        return  # by the class before: a look at 1,200 names takes 0.1 ms
    _noted[package] = state
    for name, module in list(sys.modules.items()):
        if name.startswith(package) and is_in(name, package) and not is_layers(name):
            file = getattr(module, "__file__", None)
            if isinstance(file, str) and file.endswith(".py"):
                _source(name, file)


def is_in(module: str, package: str) -> bool:
    """Whether the module of that name is ``package``, or in it."""
    return module == package or module.startswith(f"{package}.")


def is_layers(module: str) -> bool:
    """Whether the module of that name is the layer's own, whose changes make nothing stale."""
    return is_in(module, "hn_luigi.assets")


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


def _package_of(name: str) -> str:
    """The package that relative imports in the module of that name start from."""
    module = sys.modules.get(name)
    package, file = getattr(module, "__package__", None), getattr(module, "__file__", None)
    if package or file is None or name != "__main__":
        return package or ""
    # Run as a script, a module of a package is in none; but what it makes is the same asset's.
    folders = Path(file).resolve().parents
    within = takewhile(lambda folder: (folder / "__init__.py").exists(), folders)
    return ".".join(reversed([folder.name for folder in within]))


def _spec(name: str) -> ModuleSpec | None:
    """Where a module that isn't loaded is; ``find_spec`` would import the packages it is in."""
    parent, _, last = name.rpartition(".")
    if not last.isidentifier():
        return None
    if not parent:
        return PathFinder.find_spec(name)
    loaded = sys.modules.get(parent)
    if loaded is not None:
        folders = getattr(loaded, "__path__", None)
    else:
        folders = getattr(_spec(parent), "submodule_search_locations", None)
    return None if folders is None else PathFinder.find_spec(name, folders)


_noted: dict[str, tuple[ModuleType | None, int]] = {}
"""By name, a package, and how many modules were loaded when those of it were last looked for."""
_ahead: dict[tuple[str, str], bytes | None] = {}
"""Texts by module and file, of modules that were not loaded yet when they were read."""
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
        text = _ahead.pop((name, file), None) or _read(file, vars(module))
        known = _loaded[name] = (module, spec, text)
    return known[2]


def _read(file: str, namespace: dict[str, Any]) -> bytes | None:
    try:
        with open(file, "rb") as stream:
            return stream.read()
    except OSError:  # an archive's, or a notebook's
        lines = linecache.getlines(file, namespace)
        return "".join(lines).encode(errors="surrogatepass") or None
