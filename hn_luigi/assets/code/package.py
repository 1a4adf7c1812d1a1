"""What code uses of the other modules of its package, what that uses in turn, and so on.

Of each module its statements are kept as digests, with the names that they use: trees take 34
times the memory of their text, and the steps of a graph use the same modules.
"""

from __future__ import annotations

import ast
from collections import defaultdict, deque
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from hn_luigi.assets.code.canonical import digest, digest_of_text, parse
from hn_luigi.assets.code.imports import Use, chains, is_for_types, use_of, uses_within
from hn_luigi.assets.code.reach import IMPORT, Part, bound, parts
from hn_luigi.assets.code.source import is_in, is_layers, text_of_module


class _Statement(NamedTuple):
    digest: str
    names: set[str]
    """What it looks up in its module, with dots."""
    uses: set[Use]
    """What it uses of what it imports itself."""
    brings: ast.Import | ast.ImportFrom | None = None
    """The import that it is."""
    is_for_types: bool = False


class _Outline(NamedTuple):
    """The statements of a module, and which of them bind a name."""

    statements: list[_Statement]
    bound: dict[str, list[int]]


def followed(uses: Iterable[Use], package: str) -> dict[str, str]:
    """Versions of what ``uses`` lead to in ``package``, by the names of its modules.

    All modules are there that had to be looked into. One that is used as a value counts with all
    that is in it; one that is no Python, such as a compiled one, by its bytes.
    """
    taken: defaultdict[str, set[int]] = defaultdict(set)
    outlines: dict[str, _Outline] = {}
    pending = deque(sorted(uses))
    seen: set[Use] = set()
    while pending:
        use = pending.popleft()
        module, dotted = use
        if use in seen or not is_in(module, package) or is_layers(module):
            continue
        seen.add(use)
        text = text_of_module(module)
        if text is None:
            continue
        outline = outlines[module] = _outline(text.source, text.package)
        name, _, rest = dotted.partition(".")
        if name and name not in outline.bound and text_of_module(f"{module}.{name}"):
            pending.append(Use(f"{module}.{name}", rest))
            continue
        for i in _binding(outline, name):
            found = outline.statements[i]
            if found.brings and name:
                pending.append(use_of(found.brings, dotted, text.package))
            if i in taken[module]:
                continue
            taken[module].add(i)
            pending += sorted(found.uses)
            inside = sorted(n for n in found.names if _is_bound(outline, n))
            pending += [Use(module, each) for each in inside]
            if found.is_for_types:
                pending.append(Use(module, "__getattr__"))
    return {
        module: digest([outlines[module].statements[i].digest for i in sorted(taken[module])])
        for module in outlines
    }


def _binding(outline: _Outline, name: str) -> Iterable[int]:
    """The statements that bind ``name``, or may: all of them make up the module itself."""
    if not name:
        return range(len(outline.statements))
    of_all = (*outline.bound.get("*", ()), *outline.bound.get("__getattr__", ()))
    return outline.bound.get(name, of_all)


def _is_bound(outline: _Outline, dotted: str) -> bool:
    return dotted.partition(".")[0] in outline.bound or "*" in outline.bound


@lru_cache(maxsize=1024)
def _outline(source: bytes | None, package: str) -> _Outline:
    if source is None:
        return _Outline([], {})
    tree = parse(source)
    if tree is None:
        return _Outline([_Statement(digest_of_text(source), set(), set())], {"*": [0]})
    found = [_without_settings(part) for part in parts(tree.body)]
    # Names for type checkers alone are no code, but where they say what __getattr__ brings.
    brings_late = any("__getattr__" in bound(node) for _, node in found)
    outline = _Outline([], {})
    for around, node in found:
        brings = node if isinstance(node, IMPORT) else None
        for_types = brings is not None and is_for_types(around)
        if for_types and not brings_late:
            continue
        for name in bound(node):
            outline.bound.setdefault(name, []).append(len(outline.statements))
        uses = uses_within(node, package) if brings is None else set()
        part = (around, node)
        outline.statements.append(_Statement(digest(part), chains(part), uses, brings, for_types))
    return outline


def _without_settings(part: Part) -> Part:
    """``part``; of a ``luigi.Config`` without its parameters, whose values count as settings."""
    around, node = part
    if not isinstance(node, ast.ClassDef):
        return part
    bases = {getattr(base, "attr", getattr(base, "id", "")) for base in node.bases}
    if "Config" not in bases:
        return part
    kept = [each for each in node.body if not isinstance(getattr(each, "value", None), ast.Call)]
    settings = ast.ClassDef(**{**dict(ast.iter_fields(node)), "body": kept})
    return around, ast.copy_location(settings, node)
