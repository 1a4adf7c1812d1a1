"""What a class's code refers to in its own module, what that refers to in turn, and so on.

Names are followed as they are written: a local variable that shares its name with a function
of the module pulls that function in. What is found may so be a statement too many, which
costs a remake; what is handed over by ``getattr`` or in a container isn't seen.

What an import brings is not followed here, but named: see ``imports``.
"""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cache
from types import CodeType
from typing import NamedTuple, TypeAlias

from hn_luigi.assets.code.canonical import fields, nodes
from hn_luigi.assets.code.imports import Use, chains, is_for_types, use_of, uses_within

Part: TypeAlias = tuple[tuple[object, ...], object]
"""The headers of the blocks something stands in, then a statement, or the header of a block."""
Scope: TypeAlias = Mapping[str, Sequence[Part]]
"""The parts that bind each name in the body of a module, class or function, in order."""

_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
_DEFINITION = (*_FUNCTION, ast.ClassDef)
_WITH_NAMES = (*_FUNCTION, ast.Module)
"""What names are looked up in by the functions that stand in it; a class's body isn't."""
IMPORT = (ast.Import, ast.ImportFrom)
_IN_BLOCK = (ast.stmt, ast.excepthandler, ast.match_case)


@dataclass(frozen=True)
class _Place:
    """Where a definition stands."""

    part: Part
    body: Scope
    around: tuple[Scope, ...]
    """The bodies of the functions it stands in, from the innermost, and of its module."""


class Reached(NamedTuple):
    """What a name refers to: in its own module as trees, and in others by name."""

    trees: list[object]
    uses: set[Use]


def reach(
    classes: Iterable[tuple[ast.Module, str, str]], start: str, *, ignored: Collection[str]
) -> Reached:
    """What defines ``start`` in ``classes``, and everything it refers to.

    Classes are given by their module, qualified name and package, in method resolution order. An
    attribute of whatever object refers to what has its name in the bodies of ``classes``,
    unless it is among ``ignored``; the rest of those bodies doesn't count. A class that no
    statement of its module makes counts as that whole module.
    """
    scope_of = cache(_scope)
    found: list[object] = []
    places: list[_Place] = []
    uses: set[Use] = set()
    packages: dict[int, str] = {}
    for module, qualname, package in classes:
        here = _places(module, qualname, scope_of)
        places += here
        packages[id(scope_of(module))] = package
        if not here:
            found.append(module)
            uses |= uses_within(module, package)
    seen = {id(place.part) for place in places}
    pending = deque(((place.body, *place.around), start) for place in places)
    for scopes, (around, node), name in _follow(pending, found, seen, places, ignored):
        package = packages[id(scopes[-1])]
        if not isinstance(node, IMPORT):
            uses |= uses_within(node, package)
        elif not is_for_types(around):
            uses.add(use_of(node, name, package))
    return Reached(found, uses)


def reach_from(module: ast.Module, qualname: str, code: CodeType | None) -> list[object]:
    """A function or, without ``code``, a class of ``module``, and everything it refers to.

    Nothing if it isn't there, as where another text has taken the place of the loaded one.
    """
    meant = [each for each in _definitions(module) if _is_meant(*each, qualname, code)]
    found: list[object] = []
    for node, around in meant[-1:]:  # the innermost of lambdas that end together
        scopes = tuple(_scope(each) for each in reversed(around) if isinstance(each, _WITH_NAMES))
        found.append(((), node))
        deque(_follow(deque(_lookups(scopes, chains(node))), found, set(), (), ()), maxlen=0)
    return found


def _follow(
    pending: deque[tuple[tuple[Scope, ...], str]],
    found: list[object],
    seen: set[int],
    places: Sequence[_Place],
    ignored: Collection[str],
) -> Iterator[tuple[tuple[Scope, ...], Part, str]]:
    """Add to ``found`` what binds the ``pending`` names, and what that refers to in turn.

    Yields each part with the scopes and the dotted name by which it was found; an import as often
    as it is used.
    """
    bodies = {id(place.body) for place in places}
    while pending:
        scopes, dotted = pending.popleft()
        name = dotted.partition(".")[0]
        in_class = id(scopes[0]) in bodies
        if in_class and name in ignored:
            continue
        for part in scopes[0].get(name) or scopes[0].get("*", ()):
            if id(part) not in seen or isinstance(part[1], IMPORT):
                yield scopes, part, dotted
            if id(part) in seen:
                continue
            seen.add(id(part))
            found.append(part)
            now, later = _evaluated(part)
            pending += _lookups(scopes, chains(now))
            pending += _lookups(scopes[1:] if in_class else scopes, chains(later))
            attributes = {node.attr for node in nodes(part) if isinstance(node, ast.Attribute)}
            for place in places:
                pending += [((place.body, *place.around), name) for name in sorted(attributes)]


def _definitions(module: ast.Module) -> Iterator[tuple[ast.AST, tuple[ast.AST, ...]]]:
    """The functions, lambdas and classes of ``module``, each with what it stands in, outermost
    first, the module included."""
    pending: list[tuple[ast.AST, tuple[ast.AST, ...]]] = [(module, ())]
    while pending:
        node, around = pending.pop()
        if isinstance(node, (*_DEFINITION, ast.Lambda)):
            yield node, around
        inside = (*around, node) if isinstance(node, (*_DEFINITION, ast.Module)) else around
        pending += [(child, inside) for child in reversed(list(ast.iter_child_nodes(node)))]


def _is_meant(
    node: ast.AST, around: Sequence[ast.AST], qualname: str, code: CodeType | None
) -> bool:
    if code is None:
        names = [n.name for n in around if isinstance(n, _DEFINITION)]
        path = qualname.replace(".<locals>", "").split(".")
        return isinstance(node, ast.ClassDef) and [*names, node.name] == path
    if isinstance(node, ast.Lambda):
        return code.co_name == "<lambda>" and _holds(node, code)
    if not isinstance(node, _FUNCTION) or node.name != code.co_name:
        return False
    return code.co_firstlineno == min([node.lineno, *(d.lineno for d in node.decorator_list)])


def _holds(node: ast.Lambda, code: CodeType) -> bool:
    """Whether ``code`` is that of the lambda, of which a line may have several."""
    if node.lineno != code.co_firstlineno:
        return False
    body = node.body
    first, last = (body.lineno, body.col_offset), (body.end_lineno, body.end_col_offset)
    spans = [((at, col), (end, stop)) for at, end, col, stop in code.co_positions() if stop]
    return all(first <= begins and ends <= last for begins, ends in spans) and any(
        begins == first or ends == last for begins, ends in spans
    )


def _lookups(scopes: tuple[Scope, ...], names: set[str]) -> list[tuple[tuple[Scope, ...], str]]:
    return [(scopes[i:], name) for name in sorted(names) for i in range(len(scopes))]


def _places(
    module: ast.Module, qualname: str, scope_of: Callable[[ast.AST], Scope]
) -> list[_Place]:
    """The class statements of that qualified name."""
    found = [_Place(((), module), scope_of(module), ())]
    for name in qualname.replace(".<locals>", "").split("."):
        found = [
            _Place(part, scope_of(part[1]), _scopes_within(place))
            for place in found
            for part in place.body.get(name, ())
            if isinstance(part[1], _DEFINITION)
        ]
    return [place for place in found if isinstance(place.part[1], ast.ClassDef)]


def _scopes_within(place: _Place) -> tuple[Scope, ...]:
    """Where functions in the body of ``place`` look names up: in a class's body they don't."""
    in_class = isinstance(place.part[1], ast.ClassDef)
    return place.around if in_class else (place.body, *place.around)


def _scope(node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> Scope:
    scope: dict[str, list[Part]] = {}
    for part in parts(node.body):
        for name in bound(part[1]):
            scope.setdefault(name, []).append(part)
    return scope


def parts(body: Sequence[ast.AST]) -> Iterator[Part]:
    """The statements of ``body`` and of the blocks in it; imports name by name."""
    pending: list[tuple[tuple[object, ...], ast.AST]] = []
    pending += [((), node) for node in reversed(body)]
    while pending:
        around, node = pending.pop()
        blocks: list[tuple[str, list[ast.AST]]] = []
        header: list[tuple[str, object]] = []
        for name, value in fields(node):
            is_block = isinstance(value, list) and isinstance(value[0], _IN_BLOCK)
            (blocks if is_block else header).append((name, value))
        if isinstance(node, IMPORT):
            for alias in node.names:
                one = copy(node)
                one.names = [alias]
                yield around, one
        elif isinstance(node, _DEFINITION) or not blocks:
            yield around, node
        else:
            yield around, header
            for name, block in reversed(blocks):
                within = (*around, (type(node).__name__, name, header))
                pending += [(within, inner) for inner in reversed(block)]


def bound(tree: object) -> set[str]:
    """The names that ``tree`` binds or, as ``NAMES.update(more)`` does, may change."""
    if isinstance(tree, _DEFINITION):
        return {tree.name}
    if isinstance(tree, IMPORT):
        return {alias.asname or alias.name.partition(".")[0] for alias in tree.names}
    changed = tree if isinstance(tree, ast.Expr) else _targets(tree)
    stored = {n for n in nodes(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return {n.id for n in {*stored, *nodes(changed)} if isinstance(n, ast.Name)}


def _targets(tree: object) -> list[object]:
    return [*getattr(tree, "targets", []), getattr(tree, "target", None)]


def _evaluated(part: Part) -> tuple[object, object]:
    """What of ``part`` is evaluated where it stands, and what when it is called."""
    around, node = part
    if not isinstance(node, _FUNCTION):
        return part, ()
    return (around, [value for name, value in fields(node) if name != "body"]), node.body
