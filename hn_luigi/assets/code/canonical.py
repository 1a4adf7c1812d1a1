"""A canonical form of Python code: what of a text its comments and formatting leave as it is.

The form is a stream of lines, the same under every version of Python. ``ast.dump`` is not: of one
source it differs between 3.11, 3.12 and 3.13, since it shows fields that a later version added, and
f-strings as the version at hand cuts them up.
"""

from __future__ import annotations

import ast
import hashlib
import warnings
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any


# The steps of a graph are versioned one after the other, and use the same modules, of which the
# shipped graph has 25; a tree takes 34 times the memory of its text.
@lru_cache(maxsize=32)
def parse(source: bytes) -> ast.Module | None:
    """The syntax tree of ``source``, None if it has none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an escape like "\d" was complained of at import
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def digest(tree: object) -> str:
    """SHA-256 in hex of the canonical form of ``tree``; see ``canonical``."""
    return hashlib.sha256("\n".join(canonical(tree)).encode()).hexdigest()


# Several steps may name the same modules, and what is kept of each is 64 characters.
@lru_cache(maxsize=1024)
def digest_of_text(source: bytes) -> str:
    """The digest of a whole module; of its raw bytes if they are no Python."""
    tree = parse(source)
    return digest(source if tree is None else tree)


def canonical(tree: object) -> Iterator[str]:
    """The lines of ``tree``: a node, a constant, or a sequence of trees.

    Every group is closed by a line of its own and no constant spans two lines, so that
    different trees have different lines. Without recursion: a sum of 2,000 terms is as deep.
    """
    pending = [tree]
    while pending:
        item = pending.pop()
        if item is _END:
            yield ")"
        elif isinstance(item, ast.AST):
            yield f"({type(item).__name__}"
            pending += [_END, *reversed(fields(item))]
        elif isinstance(item, (list, tuple)):
            yield "("
            pending += [_END, *reversed(item)]
        else:
            # as hex, since Python refuses to write an int of more than 4,300 digits
            text = hex(item) if type(item) is int else ascii(item)
            yield f"{type(item).__name__} {text}"


def nodes(tree: object) -> Iterator[ast.AST]:
    """Every node of ``tree``; see ``canonical``."""
    if isinstance(tree, ast.AST):
        yield from ast.walk(tree)
    elif isinstance(tree, (list, tuple)):
        for item in tree:
            yield from nodes(item)


def fields(node: ast.AST) -> list[tuple[str, Any]]:
    """What ``node`` consists of, by name; what is empty is left out, as older versions do."""
    found = {name: value for name, value in ast.iter_fields(node) if name not in _SILENT}
    if isinstance(node, ast.JoinedStr):
        found["values"] = _merged(node.values)
    elif isinstance(node, ast.FormattedValue) and isinstance(node.format_spec, ast.JoinedStr):
        found["format_spec"] = _merged(node.format_spec.values)
    elif isinstance(node, ast.Delete):  # formatters write ``del (a, b)`` as ``del a, b``
        found["targets"] = [part for target in node.targets for part in _unpacked(target)]
    for name, value in found.items():
        if isinstance(value, list):
            found[name] = [item for item in value if not _is_idle(item)]
    keep = isinstance(node, (ast.Constant, ast.MatchSingleton))
    return sorted((name, value) for name, value in found.items() if value or keep)


_END = object()
_SILENT = {"ctx", "kind", "type_comment", "type_ignores"}


def _merged(values: Iterable[ast.expr]) -> list[object]:
    """The parts of an f-string, with all text between two replacement fields as one constant."""
    parts: list[object] = []
    for value in values:
        text = value.value if isinstance(value, ast.Constant) else None
        if not isinstance(text, str):
            parts.append(value)
        elif parts and isinstance(parts[-1], str):
            parts[-1] += text
        elif text:
            parts.append(text)
    return parts


def _unpacked(target: ast.expr) -> list[ast.expr]:
    return target.elts if isinstance(target, ast.Tuple) else [target]


def _is_idle(item: object) -> bool:
    """Whether ``item`` is a statement that does nothing, such as a docstring."""
    bare = isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant)
    return bare or isinstance(item, ast.Pass)
