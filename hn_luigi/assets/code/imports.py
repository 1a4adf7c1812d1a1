"""Imports: which name of which module is used, where code uses what an import brings."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from copy import copy
from importlib.util import resolve_name
from typing import Any, NamedTuple


class Use(NamedTuple):
    """A use of ``mypkg.helpers.clean``: what is used, and the module to look for it in."""

    module: str
    name: str
    """With dots, such as ``Table.rows``; empty for the module itself, as in ``show(helpers)``."""


def use_of(node: ast.Import | ast.ImportFrom, dotted: str, package: str) -> Use:
    """What ``dotted``, such as ``h.clean``, names, where the one alias of ``node`` binds ``h``.

    Relative imports start from ``package``; one that leads out of it is a use of no module.
    """
    [alias] = node.names
    first, _, rest = dotted.partition(".")
    if isinstance(node, ast.Import):
        return Use(alias.name, rest) if alias.asname else Use(first, rest)
    try:
        module = resolve_name("." * node.level + (node.module or ""), package)
    except ImportError:
        return Use("", dotted)
    if alias.name == "*":
        return Use(module, dotted)
    return Use(module, f"{alias.name}.{rest}" if rest else alias.name)


def uses_within(tree: object, package: str) -> set[Use]:
    """What ``tree`` uses of what is imported within it, as in the body of a function."""
    used, imports = _looked_up(tree)
    return {
        use_of(node, dotted, package)
        for each in imports
        for name, node in _by_name(each)
        for dotted in used
        if dotted.partition(".")[0] == name
    }


def is_for_types(around: Sequence[Any]) -> bool:
    """Whether what stands in the blocks with these headers is seen by type checkers alone."""
    tests = [header[0][1] for kind, block, header in around if (kind, block) == ("If", "body")]
    return any(getattr(t, "id", getattr(t, "attr", "")) == "TYPE_CHECKING" for t in tests)


def chains(tree: object) -> set[str]:
    """The names that ``tree`` looks up, each with the attributes that are taken of it."""
    return _looked_up(tree)[0]


def _looked_up(tree: object) -> tuple[set[str], list[ast.Import | ast.ImportFrom]]:
    """Those, and the imports in ``tree``: one walk is a third of what all this takes."""
    found: set[str] = set()
    imports: list[ast.Import | ast.ImportFrom] = []
    pending: list[object] = [tree]
    while pending:
        node = pending.pop()
        attributes: list[str] = []
        while isinstance(node, ast.Attribute):
            attributes.append(node.attr)
            node = node.value
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load):
                found.add(".".join([node.id, *reversed(attributes)]))
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            imports.append(node)
        elif isinstance(node, ast.AST):
            pending += ast.iter_child_nodes(node)
            if isinstance(node, (ast.Global, ast.Nonlocal)):
                found.update(node.names)
        elif isinstance(node, (list, tuple)):
            pending += node
    return found, imports


def _by_name(
    node: ast.Import | ast.ImportFrom,
) -> Iterator[tuple[str, ast.Import | ast.ImportFrom]]:
    """The names that an import binds, each with an import of it alone."""
    for alias in node.names:
        one = copy(node)
        one.names = [alias]
        yield alias.asname or alias.name.partition(".")[0], one
