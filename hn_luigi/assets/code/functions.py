"""The code of functions that are handed over as values, as a format's encode and decode are.

A function is its text and what that refers to in its module, as for ``compute``, and besides
what it closes over, its defaults, what a partial gives it, and the object a method is bound to:
``csv(";")`` and ``csv(",")`` may return the same text. What is the standard library's or the
layer's own counts by its name, and so do classes of libraries.
"""

from __future__ import annotations

import hashlib
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from functools import cache, cached_property, partial
from types import CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from hn_luigi.assets.code.source import Text, is_layers, text_of_class, text_of_function


@dataclass(frozen=True)
class Written:
    """A function or a class, and the text it stands in."""

    text: Text
    code: CodeType | None = None
    """None for a class."""

    def place(self) -> object:
        """What tells it from all else, without parsing anything."""
        code = None if self.code is None else (self.code.co_firstlineno, _bytecode(self.code))
        return (self.text.name, self.text.map(_sha256), code)

    def trees(self) -> object:
        """It and what it refers to; without a text that is to be had, its bytecode or name."""
        from hn_luigi.assets.code.canonical import parse
        from hn_luigi.assets.code.reach import reach_from

        tree = self.text.map(parse)
        found = tree and reach_from(tree, self.text.name, self.code)
        return found or (self.text.name if self.code is None else _bytecode(self.code))


@dataclass(frozen=True)
class Functions:
    """The code of some functions, as it was when this was made."""

    facts: tuple[Any, ...] = field(repr=False)
    """Constants, what is ``Written``, and tuples of such."""

    @cached_property
    def sources(self) -> str:
        """SHA-256 in hex of all that the version is made from; nothing is parsed for it."""
        return _sha256(ascii(_mapped(self.facts, Written.place)).encode())

    @cached_property
    def version(self) -> str:
        """SHA-256 in hex of what the functions say, wherever that stands."""
        from hn_luigi.assets.code.canonical import digest

        return digest(_mapped(self.facts, Written.trees))


def functions(*values: object) -> Functions:
    """The code of ``values``, functions and constants."""
    return Functions(tuple(_facts(value, {}) for value in values))


def _facts(value: Any, seen: dict[int, int]) -> Any:
    """What ``value`` is, the same in every process; ``seen`` are the ids of what is around it."""
    if value is None or isinstance(value, (bool, int, float, complex, str, bytes)):
        return (_name(type(value)), ascii(value))
    if id(value) in seen:
        return ("again", seen[id(value)])
    seen = {**seen, id(value): len(seen)}
    if isinstance(value, FunctionType):
        return _facts_of_function(value, seen)
    if isinstance(value, type):
        return _facts_of_class(value)
    if isinstance(value, ModuleType):
        return ("module", value.__name__)
    if isinstance(value, Enum):
        return (_name(type(value)), value.name)
    if isinstance(value, MethodType):
        parts: Any = (value.__func__, value.__self__)
    elif isinstance(value, partial):
        parts = (value.func, value.args, value.keywords)
    elif isinstance(value, dict):
        parts = tuple(value.items())
    elif isinstance(value, (set, frozenset)):
        parts = tuple(sorted(value, key=ascii))
    elif isinstance(value, (list, tuple)):
        parts = value
    else:
        return _facts_of_object(value, seen)
    return (_name(type(value)), *(_facts(part, seen) for part in parts))


def _facts_of_function(function: FunctionType, seen: dict[int, int]) -> object:
    module, code = str(function.__globals__.get("__name__")), function.__code__
    cells = zip(code.co_freevars, function.__closure__ or (), strict=True)
    held = tuple((name, _held(cell, seen)) for name, cell in cells)  # a decorated function, too
    if _is_named(module):
        return ("named", module, code.co_qualname, held)
    defaults = (function.__defaults__, function.__kwdefaults__)
    written = Written(text_of_function(function), code)
    return (written, held, *(_facts(each, seen) for each in defaults))


def _held(cell: CellType, seen: dict[int, int]) -> object:
    try:
        return _facts(cell.cell_contents, seen)
    except ValueError:  # nothing is in it yet
        return ("empty",)


def _facts_of_class(kind: type) -> object:
    if _is_library(kind.__module__):
        return _name(kind)
    own = [each for each in kind.__mro__ if not _is_library(each.__module__)]
    return ("class", *(Written(text_of_class(each)) for each in own))


def _facts_of_object(value: Any, seen: dict[int, int]) -> object:
    """Of an object its class, and what it holds; of a library's, what it says of itself.

    What those hold may be caches, locks and connections, which differ in every process.
    """
    kind = type(value)
    if hasattr(value, "__wrapped__"):  # by lru_cache
        return (_name(kind), _facts(value.__wrapped__, seen))
    if hasattr(value, "__qualname__"):  # a function written in C, as bytes.decode is
        return ("named", ascii(getattr(value, "__module__", None)), value.__qualname__)
    if not _is_library(kind.__module__):
        names = [name for k in kind.__mro__ for name in _slots(k) if hasattr(value, name)]
        held = {**{n: getattr(value, n) for n in names}, **getattr(value, "__dict__", {})}
        return (_facts_of_class(kind), _facts(held, seen))
    said = ascii(value)  # object's own __repr__ says where it lies in memory
    return (_name(kind), "" if " at 0x" in said else said)


def _slots(kind: type) -> tuple[str, ...]:
    names = vars(kind).get("__slots__", ())
    return (names,) if isinstance(names, str) else tuple(names)


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _is_named(module: str) -> bool:
    """Whether what is in ``module`` counts by its name alone."""
    return module.partition(".")[0] in _STANDARD or is_layers(module)


def _is_library(module: str) -> bool:
    file = getattr(sys.modules.get(module), "__file__", None) or ""
    return _is_named(module) or file.startswith(_libraries())


@cache
def _libraries() -> tuple[str, ...]:
    return tuple(sysconfig.get_path(name) for name in ("purelib", "platlib"))


# By their text they would make all outputs stale at each update of Python.
_STANDARD = sys.stdlib_module_names


def _mapped(facts: Any, of_written: Callable[[Written], object]) -> object:
    if isinstance(facts, Written):
        return of_written(facts)
    return tuple(_mapped(f, of_written) for f in facts) if isinstance(facts, tuple) else facts


def _bytecode(code: CodeType) -> object:
    consts = tuple(_bytecode(c) if isinstance(c, CodeType) else ascii(c) for c in code.co_consts)
    return (code.co_code, consts, code.co_names, code.co_varnames, code.co_freevars)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
